"""robots.txt by RFC 9309: a host that can't give it is not asked for anything else, and none is believed for ever."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from crawler.crawl.ending import CrawlEnds, ending_of
from crawler.crawl.politeness.pace import TOO_MANY_REQUESTS
from crawler.model.failures import REASONS, ROBOTS_FAILURE, ROBOTS_UNAVAILABLE, reason_of
from crawler.model.span import rfc3339

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

# One that could not be had is asked for again after so long.
WAIT_SECONDS = 600.0

# As much as crawlers have to read (RFC 9309 §2.5).
READ_BYTES = 500 << 10


class RobotsUnavailable(IgnoreRequest):
    """The host's robots.txt can't be had now: nothing of it may be asked for."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a host's robots.txt said until a moment of the monotonic clock; a parser None allows everything."""

    until: float
    is_available: bool
    parser: RobotParser | None = None


class RobotsTxt(RobotsTxtMiddleware):
    """Scrapy's middleware, which takes errors of the server for "wait" and asks again after ROBOTSTXT_MAX_AGE.

    An outlet's crawl that had it of a host before does not wait but ends: what it has not asked for is left to the
    next one, and failed in none. A host whose robots.txt could never be had holds up its own pages alone.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._max_age = crawler.settings.getfloat("ROBOTSTXT_MAX_AGE")
        self._answers: dict[str, asyncio.Future[_Answer]] = {}
        self._had: set[str] = set()

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules for a request's host, None when it has none. Raises RobotsUnavailable, CrawlEnds."""
        answer, host = await asyncio.shield(self._current(request)), urlparse_cached(request).netloc
        if answer.is_available:
            self._had.add(host)
            return answer.parser
        if self._is_outlet and host in self._had:
            ending_of(self.crawler).end(ROBOTS_UNAVAILABLE)
            raise CrawlEnds(f"robots.txt of {host} can't be had any more")
        raise RobotsUnavailable(f"robots.txt of {host} can't be had")

    @property
    def _is_outlet(self) -> bool:
        # Addresses given by hand are of many hosts.
        return bool(getattr(self.crawler.spidercls, "allowed_domains", None))

    def _current(self, request: Request) -> asyncio.Future[_Answer]:
        host = urlparse_cached(request).netloc
        known = self._answers.get(host)
        if known is None or (known.done() and known.result().until <= time.monotonic()):
            known = self._answers[host] = asyncio.ensure_future(self._ask(request))
        return known

    async def _ask(self, request: Request) -> _Answer:
        url = urlparse_cached(request)
        asked = Request(
            f"{url.scheme}://{url.netloc}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self.crawler.engine.download_async(asked)
        except IgnoreRequest:
            # Refused by our own rules, which the request itself will meet too.
            return _Answer(time.monotonic() + WAIT_SECONDS, is_available=True)
        except tuple(REASONS) as error:
            # RFC 9309 §2.3.1.4. Any other error keeps the host from being asked as well, and is ours.
            return self._unavailable(asked.url, reason_of(error))
        return await self._read(response, request)

    async def _read(self, response: Response, request: Request) -> _Answer:
        self._stats.inc_value("robotstxt/response_count")
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        if response.status >= 500 or response.status == TOO_MANY_REQUESTS:
            return self._unavailable(response.url, f"http-{response.status}")
        believed = time.monotonic() + self._max_age
        if response.status >= 400:
            return _Answer(believed, is_available=True)
        parser = build_from_crawler(self._parserimpl, self.crawler, response.body[:READ_BYTES])
        await self.crawler.signals.send_catch_log_async(signals.robots_parsed, robotparser=parser, request=request)
        return _Answer(believed, is_available=True, parser=parser)

    def _unavailable(self, url: str, reason: str) -> _Answer:
        self._stats.inc_value("khobor/robots/unavailable")
        self._stats.set_value(ROBOTS_FAILURE, f"{url} {reason}")
        self._stats.set_value("khobor/robots/since", rfc3339(datetime.now(UTC)))
        logger.warning("%s can't be had (%s): the host is not asked for anything else", url, reason)
        return _Answer(time.monotonic() + WAIT_SECONDS, is_available=False)
