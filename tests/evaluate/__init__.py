"""The benchmark of extraction: gold articles in many page layouts, khobor and its peers side by side."""
