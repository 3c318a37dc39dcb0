"""The base of the components that Scrapy makes by their paths and the statistics of spiders."""

from __future__ import annotations

from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler


class Component:
    """Holds the crawler; the constructor may raise NotConfigured."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the crawl's extension of this class. Raises RuntimeError if EXTENSIONS lacks it."""
        extension = crawler.get_extension(cls)
        if extension is None:
            raise RuntimeError(f"EXTENSIONS lacks {cls.__module__}.{cls.__name__}: a crawl requires it")
        return extension

    def listen(self, *names: str) -> None:
        """Connect signals of Scrapy to the methods of the same names."""
        for name in names:
            self.crawler.signals.connect(getattr(self, name), getattr(signals, name))


class CrawlStats:
    """Numbers under `khobor/`; the statistics are looked up at each call, as spiders are made before them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    def count(self, name: str, number: int = 1) -> None:
        self._crawler.stats.inc_value(f"khobor/{name}", number)

    def note(self, name: str, value: Any) -> None:
        self._crawler.stats.set_value(f"khobor/{name}", value)

    def note_highest(self, name: str, value: Any) -> None:
        self._crawler.stats.max_value(f"khobor/{name}", value)
