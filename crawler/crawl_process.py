"""The process of a crawl: Scrapy's own, to which a signal that comes twice at once has come once."""

from __future__ import annotations

import math
import time
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess

AT_ONCE_SECONDS = 1.0


class CrawlProcess(AsyncCrawlerProcess):
    """Leaves what is under way at the second signal, as Scrapy's does, but at none that follows the first at once.

    Whoever dies by kill -9 hands its children from one of its threads to the next: each hand-over signals them.
    """

    _told = -math.inf

    def _signal_shutdown(self, signum: int, _: Any) -> None:
        self._told = time.monotonic()
        super()._signal_shutdown(signum, _)

    def _signal_kill(self, signum: int, _: Any) -> None:
        if time.monotonic() - self._told >= AT_ONCE_SECONDS:
            super()._signal_kill(signum, _)
