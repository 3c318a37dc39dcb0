"""NewsSpider: an outlet's declarations become requests, and its pages articles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response

from crawler.crawl.discovery.discovery import Discovery, content_type
from crawler.model.addresses import is_front_page, is_within
from crawler.model.failures import CRAWL_ENDS, reason_of
from crawler.model.listing import Listing, Page
from crawler.model.span import Wanted
from crawler.outlets.sources.base import is_html
from crawler.system.terminal import printable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

# An address may have any length, a log line not.
TOLD_CHARACTERS = 500


class KnownByNow(IgnoreRequest):
    """Another run has archived the article since its listing was read."""


class NewsSpider(Discovery):
    """An outlet and its crawl: two days, or a span. The class itself stands for an unknown outlet."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider and let it watch where redirects lead, and when all sources have answered."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.judge_lists, signals.spider_idle)
        crawler.signals.connect(spider.refuse_leading_away, signals.request_scheduled)
        return spider

    def parse_article(self, response: Response) -> Iterator[Page]:
        """Hand a fetched page over to extraction, unless it can't be an article."""
        listing: Listing = response.meta["listing"]
        if response.status != 200:
            self.report("failed", f"http-{response.status}", response.url, listing)
        elif self.leads_away(listing, response.url):
            self.report("rejected", "redirected-away", response.url, listing)
        elif "revisit" in response.meta and "not-modified" in response.flags:
            self.count("revisits-unchanged")
        elif not response.body.strip():
            self.report("failed", "empty-body", response.url, listing)
        elif not (isinstance(response, HtmlResponse) or is_html(response.body)):
            self.report("rejected", "not-html", response.url, listing)
        else:
            self.count("pages")
            yield self.page(response, listing)

    def page(self, response: Response, listing: Listing) -> Page:
        """Return the page of a response; its key is that of the address it came from in the end, if it has one."""
        outlet = self.outlet_of(response.url, listing.url)
        listed_key = outlet.key_of(listing.url)
        key = outlet.key_of(response.url) or listed_key
        listed = listed_key or listing.url
        return Page(
            outlet=outlet.name,
            url=response.url,
            body=response.body,
            key=key,
            aliases=(listed,) if listed != key else (),
            content_type=content_type(response),
            http_status=response.status,
            listing=self.confirmed(listing),
            capture=response.meta.get("capture"),
            original=response.meta.get("original"),
            wanted=self._wanted_for(response),
        )

    def _wanted_for(self, response: Response) -> Wanted | None:
        if "revisit" in response.meta:
            # What is visited again was wanted before, whatever days this run is about.
            return replace(self.wanted(), is_span_strict=False)
        return response.meta.get("wanted")  # of a dead run that had lost the article

    def outlet_of(self, *urls: str) -> type[NewsSpider]:
        """Return the outlet whose article has one of these addresses."""
        return type(self)

    def article_failed(self, failure: Failure) -> None:
        """Count and report an article that could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, KnownByNow):
            return
        self.report("failed", reason_of(failure.value), request.url, request.meta.get("listing"))

    async def refuse_known(self, request: Request) -> None:
        """Stop a listed article that another run has fetched by now. Raises KnownByNow, SQLAlchemyError."""
        listing = request.meta.get("listing")
        if self._memory is None or listing is None or "is_new" not in request.meta:
            return
        key = self.listed_key(listing)
        if (await self._memory.known(self.name, [key], self.scope)).done:
            self.settle(listing)
            self._tries.pop(key, None)
            self.count("requested", -1)
            self.count("known")
            raise KnownByNow(f"{key} is known by now")

    def refuse_leading_away(self, request: Request) -> None:
        """Stop a redirect from an article to somewhere that is none of the outlet's articles."""
        listing, hops = request.meta.get("listing"), request.meta.get("redirect_urls")
        if listing and hops and self.leads_away(listing, request.url):
            self.report("rejected", "redirected-away", hops[0], listing)
            raise IgnoreRequest("redirected away")

    def leads_away(self, listing: Listing, url: str) -> bool:
        """Tell whether a listed address ended on a front page or on another outlet's site."""
        if is_front_page(url) and not is_front_page(listing.url):
            return True
        return bool(self.allowed_domains) and not is_within(url, self.allowed_domains)

    def report(self, outcome: str, reason: str, url: str, listing: Listing | None = None) -> None:
        """Count and name an article that was not fetched ("failed") or is none ("rejected")."""
        self.count(f"{outcome}/{reason}")
        self.crawler.stats.set_value(f"khobor/example/{outcome}", url)
        self.logger.info("%s: %s: %s", outcome, reason, printable(url[:TOLD_CHARACTERS]))
        if listing is not None:
            self.came_to(listing, reason)
        if listing is not None and reason != CRAWL_ENDS:
            self.settle(listing, outcome, reason)
