"""Conditional requests: the server sends a page only if it differs from the archived capture of the same address."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.asyncio import run_in_thread
from sqlalchemy.exc import SQLAlchemyError

from crawler.archive.records import target_uri
from crawler.crawl.component import Component
from crawler.crawl.politeness.robots import is_robots_txt
from crawler.crawl.recorder import Recorder
from crawler.crawl.revisits.originals import Originals
from crawler.crawl.spider import NewsSpider
from crawler.crawl.stored_pages import headers_of
from crawler.model.capture import Original

logger = logging.getLogger(__name__)
CONDITIONS = ("If-None-Match", "If-Modified-Since")

# A request with one of these of its own is left alone.
OWN_CONDITIONS = (*CONDITIONS, "If-Match", "If-Unmodified-Since", "If-Range", "Range")

# Header fields of a 304 that describe the message, not the content (RFC 9111 §3.2).
OF_THE_MESSAGE = {b"Content-Encoding", b"Content-Length", b"Content-Range", b"Content-Type", b"Transfer-Encoding"}


class ConditionalGet(Component):
    """Makes requests conditional where it can, and turns a 304 into the 200 that it confirms.

    It sets `request.meta["original"]`, with which the recorder compares the response; a request with `meta["is_new"]`
    has none. Methods that need not wait return no coroutine: most pages are new.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if crawler.get_extension(Recorder) is None:
            raise NotConfigured  # as in `scrapy extract URL`
        self._originals = Originals(crawler)
        # One lookup at a time: requests keep their order.
        self._lock = asyncio.Lock()

    def process_request(self, request: Request) -> Awaitable[None] | None:
        request.meta.pop("original", None)
        if request.meta.pop("conditional", None):
            for name in CONDITIONS:
                request.headers.pop(name, None)
        # The address to which another one leads may have a capture.
        is_new = request.meta.get("is_new") and not request.meta.get("redirect_urls")
        if request.method != "GET" or is_new or request.meta.get("unconditional"):
            return None
        return self._compare(request)

    async def _compare(self, request: Request) -> None:
        spider, url = self.crawler.spider, target_uri(request.url)
        listing, outlet = request.meta.get("listing"), self.crawler.spidercls.name
        if isinstance(spider, NewsSpider):
            outlet = spider.outlet_of(url, listing)
        try:
            async with self._lock:
                original = await run_in_thread(self._originals.find, outlet, url)
        except SQLAlchemyError as error:
            Recorder.of(self.crawler).fail(error)
            raise IgnoreRequest("state can't be read") from error
        if original is None:
            return
        request.meta["original"] = original
        # Scrapy would read the empty body of a 304 as a robots.txt that allows all.
        if not is_robots_txt(request) and not any(name in request.headers for name in OWN_CONDITIONS):
            for name, value in zip(CONDITIONS, (original.etag, original.last_modified), strict=True):
                if value:
                    request.headers[name] = value.encode("latin-1")
            request.meta["conditional"] = bool(original.etag or original.last_modified)

    def process_response(self, request: Request, response: Response) -> Response | Awaitable[Request | Response]:
        """Return the original's content for a 304; if it is unreadable, request again without condition."""
        original = request.meta.get("original")
        if response.status != 304 or original is None or not request.meta.get("conditional"):
            return response
        return self._confirm(request, response, original)

    async def _confirm(self, request: Request, response: Response, original: Original) -> Request | Response:
        content = await run_in_thread(self._originals.content, original)
        if content is None:
            logger.warning("%s is not modified, but its record in %s can't be read", request.url, original.file)
            return request.replace(dont_filter=True, meta={**request.meta, "unconditional": True})
        self.crawler.stats.inc_value("khobor/not_modified")
        return _confirmed(response, *content)


def _confirmed(response: Response, fields: list[tuple[str, str]], body: bytes) -> Response:
    headers = headers_of(fields)
    for name in response.headers:
        if name not in OF_THE_MESSAGE:
            headers.setlist(name, response.headers.getlist(name))
    kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
    own = {name: getattr(response, name) for name in Response.attributes}
    return kind(**{**own, "status": 200, "headers": headers, "body": body, "flags": [*response.flags, "not-modified"]})
