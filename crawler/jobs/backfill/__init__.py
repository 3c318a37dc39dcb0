"""One backfill: which days of which outlets are open, how far it has come, and what became of them."""
