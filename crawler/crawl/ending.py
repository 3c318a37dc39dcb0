"""How a crawl ends early, once, whoever ends it first: requests that wait for their turn are not sent."""

import logging
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.utils.defer import deferred_from_coro

from crawler.crawl.component import Component
from crawler.crawl.settings import Pace
from crawler.model.failures import SILENT, reason_of
from crawler.recording.downloads import is_resource

logger = logging.getLogger(__name__)
REASON, RECORDING_FAILED = "unanswered", "recording_failed"
recording_fails = object()
# Reasons of failures after the beginning of an answer.
ANSWERED = frozenset({"too-large", "cut-short"})


class CrawlEnds(IgnoreRequest):
    """The crawl was stopped while the request waited for its turn."""


class Ending(Component):
    _closing: Any = None

    def end(self, reason: str) -> bool:
        """Close the spider for a reason; return whether this call did so."""
        if reason == RECORDING_FAILED:
            self.crawler.signals.send_catch_log(recording_fails)
        if self._closing is not None or self.crawler.engine.spider is None:
            return False
        self._closing = deferred_from_coro(self.crawler.engine.close_spider_async(reason=reason))
        return True

    @property
    def has_begun(self) -> bool:
        # The shell of Scrapy has an engine that runs, but no crawl.
        return self._closing is not None or not (self.crawler.engine and self.crawler.engine.running)


class Silence(Component):
    """The downloader middleware next to the downloader: ends an outlet's crawl when no host answers any more.

    It counts the addresses requested since the last answer, each once. A response that is cut short is an answer. Page
    resources do not count.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if not getattr(crawler.spidercls, "allowed_domains", None):
            raise NotConfigured  # addresses given by hand are of many hosts
        self._most = Pace.from_settings(crawler.settings).unanswered
        self._unanswered: set[str] = set()

    def process_response(self, request: Request, response: Response) -> Response:
        if not is_resource(request):
            self._unanswered.clear()
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        reason = reason_of(exception)
        if is_resource(request):
            return
        if reason in ANSWERED:
            self._unanswered.clear()
        elif reason in SILENT:
            self._unanswered.add(request.url)
            if len(self._unanswered) >= self._most and Ending.of(self.crawler).end(REASON):
                logger.warning("no answer to the last %d requested addresses, the crawl ends", len(self._unanswered))
