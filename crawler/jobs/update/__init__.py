"""One update: the outlets, their order and days, the outcome of each, and the report."""
