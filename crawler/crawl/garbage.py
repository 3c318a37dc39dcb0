"""Collecting what failed requests leave behind: Python decides by the number of objects, not by their bytes."""

import gc

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.crawl.component import Component

# A collection takes a few milliseconds.
BYTES = 32 << 20


class Garbage(Component):
    """Collects it after each BYTES of bodies, sent and decoded.

    The tracebacks of failures hold bodies, in cycles of references.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._bytes = 0
        self.listen("response_downloaded", "response_received")

    def response_downloaded(self, response: Response, request: Request) -> None:
        self._bytes += len(response.body)
        if self._bytes >= BYTES:
            self._bytes = 0
            gc.collect()

    response_received = response_downloaded
