"""Discovery: the listings of an outlet's sources become requests for its articles, day by day."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.asyncio import run_in_thread
from twisted.python.failure import Failure

from crawler.crawl.assignment import Assignment
from crawler.crawl.discovery.day_ledger import DayLedger
from crawler.crawl.discovery.known_articles import KnownArticles
from crawler.crawl.discovery.listed_page import ListedPage, content_type, headers_of, list_request
from crawler.crawl.discovery.source_health import ABSENT, SourceHealth
from crawler.model.day_news import FaultKind
from crawler.model.failures import CRAWL_ENDS, NO_ANSWER, reason_of
from crawler.model.listing import Listing
from crawler.model.span import days_of
from crawler.outlets.sources import BrokenSource, Reading, Visit, complaint, read
from crawler.outlets.sources.base import NothingListed


class KnownByNow(IgnoreRequest):
    """Another run has archived the article since its listing was read."""


@dataclass(slots=True)
class Discovery:
    """Makes the requests of a crawl: for the lists of its sources, and for the listed articles that are not known."""

    assignment: Assignment
    known: KnownArticles
    ledger: DayLedger
    health: SourceHealth
    crawler: Crawler
    # Called with the response of an article, or with its failure.
    callback: Callable[..., object]
    errback: Callable[..., object]
    # Visits to days that earlier updates missed, by source: they wait until it is known to be readable, so that a
    # broken source is not requested for each of them in every run.
    _waiting: dict[str, list[Visit]] = field(default_factory=dict)

    async def requests(self) -> AsyncIterator[Request]:
        closed = await self.known.closed_days()
        self.health.track_missed()
        for visit in filter(self.assignment.is_missing, self.assignment.visits()):
            if self.assignment.looks_back(visit):
                self._waiting.setdefault(visit.source.url, []).append(visit)
            elif self.assignment.day_of_visit(visit) not in closed:
                yield self.source_request(visit)

    def source_request(self, visit: Visit) -> Request:
        """Return the request of a visit: before the articles of its days, after those of later days."""
        self.ledger.asked(visit)
        return list_request(
            visit,
            callback=self.parse_listing,
            errback=self.source_failed,
            meta={"source": visit},
            priority=_priority(visit.span.until) + 2 + visit.source.national,
        )

    def article_request(self, listing: Listing, day: date | None = None) -> Request:
        """Return the request of an article, the newest first; `day` is the one whose source listed it, if known."""
        span = self.assignment.span
        published = day or listing.published or self.assignment.outlet.day_of(listing.url) or span.until
        return Request(
            self.assignment.outlet.address_of_text(listing.url),
            callback=self.callback,
            errback=self.errback,
            meta={"listing": listing},
            priority=_priority(min(*days_of(published, span.zone), span.until)),
            dont_filter=True,
        )

    def first_requests(self, listings: Iterable[Listing], day: date | None, met: Set[str]) -> Iterator[Request]:
        """Yield the requests of articles that this run has not requested; a run that only counts requests none."""
        for listing in listings if self.assignment.backfill != "count" else ():
            key = self.assignment.outlet.listed_key(listing.url)
            self.known.begin(key, key not in met)
            request = self.article_request(listing, day)
            # No capture exists with which the response of an article never met could be compared.
            request.meta["is_new"] = key not in met
            request.meta["refuse_known"] = self.refuse_known
            self.ledger.requested(key, day)
            yield request

    async def refuse_known(self, request: Request) -> None:
        """Raise KnownByNow if another run has fetched an article since it was listed. Raises SQLAlchemyError."""
        listing: Listing = request.meta["listing"]
        key = self.assignment.outlet.listed_key(listing.url)
        if await self.known.is_done(key):
            self.ledger.settle(listing)
            self.known.withdraw(key)
            raise KnownByNow(f"{key} is known by now")

    async def source_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Count and report a source that could not be fetched; one that has no more pages could be read."""
        visit: Visit = failure.request.meta["source"]  # type: ignore[attr-defined]
        reason = reason_of(failure.value)
        if reason == CRAWL_ENDS:
            return  # the next run requests it
        if reason in ABSENT and visit.once_more:
            yield self._once_more(visit, visit.once_more)
            return
        left = await self._left_over(visit, {}) if reason not in NO_ANSWER else {}
        response = getattr(failure.value, "response", None)
        is_end = visit.source.is_absent(visit, reason, response.body if response is not None else b"")
        fault, kind = self.health.count_failure(visit, reason, is_end, has_articles=bool(left))
        requests = [*self.first_requests(left.values(), self.assignment.day_of_visit(visit), met=set())]
        self.ledger.answered(visit, {}, left, fault, kind)
        if is_end or (reason in ABSENT and self.health.may_be_late(visit)):
            requests += self._released(visit)
        for request in requests:
            yield request

    async def parse_listing(self, response: Response) -> AsyncIterator[Request]:
        visit: Visit = response.meta["source"]
        page = await self._listed_page(visit, response)
        if page.fault and visit.once_more:
            yield self._once_more(visit, visit.once_more)
            return
        if page.fault:
            self.health.list_failed(visit, page.fault, page.has_no_list, page.is_elsewhere)
        wanted = page.selection.of_the_span(page.articles)
        known = await self.known.look_up(list(wanted))
        further = page.further(known.done)
        source_requests = list(map(self.source_request, further))
        left = await self._left_over(visit, wanted)
        unlisted = [*self.known.unlisted(wanted, known.done), *left.values()]
        requests = [*self.first_requests(unlisted, self.assignment.day_of_visit(visit), known.met), *source_requests]
        if not page.fault or (page.has_no_list and self.health.may_be_late(visit)):
            requests += self._released(visit)
        for reason, number in page.selection.passed_over.items():
            self.crawler.stats.inc_value(f"khobor/passed-over/{reason}", number)
        for request in requests:
            yield request
        await self._note_visit(page, wanted, left, is_end=not further)

    def _once_more(self, visit: Visit, again: Visit) -> Request:
        """Return the request for a page that was missing or had nothing new; the list ends if it is so again."""
        request = self.source_request(again)
        self.ledger.answered(visit, {})
        return request

    def _released(self, visit: Visit) -> Iterator[Request]:
        return map(self.source_request, self._waiting.pop(visit.source.url, []))

    async def _left_over(self, visit: Visit, listed: Mapping[str, Listing]) -> dict[str, Listing]:
        """Return by key the articles to request of a day that its sources, this being the last, no longer list."""
        day = self.assignment.day_of_visit(visit)
        if day is None or not self.ledger.is_last(day):
            return {}
        return await self.known.left_over(day, listed)

    async def _note_visit(
        self, page: ListedPage, wanted: Mapping[str, Listing], left: dict[str, Listing], is_end: bool
    ) -> None:
        visit = page.visit
        if not page.fault:
            self.health.count_source(visit, page.selection, page.reading.listings)
            self.health.note_page(visit, is_end, page.is_empty)
            self.ledger.note_list(visit, page.selection, page.articles, wanted)
        await self._note_others(visit, {key: one for key, one in page.articles.items() if key not in wanted})
        absence = self.health.absence(visit) if page.is_empty and is_end else None
        if page.may_be_of_gap:
            self.health.note_no_list(visit)
        # A run that only counts ends before it is known whether the source lists anything of other days.
        is_absent = absence is not None or (page.may_be_of_gap and self.assignment.backfill != "count")
        kind = self.health.kind_of_absence(visit) if is_absent else FaultKind.BROKEN
        self.ledger.answered(visit, wanted, left, absence or page.fault, kind)

    async def _note_others(self, visit: Visit, others: Mapping[str, Listing]) -> None:
        """Note the articles that a list dates on a day beside its own: that day's own list may not have them."""
        days = self.ledger.days_beside(visit, others)
        known = await self.known.look_up(list(days))
        for key in days.keys() - known.done:
            self.ledger.move(key, others[key], days[key], self.assignment.day_of_visit(visit))

    async def _listed_page(self, visit: Visit, response: Response) -> ListedPage:
        reading, error = await _read(visit, response)
        selection = self.assignment.selection()
        page = ListedPage(
            visit=visit,
            reading=reading,
            selection=selection,
            articles=selection.articles(reading.listings),
            fault=str(error) if error else None,
            has_no_list=isinstance(error, NothingListed) and self.health.is_list(visit),
            is_elsewhere=visit.source.leads_elsewhere(visit, response.url),
        )
        misplaced = None if page.fault else page.repetition()
        if selection.is_empty(reading.listings):
            misplaced = await run_in_thread(complaint, response.body, content_type(response)) or misplaced
        if misplaced is None:
            return page
        # Nothing follows a page that is no listing or not the requested one. An article without its address proves
        # nothing about further pages.
        return replace(page, reading=Reading(reading.listings, []), fault=misplaced, has_no_list=False)


async def _read(visit: Visit, response: Response) -> tuple[Reading, BrokenSource | None]:
    answer = (response.body, response.url, content_type(response), headers_of(response))
    try:
        # In a thread: a feed with full texts takes a second to parse.
        return await run_in_thread(read, visit, *answer), None
    except BrokenSource as error:
        return Reading(error.listings, [], error.following), error


def _priority(day: date) -> int:
    # Room for the requests of a day's sources between its articles and those of the day after.
    return day.toordinal() * 4
