"""Where an outlet lists its articles: the vocabulary of an outlet's declarations."""

from crawler.sources.base import BrokenSource, Source, Visit, reach, read
from crawler.sources.feeds import Feed
from crawler.sources.sections import Section
from crawler.sources.sitemaps import DailySitemap, NewsSitemap

__all__ = [
    "BrokenSource",
    "DailySitemap",
    "Feed",
    "NewsSitemap",
    "Section",
    "Source",
    "Visit",
    "reach",
    "read",
]
