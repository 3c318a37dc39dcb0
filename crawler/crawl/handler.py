"""The download handlers of http and https: Scrapy's own over HTTP/1.1, polite, and with every exchange recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property, partial

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from sqlalchemy.exc import SQLAlchemyError

from crawler.crawl.ending import CrawlEnds, Ending, recording_fails
from crawler.crawl.identity import secrets_of
from crawler.crawl.politeness.turns import Turns
from crawler.crawl.recorder import Recorder
from crawler.crawl.settings import Access, Deployment
from crawler.model.private_addresses import private_hosts
from crawler.recording.downloads import ADDRESS_CHARACTERS, AddressTooLong, Download
from crawler.recording.exchange import Exchange
from crawler.recording.guard import NoContact, PrivateAddress, refuse_private, resolve_literals
from crawler.recording.robots import Robots
from crawler.recording.tap import TapPool

logger = logging.getLogger(__name__)


class PoliteDownloadHandler(HTTP11DownloadHandler):
    """Fetches as Scrapy does, behind the guard against private addresses and the turns of hosts."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        access = Access.from_settings(crawler.settings)
        self._private_allowed, self._has_contact = access.private_allowed, bool(access.contact)
        self._turns = crawler.get_extension(Turns)

    async def download_request(self, request: Request) -> Response:
        """Fetch. Raises NoContact, PrivateAddress, HostAsksToWait, and whatever Scrapy's handler raises."""
        if not self._has_contact:
            self._refuse_without_contact(request.url)
        if not self._private_allowed:
            await refuse_private(request.url, resolve=not request.meta.get("proxy"))
        return await (self._turns.take(request, self.fetch) if self._turns is not None else self.fetch(request))

    def _refuse_without_contact(self, url: str) -> None:
        if not private_hosts([url]):
            logger.error("not fetched: %s: CONTACT is not set", url)
            raise NoContact("CONTACT is not set")

    async def fetch(self, request: Request) -> Response:
        return await super().download_request(request)


class RecordingDownloadHandler(PoliteDownloadHandler):
    """Hands each exchange to the Recorder.

    Sets `request.meta["capture"]` to the future of the exchange that carried the response. A request may have
    `meta["refuse_known"]`, which raises IgnoreRequest if the request has become needless while it waited.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        from twisted.internet import reactor  # importing it installs it

        self._pool = self._taps = TapPool(reactor, self._pool.maxPersistentPerHost)
        self._spool = str(Deployment.from_settings(crawler.settings).spool)
        self._recorder = Recorder.of(crawler)
        self._ending = Ending.of(crawler)
        # A crawl that stops would wait for slow answers, and none of them can be kept.
        crawler.signals.connect(self._taps.abort, recording_fails)

    @cached_property
    def _new_exchange(self) -> Callable[..., Exchange]:
        # Not before the first download: spiders may still change while the crawl is put together.
        return partial(Exchange, secrets=secrets_of(self._crawler), robots=Robots(), spool=self._spool)

    async def download_request(self, request: Request) -> Response:
        """Fetch and record. Raises CrawlEnds, AddressTooLong, and whatever the handler without a recorder raises."""
        request.meta.pop("capture", None)
        if len(request.url) > ADDRESS_CHARACTERS:
            raise AddressTooLong(f"an address of {len(request.url)} characters")
        # Not before the reactor has its resolver, which this one extends.
        resolve_literals()
        await self._recorder.room()
        try:
            return await super().download_request(request)
        except PrivateAddress as refusal:
            self._crawler.stats.inc_value("khobor/refused_addresses")
            logger.warning("not fetched: %s: %s", request.url, refusal)
            raise
        except SQLAlchemyError as error:
            # State failed, of turns or of known articles: that is not the host's fault.
            self._recorder.fail(error)
            raise

    async def fetch(self, request: Request) -> Response:
        if refuse_known := request.meta.get("refuse_known"):
            await refuse_known(request)
        if self._ending.has_begun:
            raise CrawlEnds(f"the crawl is stopping, not requested: {request.url}")
        with Download(request, self._recorder.record, self._new_exchange) as download:
            self._taps.announce(download.begin, not (self._private_allowed or request.meta.get("proxy")))
            response = await super().fetch(request)
            download.stopped = "download_stopped" in response.flags
            return response
