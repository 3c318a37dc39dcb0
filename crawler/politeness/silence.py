"""Hosts that have stopped answering: a crawl that goes on would wait for each of its requests in vain."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DownloadCancelledError, NotConfigured, ResponseDataLossError

from crawler.ending import ending_of
from crawler.failures import REASONS

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

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
