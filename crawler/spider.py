"""NewsSpider: an outlet's declarations become requests, and its pages articles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.utils.asyncio import run_in_thread

from crawler.addresses import is_front_page, is_within
from crawler.declarations import Declarations
from crawler.failures import reason_of
from crawler.items import Listing, Page
from crawler.selection import Selection
from crawler.sources import BrokenSource, DailySitemap, Section, Visit, reach, read
from crawler.sources.base import is_html
from crawler.span import BadArgument, Span, days_of, read_span

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from crawler.state import Known

__all__ = ["BadArgument", "NewsSpider"]

SCOPES = ("national", "all")


class NewsSpider(Declarations, Spider):
    """An outlet and its crawl: two days, or a span. The class itself stands for an unknown outlet."""

    def __init__(
        self, since: str | None = None, until: str | None = None, scope: str = "national", **unknown: Any
    ) -> None:
        """Take the arguments given with -a. Raises BadArgument."""
        super().__init__()
        if unknown:
            raise BadArgument(f"{self.name} has no argument {next(iter(unknown))}.")
        if scope not in SCOPES:
            raise BadArgument(f"scope={scope} is neither national nor all.")
        self.scope = scope
        self._arguments = {"since": since, "until": until, "scope": scope}
        self.is_span_asked = bool(since or until)
        self.span = self.reachable(read_span(since, until, self.zone()))
        self._listed: set[str] = set()
        self._national: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider and let it watch where redirects lead."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.refuse_leading_away, signals.request_scheduled)
        return spider

    def reachable(self, span: Span) -> Span:
        """Return the part of a span that the outlet's sources list. Raises BadArgument when none does."""
        reached = reach(self.days, span) if self.days else span
        if span.is_recent:
            # Feeds and section pages list the last days, whatever the sitemaps by day do.
            reached = replace(reached or span, until=span.until)
        if reached is None:
            known = ", ".join(source.period for source in self.days)
            raise BadArgument(f"{self.name} lists {known}: no day from {span.since} to {span.until}.")
        if reached != span:
            self.logger.info("cut to %s to %s: no source lists more", reached.since, reached.until)
        return reached

    async def start(self) -> AsyncIterator[Any]:
        """Ask every source that can list articles of the span and scope."""
        for visit in self.visits():
            yield self.source_request(visit)

    def visits(self) -> Iterator[Visit]:
        """Yield the first visits: to the sources by day, and to the current ones if they reach the span."""
        current = self.span.is_recent or not self.days
        for source in self.sources():
            in_scope = self.scope == "all" or source.national or not isinstance(source, Section)
            if in_scope and (current or source in self.days):
                yield from source.at(self.home).visits(self.span)

    def start_addresses(self) -> list[str]:
        """Return the addresses that the crawl begins with."""
        return [visit.url for visit in self.visits()]

    def arguments(self) -> dict[str, Any]:
        """Return the arguments that make this spider once more, without reading its input again."""
        return self._arguments

    def source_request(self, visit: Visit) -> Request:
        """Return the request of a visit: before the articles of its days, after those of later days."""
        return Request(
            visit.url,
            callback=self.parse_listing,
            errback=self.source_failed,
            meta={"source": visit},
            priority=_priority(visit.span.until) + 2 + visit.source.national,
            dont_filter=True,
        )

    def article_request(self, listing: Listing) -> Request:
        """Return the request of an article, the newest first; duplicates are found by key, not by address."""
        published = listing.published or self.day_of(listing.url) or self.span.until
        return Request(
            listing.url,
            callback=self.parse_article,
            errback=self.article_failed,
            meta={"listing": listing},
            priority=_priority(min(*days_of(published, self.span.zone), self.span.until)),
            dont_filter=True,
        )

    async def parse_listing(self, response: Response) -> AsyncIterator[Request]:
        """Turn what a source lists into requests for the articles that are wanted and not yet known."""
        visit: Visit = response.meta["source"]
        try:
            # In a thread: a feed with full texts takes a second to parse.
            listings, further = await run_in_thread(read, visit, response.body, response.url, _content_type(response))
        except BrokenSource as error:
            self.source_broken(visit, str(error))
            return
        for deeper in further:
            yield self.source_request(deeper)
        selection = self.selection()
        articles = selection.articles(listings)
        wanted = selection.of_the_span(articles)
        known = await self.known(list(wanted))
        for listing in self.unlisted(wanted, known.done):
            request = self.article_request(listing)
            # Of one never met there is nothing that a response could be compared with.
            request.meta["is_new"] = self.key_of(listing.url) not in known.met
            yield request
        self.count_passed_over(visit, selection, is_empty=not further and selection.is_empty(listings))
        following = visit.source.next_page(visit)
        fresh = articles.keys() - known.done - visit.seen
        if following and fresh and not selection.are_all_older(articles[key] for key in fresh):
            yield self.source_request(replace(following, seen=visit.seen | articles.keys()))

    def selection(self) -> Selection:
        """Return what the run wants, with nothing passed over yet."""
        return Selection(self, self.span, self.scope, self.is_span_asked)

    def wanted(self) -> dict[str, Any]:
        """Return what the run wants as plain JSON types."""
        span = {"since": self.span.since.isoformat(), "until": self.span.until.isoformat()}
        return {**span, "scope": self.scope, "is_span_asked": self.is_span_asked}

    def selection_of(self, wanted: Mapping[str, Any]) -> Selection:
        """Return the selection of another run of this outlet from what it wanted."""
        since, until = (date.fromisoformat(wanted[name]) for name in ("since", "until"))
        return Selection(self, Span(since, until, self.zone()), wanted["scope"], wanted["is_span_asked"])

    async def known(self, keys: list[str]) -> Known:
        """Return which articles need no fetch, and which were met before."""
        # Imported late: extraction's workers load this module and have no use for a database.
        from crawler.memory import Memory  # noqa: PLC0415
        from crawler.state import Known  # noqa: PLC0415

        memory = self.crawler.get_extension(Memory) if self.crawler.extensions else None
        return await memory.known(self.name, keys, self.scope) if memory and keys else Known(set(), set())

    def confirmed(self, listing: Listing) -> Listing:
        """Return a listing with what other sources have said since of the same article."""
        is_national = listing.national or (self.key_of(listing.url) or listing.url) in self._national
        return replace(listing, national=is_national)

    def unlisted(self, wanted: dict[str, Listing], known: set[str]) -> Iterator[Listing]:
        """Yield what this run has not listed before and no run has fetched; each counts as listed once."""
        for key, listing in wanted.items():
            if listing.national:
                self._national.add(key)
            if key not in self._listed:
                self._listed.add(key)
                self.count("listed")
                self.count("known" if key in known else "requested")
                if key not in known:
                    yield listing

    def count_passed_over(self, visit: Visit, selection: Selection, is_empty: bool) -> None:
        """Count what was turned down, and say so when a source listed no article at all."""
        for reason, number in selection.passed_over.items():
            self.count(f"passed-over/{reason}", number)
        if is_empty and visit.page == 1:
            self.count("sources/empty")
            self.logger.warning("%s lists no article", visit.url)

    def source_failed(self, failure: Failure) -> None:
        """Count and report a source that could not be fetched."""
        visit: Visit = failure.request.meta["source"]  # type: ignore[attr-defined]
        reason = reason_of(failure.value)
        if reason == "http-404" and (visit.page > 1 or self.is_still_to_come(visit)):
            self.count("sources/absent")
        else:
            self.source_broken(visit, f"not fetched ({reason})")

    def is_still_to_come(self, visit: Visit) -> bool:
        """Tell whether a source by day may have nothing yet: its day has just begun."""
        by_day = isinstance(visit.source, DailySitemap)
        return by_day and visit.span.until >= datetime.now(self.zone()).date()

    def source_broken(self, visit: Visit, reason: str) -> None:
        """Count and report a source that gave no listing."""
        self.count("sources/broken")
        self.logger.warning("%s is broken: %s", visit.url, reason)

    def parse_article(self, response: Response) -> Iterator[Page]:
        """Hand a fetched page over to extraction, unless it can't be an article."""
        listing: Listing = response.meta["listing"]
        if response.status != 200:
            self.report("failed", f"http-{response.status}", response.url)
        elif self.leads_away(listing, response.url):
            self.report("rejected", "redirected-away", response.url)
        elif not (isinstance(response, HtmlResponse) or is_html(response.body)):
            self.report("rejected", "not-html", response.url)
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
            content_type=_content_type(response),
            http_status=response.status,
            listing=self.confirmed(listing),
            capture=response.meta.get("capture"),
            original=response.meta.get("original"),
        )

    def outlet_of(self, *urls: str) -> type[NewsSpider]:
        """Return the outlet whose article has one of these addresses."""
        return type(self)

    def article_failed(self, failure: Failure) -> None:
        """Count and report an article that could not be fetched."""
        url = failure.request.url  # type: ignore[attr-defined]
        self.report("failed", reason_of(failure.value), url)

    def refuse_leading_away(self, request: Request) -> None:
        """Stop a redirect from an article to somewhere that is none of the outlet's articles."""
        listing, hops = request.meta.get("listing"), request.meta.get("redirect_urls")
        if listing and hops and self.leads_away(listing, request.url):
            self.report("rejected", "redirected-away", hops[0])
            raise IgnoreRequest("redirected away")

    def leads_away(self, listing: Listing, url: str) -> bool:
        """Tell whether a listed address ended on a front page or on another outlet's site."""
        if is_front_page(url) and not is_front_page(listing.url):
            return True
        return bool(self.allowed_domains) and not is_within(url, self.allowed_domains)

    def report(self, outcome: str, reason: str, url: str) -> None:
        """Count and name an article that was not fetched ("failed") or is none ("rejected")."""
        self.count(f"{outcome}/{reason}")
        self.logger.info("%s: %s: %s", outcome, reason, url)

    def count(self, name: str, number: int = 1) -> None:
        """Count under khobor/."""
        self.crawler.stats.inc_value(f"khobor/{name}", number)


def _content_type(response: Response) -> str | None:
    return (response.headers.get("Content-Type") or b"").decode("latin-1") or None


def _priority(day: date) -> int:
    # Room for the requests of a day's sources between its articles and those of the day after.
    return day.toordinal() * 4
