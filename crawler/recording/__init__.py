"""Recording: the wire tap, the records it becomes, the growing WARC file and its index."""
