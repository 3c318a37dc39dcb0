"""The index: an SQLite file with the rows and captures of an archive."""
