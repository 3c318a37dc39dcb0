"""The base of the components that Scrapy makes by their paths."""

from __future__ import annotations

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler


class Component:
    """Holds the crawler; the constructor may raise NotConfigured."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def listen(self, *names: str) -> None:
        """Connect signals of Scrapy to the methods of the same names."""
        for name in names:
            self.crawler.signals.connect(getattr(self, name), getattr(signals, name))
