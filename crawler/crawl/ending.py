"""How a crawl ends early: once, whoever asks for it first, and what waits for its turn is not sent any more.

Hosts that have stopped answering: a crawl that goes on would wait for each of its requests in vain."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, NotConfigured, ResponseDataLossError
from scrapy.utils.defer import deferred_from_coro

from crawler.model.failures import REASONS

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


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
        raise AssertionError("a crawl is ended through crawler.crawl.ending.Ending, which is not among the EXTENSIONS")
    return ending


logger = logging.getLogger(__name__)
REASON = "unanswered"
ANSWERED = (DownloadCancelledError, ResponseDataLossError)


class Silence:
    """A downloader middleware next to the downloader: ends an outlet's crawl when nobody answers any more.

    That is so when UNANSWERED_IN_A_ROW addresses were asked in vain since the last answer, however often each was
    tried. An answer is whatever a host sends, one that is cut short or too large included.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._most = crawler.settings.getint("UNANSWERED_IN_A_ROW")
        self._unanswered: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise NotConfigured for what is no outlet: addresses given by hand are of many hosts."""
        if not getattr(crawler.spidercls, "allowed_domains", None):
            raise NotConfigured
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Note that somebody answers."""
        self._unanswered.clear()
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note a request that nobody has answered."""
        if isinstance(exception, ANSWERED):
            self._unanswered.clear()
        elif isinstance(exception, tuple(REASONS)):
            self._unanswered.add(request.url)
            if len(self._unanswered) >= self._most and ending_of(self.crawler).end(REASON):
                logger.warning("no answer to the last %d addresses asked, the crawl ends", len(self._unanswered))
