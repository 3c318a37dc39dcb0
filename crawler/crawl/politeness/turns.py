"""Turns: one request at a time to a host, whatever its names, each in its time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.utils.asyncio import run_in_thread
from sqlalchemy.exc import SQLAlchemyError

from crawler.crawl.ending import CrawlEnds, ending_of
from crawler.crawl.memory import memory_of
from crawler.crawl.politeness.pace import LONGEST_DELAY, LONGEST_WAIT, Pace, retry_after, site_of
from crawler.crawl.recorder import Recorder
from crawler.state.standings import Hosts

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

# How long a process that has died keeps a host from others; one that lives renews its claim in time.
LEASE_SECONDS, RENEWAL_SECONDS = 5.0, 1.5
STEP_SECONDS = 0.5


class HostAsksToWait(IgnoreRequest):
    """The host wants to be left alone for longer than a request is held for: `until`, an aware moment."""

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(f"{host} is not to be asked before {until:%c}")
        self.until = until


@dataclass(slots=True)
class Turn:
    """One request to a host: what came of it decides about the next."""

    is_used: bool = True
    status: int | None = None
    retry_after: float | None = None

    def answered(self, response: Response) -> None:
        """Note the answer."""
        self.status = response.status
        self.retry_after = wish_of(response)


def wish_of(response: Response) -> float | None:
    """Return the seconds after which an answer asks us to come again, None when it doesn't."""
    fields = {"retry-after": (response.headers.get("Retry-After") or b"").decode("latin-1")}
    return retry_after(fields, datetime.now(UTC))


class Turns:
    """The extension through which the download handler asks for a host's turn; off with DOWNLOAD_DELAY=0."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._least = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._paces: dict[str, Pace] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to parsed robots.txt files. Raises NotConfigured when pacing is off."""
        if not crawler.settings.getfloat("DOWNLOAD_DELAY"):
            raise NotConfigured
        turns = cls(crawler)
        crawler.signals.connect(turns.robots_parsed, signals.robots_parsed)
        return turns

    @cached_property
    def _hosts(self) -> Hosts:
        return Hosts(memory_of(self.crawler).state.engine)

    @asynccontextmanager
    async def turn(self, request: Request) -> AsyncIterator[Turn]:
        """Wait for the host's turn and hold it. Raises HostAsksToWait, CrawlEnds, SQLAlchemyError."""
        host = site_of(request.url)
        async with self._locks.setdefault(host, asyncio.Lock()), self._state_needed():
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
                # Not cancelled: what is under way in a thread would be written after what is written here.
                has_ended.set()
                await asyncio.wait([renewal])
                pace, now = self._pace(host), time.time()
                moment = pace.answered(started, now, turn.status, turn.retry_after) if turn.is_used else now
                await run_in_thread(self._hosts.free_host, host, moment)

    @asynccontextmanager
    async def _state_needed(self) -> AsyncIterator[None]:
        """End the crawl when state can't tell whose turn it is: that is no fault of the host."""
        try:
            yield
        except SQLAlchemyError as error:
            recorder = self.crawler.get_extension(Recorder)
            if recorder is not None:
                recorder.fail(error)
            raise

    async def _renew(self, host: str, has_ended: asyncio.Event) -> None:
        while not has_ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(has_ended.wait(), RENEWAL_SECONDS)
                return
            await run_in_thread(self._hosts.free_host, host, time.time() + LEASE_SECONDS)

    async def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Slow a host down to its Crawl-delay, which Scrapy parses and does not use."""
        wish = robotparser.crawl_delay(str(self.crawler.settings["USER_AGENT"])) or 0.0
        if wish > LONGEST_DELAY:
            logger.warning("%s asks for a Crawl-delay of %s s: %s s is kept", request.url, wish, LONGEST_DELAY)
        host = site_of(request.url)
        pace = self._pace(host)
        if wish > pace.wish:
            pace.wish = wish
            # The robots.txt that says so was a request too.
            await run_in_thread(self._hosts.hold_host, host, time.time() + pace.delay)

    def _pace(self, host: str) -> Pace:
        return self._paces.setdefault(host, Pace(self._least))

    async def _wait(self, host: str) -> None:
        ending = ending_of(self.crawler)
        while not ending.has_begun:
            now = time.time()
            free_at = await run_in_thread(self._hosts.claim_host, host, now, now + LEASE_SECONDS)
            if not free_at:
                return
            if free_at - now > LONGEST_WAIT:
                raise HostAsksToWait(host, datetime.fromtimestamp(free_at, UTC))
            await asyncio.sleep(min(max(free_at - now, 0.001), STEP_SECONDS))
        raise CrawlEnds("the crawl is stopping")
