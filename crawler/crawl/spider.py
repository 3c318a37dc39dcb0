"""NewsSpider: Scrapy's callbacks of an outlet, whose pages become articles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive.records import target_uri
from crawler.crawl.article_pages import ArticlePages
from crawler.crawl.assignment import Assignment
from crawler.crawl.discovery.day_ledger import DayLedger
from crawler.crawl.discovery.discovery import Discovery, KnownByNow
from crawler.crawl.discovery.known_articles import KnownArticles
from crawler.crawl.discovery.source_health import SourceHealth
from crawler.crawl.logs import LOGGED_CHARACTERS
from crawler.crawl.settings import run_command
from crawler.model.failures import CRAWL_ENDS, reason_of
from crawler.model.listing import Listing, Page
from crawler.model.span import BadArgument
from crawler.outlets.outlet import Outlet
from crawler.system.terminal import printable


class NewsSpider(Outlet, Spider):
    """Crawls two days of an outlet, or a span, by the arguments of Assignment."""

    known: KnownArticles
    ledger: DayLedger
    health: SourceHealth
    discovery: Discovery
    article_pages: ArticlePages

    def __init__(self, **arguments: str | None) -> None:
        super().__init__()
        if unknown := arguments.keys() - {"since", "until", "scope", "backfill", "missed"}:
            near = get_close_matches(min(unknown), ["since", "until", "scope"], 1)
            hint = f": did you mean {near[0]}?" if near else "."
            raise BadArgument(f"{self.name} has no argument {min(unknown)}{hint}")
        given = self.assignment = Assignment(self, **arguments)  # type: ignore[arg-type]
        self.span, self.scope, self.backfill = given.span, given.scope, given.backfill
        # Those that make this spider once more, without reading its input again.
        self.arguments: dict[str, Any] = given.arguments

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        assignment = spider.assignment
        assignment.is_update = run_command(crawler.settings) == "update"
        spider.article_pages = ArticlePages(spider, crawler.settings)
        spider.known = KnownArticles(assignment, crawler)
        spider.ledger = DayLedger(assignment, spider.known.confirmed)
        spider.health = SourceHealth(assignment, crawler)
        spider.discovery = Discovery(
            assignment, spider.known, spider.ledger, spider.health, crawler, spider.parse_article, spider.article_failed
        )
        crawler.signals.connect(spider.health.judge_lists, signals.spider_idle)
        crawler.signals.connect(spider.refuse_leading_away, signals.request_scheduled)
        return spider

    def outlet_of(self, url: str, listing: Listing | None) -> str:
        """Return the outlet whose segment takes a response: of addresses given by hand, each has its own."""
        return self.article_pages.outlet_of(url, listing.url).name if listing is not None else self.name

    def start_addresses(self) -> list[str]:
        return [visit.url for visit in self.assignment.visits()]

    async def start(self) -> AsyncIterator[Any]:
        async for request in self.discovery.requests():
            yield request

    async def mark_new(self, requests: Sequence[Request]) -> None:
        """Mark requests if none of their addresses has an archived capture: no response can be compared with one.

        If one has, all are looked up again one by one, which keeps them in their order.
        """
        outlets: dict[str, list[str]] = {}
        for request in requests:
            outlets.setdefault(self.outlet_of(request.url, request.meta["listing"]), []).append(target_uri(request.url))
        is_new = not await self.known.captured(outlets)
        for request in requests:
            request.meta["is_new"] = is_new

    def parse_article(self, response: Response) -> Iterator[Page]:
        """Yield the page of a response for extraction, unless it can't be an article."""
        listing: Listing = response.meta["listing"]
        is_unchanged = "revisit" in response.meta and "not-modified" in response.flags
        refusal = self.article_pages.refusal_of(response, listing) if not is_unchanged else None
        if is_unchanged:
            self.crawler.stats.inc_value("khobor/revisits-unchanged")
        elif refusal is not None:
            self.report(*refusal, response.url, listing)
        else:
            self.crawler.stats.inc_value("khobor/pages")
            yield self._page(response, listing)

    def _page(self, response: Response, listing: Listing) -> Page:
        page = self.article_pages.page(response, self.known.confirmed(listing))
        page.capture = response.meta.get("capture")
        page.original = response.meta.get("original")
        page.wanted = response.meta.get("wanted")
        return page

    def article_failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        if not isinstance(failure.value, KnownByNow):
            self.report("failed", reason_of(failure.value), request.url, request.meta.get("listing"))

    def refuse_leading_away(self, request: Request) -> None:
        """Raise IgnoreRequest for a redirect from an article to a page that can't be an article of the outlet."""
        listing, hops = request.meta.get("listing"), request.meta.get("redirect_urls")
        if listing and hops and self.article_pages.leads_away(listing, request.url):
            self.report("rejected", "redirected-away", hops[0], listing)
            raise IgnoreRequest("redirected away")

    def report(self, outcome: str, reason: str, url: str, listing: Listing | None = None) -> None:
        """Count and log a page that was not fetched ("failed") or is no article ("rejected")."""
        self.crawler.stats.inc_value(f"khobor/{outcome}/{reason}")
        self.crawler.stats.set_value(f"khobor/example/{outcome}", url)
        self.logger.info("%s: %s: %s", outcome, reason, printable(url[:LOGGED_CHARACTERS]))
        if listing is not None:
            self.known.came_to(listing, reason)
            if reason != CRAWL_ENDS:
                self.ledger.settle(listing, outcome, reason)
