"""Fetch one page as a crawl does, without storing anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from scrapy import Request, Spider
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from crawler.crawl.given_pages import BadLine, PageReader, is_usable
from crawler.crawl.preflight import check_addresses
from crawler.crawl.settings import Access
from crawler.model.failures import reason_of
from crawler.model.listing import Page
from crawler.recording.guard import refuse_private

_PATH = "crawler.crawl.one_page.UnrecordedDownloadHandler"

# Nothing that records, remembers or writes.
_OVERRIDES: dict[str, Any] = {
    "EXTENSIONS": {},
    "ITEM_PIPELINES": {},
    "DOWNLOAD_HANDLERS": {"http": _PATH, "https": _PATH},
    # The command reports a failure in one line; -L logs more.
    "LOG_LEVEL": "CRITICAL",
}


class UnrecordedDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's own handler behind the guard against private addresses."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._private_allowed = Access.from_settings(crawler.settings).private_allowed

    async def download_request(self, request: Request) -> Response:
        """Fetch. Raises PrivateAddressRefused, and whatever Scrapy's handler raises."""
        if not self._private_allowed:
            await refuse_private(request.url)
        return await super().download_request(request)


class OnePageSpider(Spider):
    """Fetches one address and keeps the response, or the reason of the failure."""

    name = "one-page"

    def __init__(self, url: str, answers: list[Response | str]) -> None:
        super().__init__()
        self.url = url
        self.answers = answers

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.url, callback=self.keep, errback=self.fail)

    def keep(self, response: Response) -> None:
        self.answers.append(response)

    def fail(self, failure: Failure) -> None:
        self.answers.append(reason_of(failure.value))


def fetch_page(
    url: str, settings: Settings, reader: PageReader, given_url: str | None, outlet: str | None, fetched: str | None
) -> Page:
    """Return the page at an address, under another address, outlet and time if they are given.

    Starts and ends the reactor, so once a process. Raises BadLine, Refused.
    """
    if not is_usable(url):
        raise BadLine("bad-address", f"{url!r} has control characters in it")
    check_addresses(Access.from_settings(settings), [url])
    for name, value in _OVERRIDES.items():
        settings.set(name, value, priority="spider")
    answers: list[Response | str] = []
    process = AsyncCrawlerProcess(settings)
    process.crawl(OnePageSpider, url=url, answers=answers)
    process.start()
    response = answers[0] if answers else "not fetched"
    if isinstance(response, str):
        raise BadLine(response, f"{url} could not be fetched: {response}")
    page = reader.page(response.body, given_url or response.url, outlet, fetched or datetime.now(UTC).isoformat())
    page.content_type = (response.headers.get("Content-Type") or b"").decode("latin-1") or None
    page.http_status = response.status
    return page
