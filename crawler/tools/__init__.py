"""Work on a finished archive."""
