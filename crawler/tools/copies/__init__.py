"""Copies of one story: articles with much of the same text."""
