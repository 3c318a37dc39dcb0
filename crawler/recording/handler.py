"""The download handler of http and https: Scrapy's own over HTTP/1.1, with every exchange recorded."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urldefrag, urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, IgnoreRequest, StopDownload
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.task import LoopingCall

from crawler.deployment import spool_directory
from crawler.ending import CrawlEnds, ending_of
from crawler.politeness.turns import Turns
from crawler.recording.addresses import PrivateAddressRefused, refuse_private, resolve_literals
from crawler.recording.exchange import Exchange, Outcome
from crawler.recording.recorder import FAILURE, Recorder
from crawler.recording.redaction import Secrets, secrets_of
from crawler.recording.robots import Robots, split
from crawler.recording.tap import TapPool
from crawler.spider import NewsSpider

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

REFUSED = "khobor/refused_addresses"
# FastWARC reads no further in a file with a record head of over 32 kB, and the address stands there twice in revisits.
ADDRESS_CHARACTERS = 12_000
WATCH_SECONDS = 0.5
# What only the downloader knows of the end of an exchange.
OUTCOMES: list[tuple[type[BaseException], Outcome]] = [
    (DownloadTimeoutError, "timeout"),
    (DownloadCancelledError, "too-large"),
    (StopDownload, "stopped"),
]


class AddressTooLong(IgnoreRequest):
    """The address would make a record's head that readers give up on."""


class RecordingDownloadHandler(HTTP11DownloadHandler):
    """Fetches as Scrapy does and hands each exchange to the Recorder; nothing is fetched without one.

    Sets `request.meta["capture"]` to the future of the exchange that carried the response.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)

        self._pool = self._taps = TapPool(reactor, self._pool.maxPersistentPerHost)
        self._private_allowed = crawler.settings.getbool("ALLOW_PRIVATE_ADDRESSES")
        self._recorder = recorder_of(crawler)
        self._ending = ending_of(crawler)
        self._turns = crawler.get_extension(Turns)
        self._watch = LoopingCall(self._abort_when_failed)

    async def close(self) -> None:
        """Close the connections that are kept."""
        if self._watch.running:
            self._watch.stop()
        await super().close()

    def _abort_when_failed(self) -> None:
        if self._crawler.stats.get_value(FAILURE) is not None:
            # A crawl that stops would wait for slow answers, and none of them can be kept.
            self._taps.abort()

    @cached_property
    def _run(self) -> RunFacts:
        # Not before the first download: spiders may still change while the crawl is put together.
        settings = self._crawler.settings
        return RunFacts(secrets_of(settings, self._crawler.spider), Robots(), str(spool_directory(settings)))

    async def download_request(self, request: Request) -> Response:
        """Fetch and record. Raises PrivateAddressRefused, and whatever Scrapy's handler raises."""
        request.meta.pop("capture", None)
        if self._ending.has_begun:
            raise CrawlEnds(f"the crawl is stopping, not asked for: {request.url}")
        if len(request.url) > ADDRESS_CHARACTERS:
            raise AddressTooLong(f"an address of {len(request.url)} characters")
        if not self._watch.running:
            resolve_literals()
            self._watch.start(WATCH_SECONDS, now=False)
        await self._recorder.room()
        proxied = bool(request.meta.get("proxy"))
        try:
            if not self._private_allowed:
                await refuse_private(request.url, resolve=not proxied)
            guarded = not (self._private_allowed or proxied)
            if self._turns is None:
                await self._refuse_known(request)
                return await self._record(request, guarded)
            async with self._turns.turn(request) as turn:
                await self._refuse_known(request)
                response = await self._record(request, guarded)
                turn.answered(response)
                return response
        except PrivateAddressRefused as refusal:
            self._crawler.stats.inc_value(REFUSED)
            logger.warning("not fetched: %s: %s", request.url, refusal)
            raise

    async def _refuse_known(self, request: Request) -> None:
        """Refuse what another run has fetched while the request waited. Raises KnownByNow, SQLAlchemyError."""
        spider = self._crawler.spider
        if isinstance(spider, NewsSpider):
            try:
                await spider.refuse_known(request)
            except SQLAlchemyError as error:
                self._recorder.fail(error)
                raise

    async def _record(self, request: Request, guarded: bool) -> Response:
        with Download(request, self._recorder, self._run) as download:
            self._taps.announce(download.begin, guarded)
            response = await super().download_request(request)
            download.stopped = "download_stopped" in response.flags
            return response


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What all exchanges of a run share."""

    secrets: Secrets
    robots: Robots
    spool: str


class Download:
    """The exchanges of one request of Scrapy's: one, or two when a kept connection turned out to be dead.

    They are handed over when the download is over, whichever way, so that none is lost or left open.
    """

    def __init__(self, request: Request, recorder: Recorder, run: RunFacts) -> None:
        self.stopped = False
        self._request = request
        self._recorder = recorder
        self._run = run
        self._exchanges: list[Exchange] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._exchanges:
            return
        for exchange in self._exchanges:
            exchange.conclude(None)
        last = self._exchanges[-1]
        last.conclude("stopped" if self.stopped else _outcome(error))
        if last.request:
            self._request.meta["capture"] = last.capture
        self._hand_over()

    def _hand_over(self) -> None:
        """Hand over in their order; one that fails does not keep the others back."""
        exchange = self._exchanges.pop(0)
        try:
            self._recorder.record(exchange) if exchange.request else exchange.close()
        finally:
            if self._exchanges:
                self._hand_over()

    def begin(self) -> Exchange:
        """Return the exchange that a connection begins now."""
        request, meta = self._request, self._request.meta
        exchange = Exchange(
            url=urldefrag(request.url).url,
            method=request.method,
            via=_via(request),
            hops=_hops(request),
            listing=meta.get("listing"),
            original=meta.get("original"),
            is_conditional=bool(meta.get("conditional")),
            proxied=bool(meta.get("proxy")),
            robots_of=_robots_of(request),
            secrets=self._run.secrets,
            robots=self._run.robots,
            spool=self._run.spool,
        )
        self._exchanges.append(exchange)
        return exchange


def recorder_of(crawler: Crawler) -> Recorder:
    """Return the crawl's recorder. Raises RuntimeError when it is not among the EXTENSIONS."""
    recorder = crawler.get_extension(Recorder)
    if recorder is None:
        raise RuntimeError("nothing is fetched unrecorded: crawler.recording.recorder.Recorder is missing")
    return recorder


def _outcome(error: BaseException | None) -> Outcome | None:
    return next((outcome for kind, outcome in OUTCOMES if isinstance(error, kind)), None)


def _via(request: Request) -> str | None:
    """Return the address that led here: of the redirect, the listing or the linking page."""
    redirects = request.meta.get("redirect_urls")
    if redirects:
        return str(redirects[-1])
    return str(request.headers.get("Referer") or b"", "latin-1") or None


def _hops(request: Request) -> str:
    if _is_prerequisite(request, request.url):
        return "P"
    return "L" * int(request.meta.get("depth", 0)) + "R" * int(request.meta.get("redirect_times", 0))


def _robots_of(request: Request) -> tuple[str, ...]:
    """Return the hosts whose robots.txt a request is for: what redirects led to is that of the first as well."""
    addresses = [*request.meta.get("redirect_urls", ()), request.url]
    if not _is_prerequisite(request, addresses[0]):
        return ()
    return tuple(dict.fromkeys(split(address)[0] for address in addresses))


def _is_prerequisite(request: Request, url: str) -> bool:
    return bool(request.meta.get("dont_obey_robotstxt")) and urlsplit(url).path == "/robots.txt"
