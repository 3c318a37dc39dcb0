"""Large bodies: what of them is read in the crawl's process, and when Python frees them."""

from __future__ import annotations

import gc

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.http import HtmlResponse, Response

from crawler.crawl.component import Component

# A collection takes a few milliseconds.
COLLECTED_BYTES = 32 << 20
# Scrapy looks for a refresh in the first 4096 characters.
HEAD_BYTES = 4 * 4096


class MetaRefresh(MetaRefreshMiddleware):
    """Scrapy's own, but it decodes only the beginning of a page."""

    def process_response(  # type: ignore[override]  # the spider that Scrapy no longer passes
        self, request: Request, response: Response
    ) -> Request | Response:
        answer = super().process_response(request, beginning_of(response))
        return response if isinstance(answer, Response) else answer


def beginning_of(response: Response) -> Response:
    """Return a page cut off after all that is read for a refresh."""
    if not isinstance(response, HtmlResponse) or len(response.body) <= HEAD_BYTES:
        return response
    # Not within a character: without a declared charset, the bytes would not be those of any.
    head = response.body[:HEAD_BYTES].rpartition(b"<")[0] or response.body[:HEAD_BYTES]
    return HtmlResponse(response.url, response.status, response.headers, head, request=response.request)


class Garbage(Component):
    """Collects what failed requests leave behind after each COLLECTED_BYTES of bodies, sent and decoded.

    The tracebacks of failures hold bodies, in cycles of references, and Python decides by the number of objects.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._bytes = 0
        self.listen("response_downloaded", "response_received")

    def response_downloaded(self, response: Response, request: Request) -> None:
        self._bytes += len(response.body)
        if self._bytes >= COLLECTED_BYTES:
            self._bytes = 0
            gc.collect()

    response_received = response_downloaded
