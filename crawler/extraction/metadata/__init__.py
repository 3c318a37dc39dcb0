"""Title, dates, credits and section of an article."""
