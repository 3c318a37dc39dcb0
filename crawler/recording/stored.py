"""From a stored response back to Scrapy's, as the downloader would have handed it over."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawler.decompression import Decompression

# Of the message, not of the content: the body comes without transfer coding.
OF_THE_MESSAGE = ("transfer-encoding", "content-length", "connection", "keep-alive")


class Decoder:
    """Takes content coding off as the crawl's own middleware does, where that is in use."""

    def __init__(self, crawler: Crawler) -> None:
        self._middleware: Decompression | None = None
        with suppress(NotConfigured):
            self._middleware = Decompression.from_crawler(crawler)

    def response(
        self, request: Request, url: str, status: int, fields: Iterable[tuple[str, str]], entity: bytes
    ) -> Response:
        """Return the response with this head and entity. Raises whatever a decoder raises."""
        headers = Headers()
        for name, value in fields:
            if name not in OF_THE_MESSAGE:
                headers.appendlist(name, value.encode("latin-1"))
        kind = responsetypes.from_args(headers=headers, url=url, body=entity)
        response = kind(url, status=status, headers=headers, body=entity, request=request)
        return cast(Response, self._middleware.process_response(request, response)) if self._middleware else response
