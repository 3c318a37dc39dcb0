"""Later requests for archived articles: conditional requests, revisits and lost articles."""
