"""How a crawl ends early: once, whoever asks for it first, and what waits for its turn is not sent any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import IgnoreRequest
from scrapy.utils.defer import deferred_from_coro

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class CrawlEnds(IgnoreRequest):
    """The crawl was told to stop while the request waited for its turn."""


class Ending:
    """The extension through which others end the crawl, and which tells that it ends."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._closing: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Belong to a crawl."""
        return cls(crawler)

    def end(self, reason: str) -> bool:
        """Close the spider for a reason; return whether it is this call that does so."""
        if self._closing is not None or self.crawler.engine.spider is None:
            return False
        self._closing = deferred_from_coro(self.crawler.engine.close_spider_async(reason=reason))
        return True

    @property
    def has_begun(self) -> bool:
        """Whether the crawl ends: by `end`, or because it was told to stop."""
        return self._closing is not None or not self.crawler.crawling


def ending_of(crawler: Crawler) -> Ending:
    """Return the crawl's Ending. Raises AssertionError when it is not among the EXTENSIONS."""
    ending = crawler.get_extension(Ending)
    if ending is None:
        raise AssertionError("a crawl is ended through crawler.ending.Ending, which is not among the EXTENSIONS")
    return ending
