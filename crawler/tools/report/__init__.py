"""Reporting: what is kept of each outlet, day by day, for people to look at."""
