"""Politeness: robots.txt, one request at a time to a host, and no faster than the host allows."""
