"""The address patterns of the three outlets, below their prefix: what is asked for, and its parts."""

from __future__ import annotations

import re

DAY = r"(?P<day>\d{4}-\d\d-\d\d)"
SECTION = r"(?P<section>[a-z]+(?:-[a-z]+)*)"
KEY = r"(?P<key>\d+)"

ROUTES: dict[str, tuple[tuple[str, str], ...]] = {
    "daily": (
        (r"", "home"),
        (r"rss\.xml", "feed"),
        (r"news_sitemap\.xml", "news sitemap"),
        (r"sitemap\.xml", "sitemap index"),
        (rf"sitemap/sitemap-daily-{DAY}\.xml", "day sitemap"),
        (rf"print/article/{KEY}/[^/]+", "printed"),
        (rf"(?P<mobile>m/)?(?:[a-z]+/)?article/{KEY}(?:/[^/]*)?", "article"),
        (SECTION, "section"),
    ),
    "portal": (
        (r"", "home"),
        (r"feed/?", "feed"),
        (rf"feed/{SECTION}", "feed"),
        (r"news-sitemap\.xml", "news sitemap"),
        (r"sitemap\.xml", "sitemap index"),
        (rf"archive_{DAY}\.xml", "day sitemap"),
        (rf"archive/{DAY}", "day page"),
        (rf"(?:news/)?{KEY}(?:/[^/]*)?", "article"),
        (SECTION, "section"),
    ),
    "tv": (
        (r"", "home"),
        (r"feed/", "feed"),
        (rf"category/{SECTION}/feed/", "feed"),
        (r"news-sitemap\.xml", "news sitemap"),
        (r"sitemap\.xml", "sitemap index"),
        (rf"sitemap/{DAY}\.xml", "day sitemap"),
        (rf"category/{SECTION}/(?:page/(?P<page>\d+)/)?", "section"),
        (rf"(?:archives/)?{KEY}/(?:[^/]*/)?", "article"),
        (r"about-us/", "about"),
    ),
}


def route(outlet: str, rest: str) -> tuple[str, dict[str, str]] | None:
    """Return what a path below an outlet's prefix asks for, and its parts."""
    for pattern, kind in ROUTES[outlet]:
        if match := re.fullmatch(pattern, rest):
            return kind, {name: part for name, part in match.groupdict().items() if part}
    return None
