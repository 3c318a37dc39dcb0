"""Stored responses become pages again, as the downloader and the spider made them, without the network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from datetime import tzinfo
from typing import cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, HtmlResponse, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.response import get_meta_refresh

from crawler.crawl.decompression import Decompression
from crawler.crawl.spider import NewsSpider
from crawler.model.capture import Capture
from crawler.model.failures import reason_of
from crawler.model.listing import Listing, Page
from crawler.recording.stored_responses import StoredResponse, listing_of

# Header fields of the message, not of the content: the body comes without transfer coding.
OF_THE_MESSAGE = ("transfer-encoding", "content-length", "connection", "keep-alive")


def pages_of(stored: StoredResponse, spider: NewsSpider, decoder: Decoder) -> Iterator[Page]:
    listing = listing_of(stored.facts) or Listing(stored.capture.url)
    if not stored.facts and spider.key_of(listing.url) is None:
        return  # its metadata was lost, and its address is no article's
    capture: Future[Capture] = Future()
    capture.set_result(stored.capture)
    request = Request(listing.url, meta={"listing": listing, "capture": capture})
    try:
        status = stored.capture.http_status or 0
        response = decoder.response(request, stored.capture.url, status, stored.fields, stored.entity)
    except Exception as error:  # noqa: BLE001 (whatever a decoder raises: one page that failed)
        spider.report("failed", reason_of(error), stored.capture.url)
        return
    if decoder.leads_on(response):
        return
    for page in spider.parse_article(response):
        page.fetched_at = stored.capture.date
        yield page


class StoredPages:
    """Decides stored pages for recovery as the crawl decides fetched ones."""

    def __init__(self, crawler: Crawler, spider: NewsSpider) -> None:
        self.wanted = spider.assignment.wanted
        self.zone: tzinfo = spider.zone()
        self._crawler = crawler
        self._spider = spider
        self._decoder = Decoder(crawler)

    def pages(self, stored: StoredResponse) -> Iterator[Page]:
        return pages_of(stored, self._spider, self._decoder)

    async def decide(self, pages: Iterable[Page]) -> None:
        scraper = self._crawler.engine.scraper
        await asyncio.gather(*(scraper.start_itemproc_async(page, response=None) for page in pages))

    def article_key(self, url: str, canonical_url: str) -> str:
        return self._spider.outlet_of(url).article_key(url, canonical_url)


def headers_of(fields: Iterable[tuple[str, str]]) -> Headers:
    headers = Headers()
    for name, value in fields:
        if name not in OF_THE_MESSAGE:
            headers.appendlist(name, value.encode("latin-1"))
    return headers


class Decoder:
    """Removes content coding with the crawl's own middleware, if that is in use."""

    def __init__(self, crawler: Crawler) -> None:
        self._middleware: Decompression | None = None
        with suppress(NotConfigured):
            self._middleware = Decompression.from_crawler(crawler)
        settings = crawler.settings
        self._refresh_tags = settings.getlist("METAREFRESH_IGNORE_TAGS")
        is_followed = settings.getbool("METAREFRESH_ENABLED")
        self._refresh_delay = settings.getint("METAREFRESH_MAXDELAY") if is_followed else 0

    def leads_on(self, response: Response) -> bool:
        """Return whether Scrapy follows a refresh in a meta element of the page."""
        if not isinstance(response, HtmlResponse):
            return False
        seconds, url = get_meta_refresh(response, ignore_tags=self._refresh_tags)
        return bool(url) and seconds is not None and seconds < self._refresh_delay

    def response(
        self, request: Request, url: str, status: int, fields: Iterable[tuple[str, str]], entity: bytes
    ) -> Response:
        """Return the response with this head and entity. Raises whatever a decoder raises."""
        headers = headers_of(fields)
        kind = responsetypes.from_args(headers=headers, url=url, body=entity)
        request.meta["dont_retry"] = True  # a stored response that is cut short stays so
        response = kind(url, status=status, headers=headers, body=entity, request=request)
        return cast(Response, self._middleware.process_response(request, response)) if self._middleware else response
