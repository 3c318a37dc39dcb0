"""The base of the components that Scrapy makes by their paths."""

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

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the crawl's extension of this class. Raises RuntimeError if EXTENSIONS lacks it."""
        extension = crawler.get_extension(cls)
        if extension is None:
            raise RuntimeError(f"EXTENSIONS lacks {cls.__module__}.{cls.__name__}: a crawl requires it")
        return extension

    def listen(self, *names: str) -> None:
        for name in names:
            self.crawler.signals.connect(getattr(self, name), getattr(signals, name))
