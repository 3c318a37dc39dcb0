"""The candidates for the text of an article."""
