"""Hosts that have stopped to answer: a crawl that goes on would wait for each of its requests in vain."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import NotConfigured
from scrapy.utils.defer import deferred_from_coro

from crawler.failures import REASONS

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

REASON = "unanswered"


class Silence:
    """A downloader middleware outside of retries: ends an outlet's crawl after UNANSWERED_IN_A_ROW requests in vain."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._most = crawler.settings.getint("UNANSWERED_IN_A_ROW")
        self._in_a_row = 0
        self._closing: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise NotConfigured for what is no outlet: addresses given by hand are of many hosts."""
        if not getattr(crawler.spidercls, "allowed_domains", None):
            raise NotConfigured
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Note that somebody answers."""
        self._in_a_row = 0
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a request that nobody has answered, however often it was tried."""
        if isinstance(exception, tuple(REASONS)):
            self._in_a_row += 1
            if self._in_a_row >= self._most and self._closing is None and self.crawler.engine.spider is not None:
                logger.warning("%s: no answer to %d requests in a row, the crawl ends", request.url, self._in_a_row)
                self._closing = deferred_from_coro(self.crawler.engine.close_spider_async(reason=REASON))
