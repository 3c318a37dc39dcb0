"""Rows of the archive as CSV, JSON Lines or Parquet."""
