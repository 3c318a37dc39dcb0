"""Fetch addresses one after another as a crawl does, without storing anything: an answer decides what comes next."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urljoin

from scrapy import Request, Spider, signals
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.settings import Settings

from crawler.crawl.discovery.listed_page import content_type
from crawler.crawl.given_pages import BadLine, PageReader, is_usable
from crawler.crawl.politeness.pace import LONGEST_WAIT, HostPace, retry_after, site_of
from crawler.crawl.politeness.refusals import refusal_of
from crawler.crawl.preflight import check_addresses
from crawler.crawl.settings import Access, Pace
from crawler.model.exit_codes import REFUSED, Refused
from crawler.model.failures import ROBOTS_FAILURE, ROBOTS_UNAVAILABLE, reason_of
from crawler.model.listing import Page
from crawler.recording.guard import refuse_private
from crawler.system.terminal import Interrupted

_PATH = "crawler.crawl.unrecorded.UnrecordedDownloadHandler"

# Nothing that records, remembers or writes.
_OVERRIDES: dict[str, Any] = {
    "EXTENSIONS": {},
    "ITEM_PIPELINES": {},
    "DOWNLOAD_HANDLERS": {"http": _PATH, "https": _PATH},
    # Without 429 and 503: a host that asks to wait gets no retry.
    "RETRY_HTTP_CODES": [408, 500, 502, 504, 522, 524],
    # The command reports a failure in one line; -L logs more.
    "LOG_LEVEL": "CRITICAL",
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request, under its final address; `failure` and `refusal` are reasons such as `http-404`."""

    url: str
    body: bytes = b""
    content_type: str | None = None
    status: int = 200
    failure: str | None = None
    refusal: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Fetch: TypeAlias = "Callable[[str | Request], Awaitable[Answer]]"


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


class UnrecordedSpider(Spider):
    """Does `work` with a function that fetches an address; `done` gets its task."""

    name = "unrecorded"

    def __init__(self, work: Callable[[Fetch], Awaitable[Any]], done: list[asyncio.Future[Any]]) -> None:
        super().__init__()
        self._work, self._done = work, done
        self._paces: dict[str, HostPace] = {}
        self._free_at: dict[str, float] = {}
        self._refusals = 0

    async def start(self) -> AsyncIterator[Request]:
        self.crawler.signals.connect(self._heed_crawl_delay, signals.robots_parsed)
        task = asyncio.ensure_future(self._work(self.fetch))
        self._done.append(task)
        await asyncio.wait([task])
        for request in list[Request]():
            yield request

    async def fetch(self, address: str | Request) -> Answer:
        """Return the answer, after the pause that the host needs. Raises Refused after too many refusals in a row."""
        request = address if isinstance(address, Request) else Request(address)
        url = request.url
        host, pace = site_of(url), self._pace(url)
        pause = max(0.0, self._free_at.get(host, 0.0) - time.time())
        if pause > LONGEST_WAIT:
            raise Refused(f"{url} refuses khobor: it asks to wait for {pause:.0f} s", REFUSED)
        await asyncio.sleep(pause)
        began = time.time()
        download = asyncio.ensure_future(self.crawler.engine.download_async(request))
        await asyncio.wait([download])
        if error := download.exception():
            self._free_at[host] = pace.answered(began, time.time(), None)
            return Answer(url, failure=self._reason(url, error))
        response = download.result()
        wish = retry_after((response.headers.get("Retry-After") or b"").decode("latin-1"), datetime.now(UTC))
        self._free_at[host] = pace.answered(began, time.time(), response.status, wish)
        answer = _answer(response)
        self._refusals = self._refusals + 1 if answer.refusal else 0
        if self._refusals >= Pace.from_settings(self.settings).refusals:
            raise Refused(f"{url} refuses khobor: {answer.refusal}, as {self._refusals} requests in a row", REFUSED)
        return answer

    def _reason(self, url: str, error: BaseException) -> str:
        """Return why a request failed; of a host without any answer, why its robots.txt did."""
        reason, failure = reason_of(error), str(self.crawler.stats.get_value(ROBOTS_FAILURE, " "))
        robots, _, cause = failure.partition(" ")
        is_dead = reason == ROBOTS_UNAVAILABLE and robots == urljoin(url, "/robots.txt") and "http-" not in cause
        return cause if is_dead else reason

    def _pace(self, url: str) -> HostPace:
        return self._paces.setdefault(site_of(url), HostPace(Pace.from_settings(self.settings).delay))

    def _heed_crawl_delay(self, robotparser: RobotParser, request: Request) -> None:
        self._pace(request.url).wish = robotparser.crawl_delay(str(self.settings["USER_AGENT"])) or 0.0


def _answer(response: Response) -> Answer:
    is_success = response.status in range(200, 300)
    return Answer(
        url=response.url,
        body=response.body,
        content_type=content_type(response),
        status=response.status,
        failure=None if is_success else f"http-{response.status}",
        refusal=refusal_of(response),
        headers={str(name).lower(): value for name, value in response.headers.to_unicode_dict().items()},
    )


def fetching(settings: Settings, addresses: Sequence[str], work: Callable[[Fetch], Awaitable[T]]) -> T:
    """Return the result of work that begins with some addresses.

    Starts and ends the reactor, so once a process. Raises Refused, Interrupted, and whatever `work` raises.
    """
    check_addresses(Access.from_settings(settings), list(addresses))
    for name, value in _OVERRIDES.items():
        settings.set(name, value, priority="spider")
    done: list[asyncio.Future[T]] = []
    process = AsyncCrawlerProcess(settings)
    process.crawl(UnrecordedSpider, work=work, done=done)
    try:
        # The command's own handlers raise Interrupted. Nothing is written, so nothing has to end cleanly.
        process.start(install_signal_handlers=False)
    except Interrupted:
        from twisted.internet import reactor  # importing it installs it

        reactor.getThreadPool().stop()
        raise
    return done[0].result()


def fetch_page(
    url: str, settings: Settings, reader: PageReader, given_url: str | None, outlet: str | None, fetched: str | None
) -> Page:
    """Return the page at an address, under another address, outlet and time if they are given.

    Starts and ends the reactor, so once a process. Raises BadLine, Refused.
    """
    if not is_usable(url):
        raise BadLine("bad-address", f"{url!r} has control characters in it")
    known = reader.outlets.named(outlet) if outlet else reader.outlets.of(url)
    address = known.address_of_text(url) if known else url
    answer = fetching(settings, [address], lambda fetch: fetch(address))
    if answer.failure:
        raise BadLine(answer.failure, f"{url} could not be fetched: {answer.failure}")
    where = given_url or (answer.url if address == url else url)
    page = reader.page(answer.body, where, outlet, fetched or datetime.now(UTC).isoformat())
    page.content_type = answer.content_type
    page.http_status = answer.status
    return page
