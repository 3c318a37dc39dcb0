"""The benchmark of extraction: known articles in many page layouts, read by khobor and its peers."""
