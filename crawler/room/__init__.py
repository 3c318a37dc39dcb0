"""The reading room: an archive in a browser, to search, read, compare and replay."""
