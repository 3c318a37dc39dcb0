"""One backfill: the open days of each outlet, the progress, and the report."""
