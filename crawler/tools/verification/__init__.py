"""Verification: what is archived, judged byte for byte against itself; nothing is changed."""
