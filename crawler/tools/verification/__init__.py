"""Verification of an archive, byte for byte, against its own digests, indexes and manifests; nothing is changed."""
