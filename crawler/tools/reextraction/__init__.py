"""Re-extraction: rows are made again from the records of an archive, without network."""
