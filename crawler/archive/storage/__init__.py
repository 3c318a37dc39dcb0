"""The archive in a bucket of any S3-compatible store."""
