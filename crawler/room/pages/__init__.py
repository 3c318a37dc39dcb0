"""The pages of the reading room, in HTML and as JSON."""
