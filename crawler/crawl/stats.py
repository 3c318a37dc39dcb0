"""The numbers that a crawl counts in Scrapy's statistics, for the log and the run file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class CrawlStats:
    """Names under `khobor/`; the statistics are looked up at each call, as spiders are made before them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    def count(self, name: str, number: int = 1) -> None:
        self._crawler.stats.inc_value(f"khobor/{name}", number)

    def note(self, name: str, value: Any) -> None:
        self._crawler.stats.set_value(f"khobor/{name}", value)

    def note_highest(self, name: str, value: Any) -> None:
        self._crawler.stats.max_value(f"khobor/{name}", value)
