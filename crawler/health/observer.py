"""The extension that notes how a crawl's hosts answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from scrapy import signals

from crawler.health.facts import ANSWERED, LATENCY, bound_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class Observer:
    """Counts how long answers take, and notes when the last one came."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to answers."""
        observer = cls(crawler)
        crawler.signals.connect(observer.response_received, signals.response_received)
        return observer

    def response_received(self, response: Response, request: Request) -> None:
        """Count an answer."""
        self._stats.set_value(ANSWERED, time.time())
        latency = request.meta.get("download_latency")
        if latency is not None:
            self._stats.inc_value(f"{LATENCY}{bound_of(latency)}")
