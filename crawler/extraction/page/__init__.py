"""A page before extraction: decoding, the tree, page data and limits."""
