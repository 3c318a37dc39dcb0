"""Fetch addresses as a crawl does, without storing anything: an answer decides what comes next."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, Settings
from sqlalchemy.exc import SQLAlchemyError

from crawler.crawl.components import check_components
from crawler.crawl.discovery.listed_page import content_type, headers_of
from crawler.crawl.given_pages import BadLine, PageReader, is_usable
from crawler.crawl.politeness.pace import site_of
from crawler.crawl.politeness.refusals import refusal_of
from crawler.crawl.politeness.robots import RobotsUnavailable
from crawler.crawl.politeness.turns import HostAsksToWait
from crawler.crawl.preflight import check_addresses
from crawler.crawl.settings import RECORDED, Access, Pace, run_command
from crawler.model.exit_codes import FAILED, REFUSED, Refused
from crawler.model.failures import reason_of
from crawler.model.listing import Page
from crawler.system import clock
from crawler.system.terminal import Interrupted

_PATH = "crawler.crawl.handler.PoliteDownloadHandler"
EXTENSIONS = {"crawler.crawl.ending.Ending": 5, "crawler.crawl.politeness.turns.Turns": 30}

# Nothing that records, remembers or writes.
_OVERRIDES: dict[str, Any] = {
    "EXTENSIONS": EXTENSIONS,
    "ITEM_PIPELINES": {},
    "DOWNLOAD_HANDLERS": {"http": _PATH, "https": _PATH},
    # Without 429 and 503: a host that asks to wait gets no retry.
    "RETRY_HTTP_CODES": [408, 500, 502, 504, 522, 524],
}
ABOVE_PROJECT = SETTINGS_PRIORITIES["project"] + 1
T = TypeVar("T")


class Unrecorded:
    """Scrapy add-on: nothing is recorded by `probe`, `extract` and Scrapy's own commands, such as `fetch`."""

    def update_settings(self, settings: BaseSettings) -> None:
        if run_command(settings) not in RECORDED:
            for name, value in _OVERRIDES.items():
                settings.set(name, value, priority=ABOVE_PROJECT)


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


class UnrecordedSpider(Spider):
    """Does `work` with a function that fetches an address; `done` gets its task."""

    name = "unrecorded"

    def __init__(self, work: Callable[[Fetch], Awaitable[Any]], done: list[asyncio.Future[Any]]) -> None:
        super().__init__()
        self._work, self._done = work, done
        self._refusals = Counter[str]()

    async def start(self) -> AsyncIterator[Request]:
        task = asyncio.ensure_future(self._work(self.fetch))
        self._done.append(task)
        await asyncio.wait([task])
        for request in list[Request]():
            yield request

    async def fetch(self, address: str | Request) -> Answer:
        """Return the answer. Raises Refused after too many refusals of a host in a row, SQLAlchemyError."""
        request = address if isinstance(address, Request) else Request(address)
        url = request.url
        download = asyncio.ensure_future(self.crawler.engine.download_async(request))
        await asyncio.wait([download])
        error = download.exception()
        if isinstance(error, SQLAlchemyError):
            raise error
        answer = _answer(download.result()) if error is None else _failure(url, error)
        host = site_of(url)
        self._refusals[host] = self._refusals[host] + 1 if answer.refusal else 0
        if self._refusals[host] >= Pace.from_settings(self.settings).refusals:
            times = f"as {self._refusals[host]} requests in a row"
            raise Refused(f"{url} refuses khobor: {answer.refusal}, {times}", REFUSED)
        return answer


def _failure(url: str, error: BaseException) -> Answer:
    reason = reason_of(error)
    if isinstance(error, RobotsUnavailable) and not error.reason.startswith("http-"):
        reason = error.reason  # the host gives no answer at all
    return Answer(url, failure=reason, refusal=reason if isinstance(error, HostAsksToWait) else None)


def _answer(response: Response) -> Answer:
    is_success = response.status in range(200, 300)
    return Answer(
        url=response.url,
        body=response.body,
        content_type=content_type(response),
        status=response.status,
        failure=None if is_success else f"http-{response.status}",
        refusal=refusal_of(response),
        headers=headers_of(response),
    )


def fetching(
    settings: Settings, addresses: Sequence[str], work: Callable[[Fetch], Awaitable[T]], **others: object
) -> T:
    """Return the result of work that begins with some addresses; `others` are settings that it needs.

    Starts and ends the reactor, so once a process. Raises Refused, Interrupted, and whatever `work` raises.
    """
    # The command reports a failure in one line; -L logs more.
    for name, value in {"RUN_COMMAND": "unrecorded", "LOG_LEVEL": "CRITICAL", **others}.items():
        settings.set(name, value, priority="spider")
    check_components(settings)
    check_addresses(Access.from_settings(settings), list(addresses))
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
    if not done:
        raise Refused("the requests could not start: see the log with -L ERROR", FAILED)
    return done[0].result()


def fetch_page(
    url: str, settings: Settings, reader: PageReader, given_url: str | None, outlet: str | None, fetched: str | None
) -> Page:
    """Return the page at an address, under another address, outlet and time if given. Raises BadLine, Refused."""
    if not is_usable(url):
        raise BadLine("bad-address", f"{url!r} has control characters in it")
    known = reader.outlets.named(outlet) if outlet else reader.outlets.of(url)
    address = known.address_of_text(url) if known else url
    answer = fetching(settings, [address], lambda fetch: fetch(address))
    if answer.failure:
        raise BadLine(answer.failure, f"{url} could not be fetched: {answer.failure}")
    where = given_url or (answer.url if address == url else url)
    page = reader.page(answer.body, where, outlet, fetched or clock.now().isoformat())
    page.content_type = answer.content_type
    page.http_status = answer.status
    return page
