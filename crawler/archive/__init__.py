"""The format of the archive: names, manifests, readers and writers of records, indexes and rows."""
