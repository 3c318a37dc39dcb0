"""One update: which outlets in which order and how far back, what became of each, and who is told."""
