"""The facts of a run, and whether its outlet is healthy."""
