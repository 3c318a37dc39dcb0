"""Turns: one request at a time to a host, across all its names and all processes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.asyncio import run_in_thread

from crawler.crawl.component import Component
from crawler.crawl.ending import CrawlEnds, Ending
from crawler.crawl.memory import Memory
from crawler.crawl.politeness.pace import LONGEST_DELAY, LONGEST_WAIT, HostPace, retry_after, site_of
from crawler.crawl.settings import Pace
from crawler.state.standings import Hosts

logger = logging.getLogger(__name__)

# A process that has died holds a host this long; a living one renews its claim.
LEASE_SECONDS, RENEWAL_SECONDS = 5.0, 1.5
STEP_SECONDS = 0.5


class HostAsksToWait(IgnoreRequest):
    """The host accepts no request before `until`, an aware moment; the request does not wait that long."""

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(f"{host} accepts no request before {until:%c}")
        self.until = until


@dataclass(slots=True)
class Turn:
    """One request to a host; its outcome decides when the next may begin."""

    is_used: bool = True
    status: int | None = None
    retry_after: float | None = None

    def answered(self, response: Response) -> None:
        self.status = response.status
        self.retry_after = wish_of(response)


def wish_of(response: Response) -> float | None:
    return retry_after((response.headers.get("Retry-After") or b"").decode("latin-1"), datetime.now(UTC))


class OwnHosts:
    """The turns of hosts in a process without state, by the methods of Hosts."""

    def __init__(self) -> None:
        self._free_at: dict[str, float] = {}

    def claim_host(self, host: str, now: float, until: float) -> float:
        if self._free_at.get(host, 0.0) > now:
            return self._free_at[host]
        self._free_at[host] = until
        return 0.0

    def hold_host(self, host: str, moment: float) -> None:
        self._free_at[host] = max(moment, self._free_at.get(host, 0.0))

    def free_host(self, host: str, moment: float) -> None:
        self._free_at[host] = moment


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
    def _hosts(self) -> Hosts | OwnHosts:
        memory = self.crawler.get_extension(Memory)
        return Hosts(memory.state.engine) if memory else OwnHosts()

    @asynccontextmanager
    async def turn(self, request: Request) -> AsyncIterator[Turn]:
        """Wait for the host's turn and hold it. Raises HostAsksToWait, CrawlEnds, SQLAlchemyError."""
        host = site_of(request.url)
        async with self._locks.setdefault(host, asyncio.Lock()):
            await self._wait(host)
            started, turn, has_ended = time.time(), Turn(), asyncio.Event()
            renewal = asyncio.ensure_future(self._renew(host, has_ended))
            try:
                yield turn
            except IgnoreRequest:
                # Nothing was sent.
                turn.is_used = False
                raise
            finally:
                # Not cancelled: the thread of a cancelled renewal could write after the line below.
                has_ended.set()
                await asyncio.wait([renewal])
                pace, now = self._pace(host), time.time()
                moment = pace.answered(started, now, turn.status, turn.retry_after) if turn.is_used else now
                await run_in_thread(self._hosts.free_host, host, moment)

    async def _renew(self, host: str, has_ended: asyncio.Event) -> None:
        while not has_ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(has_ended.wait(), RENEWAL_SECONDS)
                return
            await run_in_thread(self._hosts.free_host, host, time.time() + LEASE_SECONDS)

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
            await run_in_thread(self._hosts.hold_host, host, time.time() + pace.delay)

    def _pace(self, host: str) -> HostPace:
        return self._paces.setdefault(host, HostPace(self._least))

    async def _wait(self, host: str) -> None:
        ending = Ending.of(self.crawler)
        while not ending.has_begun:
            now = time.time()
            free_at = await run_in_thread(self._hosts.claim_host, host, now, now + LEASE_SECONDS)
            if not free_at:
                return
            if free_at - now > LONGEST_WAIT:
                raise HostAsksToWait(host, datetime.fromtimestamp(free_at, UTC))
            await asyncio.sleep(min(max(free_at - now, 0.001), STEP_SECONDS))
        raise CrawlEnds("the crawl is stopping")
