"""Where an outlet lists its articles: the vocabulary of an outlet's declarations."""

from crawler.sources.base import BrokenSource, Reading, Source, Visit, days_listed, reach, read
from crawler.sources.by_day import SourceByDay
from crawler.sources.feeds import Feed
from crawler.sources.html_pages import ArchivePage, Section
from crawler.sources.json_listings import JsonListing, WordPress
from crawler.sources.sitemaps import DailySitemap, NewsSitemap
from crawler.sources.stand_ins import complaint

__all__ = [
    "ArchivePage",
    "BrokenSource",
    "DailySitemap",
    "Feed",
    "JsonListing",
    "NewsSitemap",
    "Reading",
    "Section",
    "Source",
    "SourceByDay",
    "Visit",
    "WordPress",
    "complaint",
    "days_listed",
    "reach",
    "read",
]
