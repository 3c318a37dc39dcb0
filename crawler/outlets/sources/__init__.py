"""The sources that an outlet declares: feeds, sitemaps, section pages, archives and JSON lists."""

from crawler.outlets.signs import complaint
from crawler.outlets.sources.base import BrokenSource, NewestArticles, Reading, Source, Visit, days_listed, reach, read
from crawler.outlets.sources.by_day import SourceByDay
from crawler.outlets.sources.feeds import Feed
from crawler.outlets.sources.html_pages import ArchivePage, Section
from crawler.outlets.sources.json_listings import GraphQL, JsonListing, JsonSection, ScriptSection, WordPress
from crawler.outlets.sources.sitemaps import DailySitemap, NewsSitemap

__all__ = [
    "ArchivePage",
    "BrokenSource",
    "DailySitemap",
    "Feed",
    "GraphQL",
    "JsonListing",
    "JsonSection",
    "NewestArticles",
    "NewsSitemap",
    "Reading",
    "ScriptSection",
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
