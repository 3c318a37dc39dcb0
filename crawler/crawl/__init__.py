"""One crawl: the spider, discovery, pipelines, politeness, health and revisits."""
