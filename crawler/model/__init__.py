"""The values that every package shares: articles, listings, captures, addresses, exit codes."""
