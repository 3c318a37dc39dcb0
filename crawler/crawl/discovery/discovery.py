"""Discovery: what an outlet's sources list becomes requests, day by day.

A page of a source's listing: which of its links are entries, and whether the page after it may list more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response
from scrapy.utils.asyncio import run_in_thread

from crawler.crawl.discovery.day_ledger import DayNotes
from crawler.crawl.discovery.known_articles import ListedArticles
from crawler.crawl.discovery.source_health import ABSENT
from crawler.model.addresses import is_within
from crawler.model.failures import NO_ANSWER, reason_of
from crawler.model.listing import Listing, Page
from crawler.model.span import ONE_DAY, days_of
from crawler.outlets.selection import Selection
from crawler.outlets.sources import BrokenSource, DailySitemap, Reading, SourceByDay, Visit, complaint, read
from crawler.outlets.sources.base import NothingListed

if TYPE_CHECKING:
    from twisted.python.failure import Failure


class Discovery(ListedArticles):
    """Which of the articles that sources list a crawl asks for."""

    def __init__(self, **arguments: Any) -> None:
        """Take the arguments given with -a. Raises BadArgument."""
        super().__init__(**arguments)
        self._waiting: dict[str, list[Visit]] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Ask every source that can list articles of the span and scope."""
        closed = await self.closed_days()
        self.track_missed()
        for visit in filter(self.is_missing, self.visits()):
            if self.looks_back(visit):
                # Asked for when it is known that the source can be read: one that is broken would be asked in vain
                # for each day, in every run.
                self._waiting.setdefault(visit.source.url, []).append(visit)
            elif self.day_of_visit(visit) not in closed:
                yield self.source_request(visit)

    def is_missing(self, visit: Visit) -> bool:
        """Tell whether a visit asks for what is new or was missed: an update asks for no day again that was read."""
        if not self.is_update or not isinstance(visit.source, SourceByDay):
            return True
        missed = self._missed.of(visit.source.url)
        if visit.span.since.isoformat() in missed:
            return True
        # What was missed before yesterday is asked for when one of the last days could be read.
        yesterday = (datetime.now(self.zone()).date() - ONE_DAY).isoformat()
        is_usual = isinstance(visit.source, DailySitemap) or any(day < yesterday for day in missed)
        return is_usual and not self.looks_back(visit)

    def released(self, visit: Visit) -> list[Request]:
        """Return the requests for the days missed of a source that, as a visit tells, can be read."""
        return list(map(self.source_request, self._waiting.pop(visit.source.url, [])))

    async def source_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Count and report a source that could not be fetched; one that says that it has nothing can be read."""
        visit: Visit = failure.request.meta["source"]  # type: ignore[attr-defined]
        reason = reason_of(failure.value)
        if reason in ABSENT and visit.once_more:
            yield self.asked_once_more(visit, visit.once_more)
            return
        day = self.day_of_visit(visit)
        left = await self.left_over(day, {}) if reason not in NO_ANSWER else []
        for request in self.first_requests(left, day, met=set()):
            yield request
        self.count_failure(failure, list(map(self.listed_key, left)))
        is_absent = reason in ABSENT and self.may_be_late(visit)
        for request in self.released(visit) if is_absent or self.says_no_more(failure) else ():
            yield request

    def asked_once_more(self, visit: Visit, again: Visit) -> Request:
        """Return the request of a page that was not there, or had nothing new: if it is so again, it is the end."""
        request = self.source_request(again)
        self.answered(visit, ())
        return request

    def source_request(self, visit: Visit) -> Request:
        """Return the request of a visit: before the articles of its days, after those of later days."""
        if day := self.day_of_visit(visit):
            self._book.asked(day)
        return Request(
            visit.url,
            callback=self.parse_listing,
            errback=self.source_failed,
            meta={"source": visit},
            priority=_priority(visit.span.until) + 2 + visit.source.national,
            dont_filter=True,
        )

    def article_request(self, listing: Listing, day: date | None = None) -> Request:
        """Return the request of an article, the newest first; duplicates are found by key, not by address.

        `day` is the one whose source listed it, if that is known.
        """
        published = day or listing.published or self.day_of(listing.url) or self.span.until
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
        page = await self.listed_page(visit, response)
        if page.fault and visit.once_more:
            yield self.asked_once_more(visit, visit.once_more)
            return
        if page.fault:
            self.list_failed(visit, page.fault, page.has_no_list, page.is_elsewhere)
        wanted = page.selection.of_the_span(page.articles)
        known = await self.known(list(wanted))
        further = page.further(known.done)
        source_requests = list(map(self.source_request, further))
        day = self.day_of_visit(visit)
        unlisted = [*self.unlisted(wanted, known.done), *await self.left_over(day, wanted)]
        tried = await self.failed_before(unlisted)
        for request in self.first_requests(unlisted, day, known.met, tried):
            yield request
        for request in source_requests:
            yield request
        self.count_passed_over(page.selection)
        if not page.fault or (page.has_no_list and self.may_be_late(visit)):
            for request in self.released(visit):
                yield request
        await self.note_visit(visit, page, wanted, unlisted, is_end=not further)

    async def note_visit(
        self, visit: Visit, page: ListedPage, wanted: Mapping[str, Listing], unlisted: list[Listing], is_end: bool
    ) -> None:
        """Note what came of a visit, for its source, its days and the run's health."""
        if not page.fault:
            self.count_source(visit, page.selection, page.reading.listings)
            self.note_page(visit, is_end, page.is_empty)
            self.note_list(visit, page.selection, page.articles, wanted)
        await self.note_others(visit, {key: one for key, one in page.articles.items() if key not in wanted})
        absence = self.absence(visit) if page.is_empty and is_end else None
        if page.may_be_of_gap:
            self.note_no_list(visit)
        # A run that only counts ends before it is known whether the source lists anything of other days.
        is_absent = absence is not None or (page.may_be_of_gap and self.backfill != "count")
        self.answered(visit, {*wanted, *map(self.listed_key, unlisted)}, absence or page.fault, is_absent)

    async def listed_page(self, visit: Visit, response: Response) -> ListedPage:
        """Return what a source's response lists, and what is wrong with it."""
        reading, error = await self.read(visit, response)
        selection, fault = self.selection(), str(error) if error else None
        articles = selection.articles(reading.listings)
        has_no_list = isinstance(error, NothingListed) and self.is_list(visit)
        is_elsewhere = visit.source.leads_elsewhere(visit, response.url)
        page = ListedPage(self, visit, reading, selection, articles, fault, has_no_list, is_elsewhere)
        stand_in = None
        if selection.is_empty(reading.listings):
            stand_in = await run_in_thread(complaint, response.body, content_type(response))
        misplaced = stand_in or (None if fault else page.repetition())
        # After what is no listing, or not the page asked for, nothing follows; an article without its address proves
        # nothing of the pages after it.
        return page.without_more(misplaced) if misplaced else page

    async def read(self, visit: Visit, response: Response) -> tuple[Reading, BrokenSource | None]:
        """Return what a source's response tells, and what is wrong with that."""
        headers = {str(name).lower(): value for name, value in response.headers.to_unicode_dict().items()}
        try:
            # In a thread: a feed with full texts takes a second to parse.
            return await run_in_thread(read, visit, response.body, response.url, content_type(response), headers), None
        except BrokenSource as error:
            return Reading(error.listings, [], error.following), error

    def first_requests(
        self, listings: Iterable[Listing], day: date | None, met: Set[str], tried: Set[str] = frozenset()
    ) -> Iterator[Request]:
        """Yield the requests of articles that this run has not asked for; one that only counts asks for none."""
        for listing in listings if self.backfill != "count" else ():
            key = self.listed_key(listing)
            self._tries[key] = key not in met | tried
            request = self.article_request(listing, day)
            # Of one never met there is nothing that a response could be compared with.
            request.meta["is_new"] = key not in met
            self._book.requested(key, day)
            yield request

    def parse_article(self, response: Response) -> Iterator[Page]:
        """Hand a fetched page over to extraction, unless it can't be an article."""
        raise NotImplementedError

    def article_failed(self, failure: Failure) -> None:
        """Count and report an article that could not be fetched."""
        raise NotImplementedError


def content_type(response: Response) -> str | None:
    return (response.headers.get("Content-Type") or b"").decode("latin-1") or None


def _priority(day: date) -> int:
    # Room for the requests of a day's sources between its articles and those of the day after.
    return day.toordinal() * 4


@dataclass(frozen=True, slots=True)
class ListedPage:
    """What an outlet's source lists on the page that a visit asked for.

    `articles` are those that may be in scope, by key, and `selection` counts the others; `fault` is what is wrong;
    `has_no_list` when that may be so as its day has nothing, `is_elsewhere` when another page came than was asked for.
    """

    outlet: DayNotes
    visit: Visit
    reading: Reading
    selection: Selection
    articles: dict[str, Listing]
    fault: str | None = None
    has_no_list: bool = False
    is_elsewhere: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is wrong and neither this page nor any before it lists an article of the outlet."""
        nothing = self.visit.paging.is_barren_so_far and self.selection.is_empty(self.reading.listings)
        return nothing and not self.fault

    @property
    def may_be_of_gap(self) -> bool:
        """Whether it may tell that its day has nothing, of which the source has no other way to tell.

        One that leads elsewhere says nothing of its day: it may be asked to log in, or to wait.
        """
        return self.has_no_list and not self.is_elsewhere and not self.visit.source.may_be_empty

    def without_more(self, fault: str) -> ListedPage:
        """Return the page with what is wrong with it, so that nothing is asked for that it names beside articles."""
        return replace(self, reading=Reading(self.reading.listings, []), fault=fault, has_no_list=False)

    def repetition(self) -> str | None:
        """Return what is wrong with a page that must be there and lists only what the pages before it did."""
        paging = self.visit.paging
        if paging.page == 1 or not paging.is_due or self.entries().keys() - paging.seen:
            return None
        return f"it lists nothing new on page {paging.page} of {paging.promised}"

    def further(self, known: Set[str]) -> list[Visit]:
        """Return the visits that the page asks for: it may name sitemaps, and the page after it may list more."""
        return list(filter(None, (*self.reading.further, self._following(known))))

    def _following(self, known: Set[str]) -> Visit | None:
        following = self.reading.following
        if following is None:
            return None
        if isinstance(self.visit.source, SourceByDay):
            # All pages of a day are read.
            paging = following.paging.unless_day_ends(self.entries())
            return replace(following, paging=paging) if paging else None
        fresh = self.articles.keys() - known - self.visit.paging.seen
        if not fresh or self.selection.are_all_older(self.articles[key] for key in fresh):
            return None
        return replace(following, paging=following.paging.having_seen(self.articles.keys()))

    def entries(self) -> dict[str, bool]:
        """Return what names the entries of a page of a day: keys of articles, addresses of what else it lists.

        The value tells whether it is an article. Links to other sites, and to the listing's own pages, are no entries.
        """
        outlet, visit = self.outlet, self.visit
        domains = outlet.allowed_domains
        mine = [one for one in self.reading.listings if not domains or is_within(one.url, domains)]
        found = {outlet.listed_key(one): outlet.key_of(one.url) is not None for one in mine}
        own = {outlet.listed_key(one) for one in mine if visit.source.is_own_page(visit, one.url)}
        return {key: is_article for key, is_article in found.items() if is_article or key not in own}
