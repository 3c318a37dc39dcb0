"""Rebuilding state from the archive, so that nothing is fetched twice."""
