"""Turns: one request at a time to a host, across all its names and all processes."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.asyncio import run_in_thread
from sqlalchemy import StaticPool, create_engine

from crawler.crawl.component import Component
from crawler.crawl.ending import CrawlEnds, Ending
from crawler.crawl.memory import Memory
from crawler.crawl.politeness.pace import LONGEST_DELAY, LONGEST_WAIT, HostPace, retry_after, site_of
from crawler.crawl.settings import Pace
from crawler.state.standings import Hosts
from crawler.state.tables import hosts
from crawler.system import clock

logger = logging.getLogger(__name__)

# A process that has died holds a host this long; a living one renews its claim.
LEASE_SECONDS, RENEWAL_SECONDS = 5.0, 1.5
STEP_SECONDS = 0.5


class HostAsksToWait(IgnoreRequest):
    """The host accepts no request before `until`, an aware moment; the request does not wait that long."""

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(f"{host} accepts no request before {until:%c}")
        self.until = until


def wish_of(response: Response) -> float | None:
    return retry_after((response.headers.get("Retry-After") or b"").decode("latin-1"), clock.now())


class Turns(Component):
    """The extension from which the download handler gets a host's turn; off with DOWNLOAD_DELAY=0."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._least = Pace.from_settings(crawler.settings).delay
        if not self._least:
            raise NotConfigured
        self._user_agent = str(crawler.settings["USER_AGENT"])
        self._paces: dict[str, HostPace] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.listen("robots_parsed")

    @cached_property
    def _hosts(self) -> Hosts:
        if memory := self.crawler.get_extension(Memory):
            return Hosts(memory.state.engine)
        # Without state the turns are those of this process.
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        hosts.create(engine)
        return Hosts(engine)

    async def take(self, request: Request, fetch: Callable[[Request], Awaitable[Response]]) -> Response:
        """Wait for the host's turn and fetch a request. Raises HostAsksToWait, CrawlEnds, SQLAlchemyError.

        A request waits LONGEST_WAIT for a host that asks to wait, or for the seconds in its `meta["patience"]`.
        """
        host, response, is_used = site_of(request.url), None, True
        async with self._locks.setdefault(host, asyncio.Lock()):
            await self._wait(host, request.meta.get("patience", LONGEST_WAIT))
            started, has_ended = time.monotonic(), asyncio.Event()
            renewal = asyncio.ensure_future(self._renew(host, has_ended))
            try:
                response = await fetch(request)
                return response
            except IgnoreRequest:
                is_used = False  # nothing was sent
                raise
            finally:
                # Not cancelled: the thread of a cancelled renewal could write after the line below.
                has_ended.set()
                await asyncio.wait([renewal])
                status, wish = (response.status, wish_of(response)) if response is not None else (None, None)
                took = time.monotonic() - started
                now = await self._now()
                free_at = self._pace(host).answered(now - took, now, status, wish) if is_used else now
                await run_in_thread(self._hosts.free_host, host, free_at)

    async def _renew(self, host: str, has_ended: asyncio.Event) -> None:
        while not has_ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(has_ended.wait(), RENEWAL_SECONDS)
                return
            now = await self._now()
            await run_in_thread(self._hosts.free_host, host, now + LEASE_SECONDS)

    async def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Slow down to a host's Crawl-delay, which Scrapy parses and does not use."""
        wish = robotparser.crawl_delay(self._user_agent) or 0.0
        if wish > LONGEST_DELAY:
            logger.warning("%s asks for a Crawl-delay of %s s: %s s is kept", request.url, wish, LONGEST_DELAY)
        host = site_of(request.url)
        pace = self._pace(host)
        if wish > pace.wish:
            pace.wish = wish
            # The request for this robots.txt counts too.
            now = await self._now()
            await run_in_thread(self._hosts.hold_host, host, now + pace.delay)

    def _pace(self, host: str) -> HostPace:
        return self._paces.setdefault(host, HostPace(self._least))

    async def _now(self) -> float:
        return await run_in_thread(self._hosts.now)

    async def _wait(self, host: str, patience: float) -> None:
        ending = Ending.of(self.crawler)
        while not ending.has_begun:
            now = await self._now()
            free_at = await run_in_thread(self._hosts.claim_host, host, now, now + LEASE_SECONDS)
            if not free_at:
                return
            if free_at - now > patience:
                raise HostAsksToWait(host, datetime.fromtimestamp(free_at, UTC))
            await asyncio.sleep(min(max(free_at - now, 0.001), STEP_SECONDS))
        raise CrawlEnds("the crawl is stopping")
