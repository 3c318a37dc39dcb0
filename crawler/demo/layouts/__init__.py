"""The pages of articles and sections in the three publishing systems, one module each."""
