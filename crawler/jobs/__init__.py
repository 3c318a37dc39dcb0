"""Runs of many crawls: updates, backfills and their child processes."""
