"""robots.txt by RFC 9309: a host without a readable one gets no other request, and no answer is valid for ever."""

import asyncio
import logging
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from crawler.crawl.ending import CrawlEnds, Ending
from crawler.crawl.politeness.pace import TOO_MANY_REQUESTS
from crawler.crawl.settings import Pace
from crawler.model.failures import REASONS, ROBOTS_FAILURE, ROBOTS_UNAVAILABLE, reason_of
from crawler.model.span import rfc3339
from crawler.recording.downloads import RESOURCE_HOPS, is_resource
from crawler.system import clock

logger = logging.getLogger(__name__)

# Pause before a failed robots.txt is requested again.
WAIT_SECONDS = 600.0

# Crawlers must parse at least this much (RFC 9309 §2.5).
READ_BYTES = 500 << 10

# What the request for a robots.txt takes over from that for a page resource.
OF_RESOURCES = (RESOURCE_HOPS, "allow_offsite", "dont_retry", "download_timeout")


class RobotsUnavailable(IgnoreRequest):
    """The host's robots.txt is unavailable, for `reason`: the host gets no other request."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"robots.txt of {host} can't be had ({reason})")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Answer:
    """A host's robots.txt, valid until a moment of the monotonic clock; without a parser or fault it allows all."""

    until: float
    parser: RobotParser | None = None
    fault: str | None = None


class RobotsTxt(RobotsTxtMiddleware):
    """Scrapy's middleware, which takes server errors for "wait" and refetches after ROBOTSTXT_MAX_AGE.

    If a host that had a robots.txt in this crawl loses it, an outlet's crawl ends, and the next one continues.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._max_age = Pace.from_settings(crawler.settings).robots_max_age
        self.failure: str | None = None
        self._answers: dict[str, asyncio.Future[_Answer]] = {}
        self._had: set[str] = set()

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules for a request's host, None without any. Raises RobotsUnavailable, CrawlEnds."""
        host = urlparse_cached(request).netloc
        known = self._answers.get(host)
        if known is None or (known.done() and known.result().until <= time.monotonic()):
            known = self._answers[host] = asyncio.ensure_future(self._fetch(request))
        answer = await asyncio.shield(known)
        if answer.fault is None:
            self._had.add(host)
            return answer.parser
        # Addresses given by hand are of many hosts.
        is_outlet = bool(getattr(self.crawler.spidercls, "allowed_domains", None))
        if is_outlet and host in self._had and not is_resource(request):
            Ending.of(self.crawler).end(ROBOTS_UNAVAILABLE)
            raise CrawlEnds(f"robots.txt of {host} can't be had any more")
        raise RobotsUnavailable(host, answer.fault)

    async def _fetch(self, request: Request) -> _Answer:
        url = urlparse_cached(request)
        # For a page resource, it waits no longer than that, and its failure does not count either.
        of_resource = {key: request.meta[key] for key in OF_RESOURCES if is_resource(request) and key in request.meta}
        robots = Request(
            f"{url.scheme}://{url.netloc}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True, **of_resource},
            callback=NO_CALLBACK,
        )
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self.crawler.engine.download_async(robots)
        except IgnoreRequest:
            # Our own rules refuse it, and will refuse the request itself.
            return _Answer(time.monotonic() + WAIT_SECONDS)
        except tuple(REASONS) as error:
            # RFC 9309 §2.3.1.4. Other errors are our own, and propagate.
            return self._unavailable(robots.url, reason_of(error), request)
        return await self._read(response, request)

    async def _read(self, response: Response, request: Request) -> _Answer:
        self._stats.inc_value("robotstxt/response_count")
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        if response.status >= 500 or response.status == TOO_MANY_REQUESTS:
            return self._unavailable(response.url, f"http-{response.status}", request)
        until = time.monotonic() + self._max_age
        if response.status >= 400:
            return _Answer(until)
        parser = build_from_crawler(self._parserimpl, self.crawler, response.body[:READ_BYTES])
        await self.crawler.signals.send_catch_log_async(signals.robots_parsed, robotparser=parser, request=request)
        return _Answer(until, parser)

    def _unavailable(self, url: str, reason: str, request: Request) -> _Answer:
        if not is_resource(request):
            self._stats.inc_value("khobor/robots/unavailable")
            self.failure = f"{url} {reason}"
            self._stats.set_value(ROBOTS_FAILURE, self.failure)
            self._stats.set_value("khobor/robots/since", rfc3339(clock.now()))
        logger.warning("%s can't be had (%s): the host gets no other request", url, reason)
        return _Answer(time.monotonic() + WAIT_SECONDS, fault=reason)


def is_robots_txt(request: Request) -> bool:
    """Return whether a request is for a host's robots.txt, wherever it leads."""
    return any(urlsplit(url).path == "/robots.txt" for url in (request.url, *request.meta.get("redirect_urls", [])))
