"""The three publishing systems' pages: how articles and sections look on each outlet."""
