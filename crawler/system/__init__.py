"""Locks, threads, child processes, files and terminal text."""
