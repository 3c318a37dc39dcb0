"""How a crawl finds articles: sources, days, known articles and the health of sources."""
