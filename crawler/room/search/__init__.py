"""Search in the index, and articles by ID, day and outlet."""
