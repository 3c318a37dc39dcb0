"""Page resources: stylesheets and lead pictures of articles, recorded after all pages so that replay is not bare."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, IgnoreRequest, NotConfigured
from scrapy.http import HtmlResponse, Response
from scrapy.utils.asyncio import run_in_thread
from twisted.python.failure import Failure

from crawler.crawl.component import Component
from crawler.crawl.ending import Ending
from crawler.crawl.linked_resources import address, addresses_in, stylesheets_of
from crawler.crawl.memory import Memory
from crawler.crawl.politeness.pace import site_of
from crawler.crawl.politeness.refusals import refusal_of
from crawler.crawl.politeness.robots import is_robots_txt
from crawler.crawl.recorder import Recorder
from crawler.crawl.settings import Pace, ResourcePlan
from crawler.crawl.spider import NewsSpider
from crawler.model.article import Article
from crawler.model.failures import CRAWL_ENDS, reason_of
from crawler.recording.downloads import RESOURCE_HOPS, is_resource
from crawler.state.resources import FetchedResources
from crawler.system import clock

# A resource that is longer is cut and marked as cut; a slower one is given up.
LARGEST_BYTES, LONGEST_SECONDS = 5 << 20, 15

# An update's crawl needs this long to end, a download under way included.
ENDING_SECONDS = 45

# Addresses that a run remembers: more than it has time for.
MOST_WAITING = 10_000

# Stylesheets come first, then the addresses in them, then pictures.
SHEET, PART, PICTURE = -1, -2, -3


class OverBudget(IgnoreRequest):
    """The run has spent the bytes or seconds that it has for page resources."""


# Outcomes of requests that were not sent: the next run sends them.
NOT_SENT = frozenset({CRAWL_ENDS, "over-budget", "host-refuses", "host-asks-to-wait"})


class HostRefuses(IgnoreRequest):
    """The host has refused REFUSALS_IN_A_ROW resources in a row."""


class PageResources(Component):
    """The downloader middleware that requests the resources of articles with a row, once no other request is left.

    Each address is requested once a day. A failure counts against nothing but itself.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._plan = ResourcePlan.from_settings(crawler.settings)
        is_recorded = crawler.get_extension(Recorder) is not None
        if not (self._plan.has_styles and is_recorded and issubclass(crawler.spidercls, NewsSpider)):
            raise NotConfigured
        self._longest = min(crawler.settings.getfloat("DOWNLOAD_TIMEOUT"), LONGEST_SECONDS)
        self._largest = min(crawler.settings.getint("DOWNLOAD_MAXSIZE"), LARGEST_BYTES)
        self._began = time.monotonic()
        # The moment at which the run's time for resources is over, set when it begins.
        self._until: float | None = None
        self._bytes = 0
        self._most_refusals = Pace.from_settings(crawler.settings).refusals
        self._refusals: Counter[str] = Counter()
        self._waiting: list[Request] = []
        self._seen: set[str] = set()
        self._settled: set[str] = set()
        self.listen("item_scraped", "spider_closed")

    def item_scraped(self, item: Article, response: Response) -> None:
        """Note the resources of an article that has a row."""
        sheets = stylesheets_of(response) if isinstance(response, HtmlResponse) else []
        for url in sheets:
            self._note(url, response, SHEET, self._sheet_arrived)
        if self._plan.has_lead and (picture := address(response.url, item.image or "")):
            self._note(picture, response, PICTURE, self._arrived)

    def spider_idle(self) -> None:
        """Request what waits, unless others have found articles to request. Raises DontCloseSpider if anything does."""
        engine, waiting = self.crawler.engine, self._waiting
        if not waiting or Ending.of(self.crawler).has_begun or not engine.spider_is_idle():
            return
        self._waiting = []
        if self._until is None:
            self._begin()
        wanted = [request for request in waiting if request.url not in self._settled]
        # Scrapy takes the last one first.
        for request in reversed(wanted):
            engine.crawl(request)
        if wanted:
            raise DontCloseSpider

    def process_request(self, request: Request) -> None:
        """Let a request go on, with the patience that is left. Raises OverBudget, HostRefuses."""
        if is_resource(request) and self._until is not None and not is_robots_txt(request):
            self._check(request)
            request.meta["patience"] = self._until - time.monotonic()

    def response_downloaded(self, request: Request, response: Response) -> None:
        """Count the consecutive refusals of a host, before its next request."""
        if is_resource(request) and not is_robots_txt(request):
            host = site_of(request.url)
            self._refusals[host] = self._refusals[host] + 1 if refusal_of(response) else 0

    def headers_received(self, body_length: object, request: Request) -> None:
        """Spend the rest of the budget on a body that is longer: it is cut at once."""
        left = self._plan.most_bytes - self._bytes
        if is_resource(request) and isinstance(body_length, int) and body_length > left:
            self._bytes = self._plan.most_bytes

    def bytes_received(self, data: bytes, request: Request) -> None:
        if is_resource(request):
            self._bytes += len(data)
            self._count("bytes", len(data))

    async def spider_closed(self) -> None:
        recorder = Recorder.of(self.crawler)
        if self._until is not None and recorder.failure is None:
            with recorder.failing_with_state():
                await run_in_thread(self._fetched.add, self._today, self._settled)

    def _begin(self) -> None:
        end = self._began + self._plan.deadline - ENDING_SECONDS
        self._until = min(time.monotonic() + self._plan.seconds, end)
        with Recorder.of(self.crawler).failing_with_state():
            self._settled = self._fetched.of(self._today)

    def _note(self, url: str, page: Response, priority: int, callback: Callable[..., Any]) -> None:
        if url in self._seen or len(self._seen) >= MOST_WAITING:
            return
        if not self._seen:
            # Not earlier: of those who request more when the spider is idle, this must be the last.
            self.listen("spider_idle", "headers_received", "bytes_received", "response_downloaded")
        self._waiting.append(self._request(url, page, priority, callback))

    def _request(self, url: str, page: Response, priority: int, callback: Callable[..., Any]) -> Request:
        self._seen.add(url)
        meta = page.meta
        return Request(
            url,
            callback=callback,
            errback=self._failed,
            headers={"Referer": page.url},
            priority=priority,
            dont_filter=True,
            meta={
                "allow_offsite": True,
                RESOURCE_HOPS: meta.get(RESOURCE_HOPS, "") + "E",
                "depth": meta.get("depth", 0),
                "dont_retry": True,
                "download_timeout": self._longest,
                "refuse_known": self._admit,
            },
        )

    async def _admit(self, request: Request) -> None:
        """Let a request go whose turn has come, for as many bytes as are left. Raises OverBudget, HostRefuses."""
        self._check(request)
        request.meta["download_maxsize"] = min(self._largest, self._plan.most_bytes - self._bytes)

    def _check(self, request: Request) -> None:
        if self._refusals[site_of(request.url)] >= self._most_refusals:
            raise HostRefuses(f"{request.url} is on a host that refuses us")
        if self._bytes >= self._plan.most_bytes or time.monotonic() >= (self._until or 0):
            raise OverBudget("the bytes or seconds of this run for page resources are spent")

    async def _sheet_arrived(self, response: Response) -> None:
        """Request the addresses in a stylesheet; those in a stylesheet that it imports stay out."""
        self._arrived(response)
        # A page of an error is no stylesheet.
        found = (
            [] if isinstance(response, HtmlResponse) else await run_in_thread(addresses_in, response.body, response.url)
        )
        for url in reversed(found):
            if not (url in self._seen or url in self._settled or len(self._seen) >= MOST_WAITING):
                self.crawler.engine.crawl(self._request(url, response, PART, self._arrived))

    def _arrived(self, response: Response) -> None:
        assert response.request is not None
        self._settle(response.request)
        self._count("unchanged" if "not-modified" in response.flags else "fetched")

    def _failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        reason = reason_of(failure.value)
        self._count(f"failed/{reason}")
        # The next run has another budget.
        is_cut = reason == "too-large" and request.meta["download_maxsize"] < self._largest
        if reason not in NOT_SENT and not is_cut:
            self._settle(request)

    def _settle(self, request: Request) -> None:
        self._settled.update([request.url, *request.meta.get("redirect_urls", ())])

    def _count(self, what: str, number: int = 1) -> None:
        self.crawler.stats.inc_value(f"khobor/resources/{what}", number)

    @cached_property
    def _today(self) -> date:
        assert isinstance(self.crawler.spider, NewsSpider)
        return clock.today(self.crawler.spider.zone())

    @cached_property
    def _fetched(self) -> FetchedResources:
        return FetchedResources(Memory.of(self.crawler).state.engine, self.crawler.spidercls.name)
