"""What a crawl notes of the days it asks for: what their sources list, and what became of each article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from crawler.assignment import Assigned
from crawler.day_lists import DayList
from crawler.daybook import DayBook, Fault, Notes
from crawler.failures import failure_of
from crawler.items import Listing
from crawler.selection import Selection
from crawler.sources import SourceByDay, Visit
from crawler.span import ONE_DAY, Span, local_day


class DayNotes(Assigned):
    """An outlet whose crawl keeps a book of its days, for state to be told of."""

    def __init__(self, **arguments: Any) -> None:
        """Take the arguments given with -a. Raises BadArgument."""
        super().__init__(**arguments)
        self._book = DayBook()
        self._national: set[str] = set()

    def answered(self, visit: Visit, keys: Iterable[str], fault: str | None = None, is_absent: bool = False) -> None:
        """Note that nothing more is to come of a visit; `is_absent` when there was no list, or an empty one."""
        if not (day := self.day_of_visit(visit)):
            return
        told = Fault(_list_of(visit), f"{visit.url}: {fault}", is_absent, visit.source.may_be_empty)
        self._book.answered(day, keys, told if fault else None)

    def note_list(
        self, visit: Visit, selection: Selection, articles: Mapping[str, Listing], wanted: Mapping[str, Listing]
    ) -> None:
        """Note which of the articles that a source lists for a day may be of it, as far as their dates tell."""
        day = self.day_of_visit(visit)
        if day is None or not isinstance(visit.source, SourceByDay):
            return
        period = visit.source.days_alike(visit.span)
        found = {key: one for key, one in articles.items() if period.holds(selection.date_of(one))}
        # The list of a month is as it should be, though it has nothing of that day.
        is_of_day = bool(found) if period != visit.span else any(map(partial(self.is_told, period), found.values()))
        # The paper of a day may hold what its site published on the evening before.
        near = replace(period, since=period.since - ONE_DAY, until=period.until + ONE_DAY)
        others = {key for key, one in articles.items() if not near.holds(selection.date_of(one))}
        page = DayList(set(articles), found.keys() & wanted.keys(), others, is_of_day)
        self._book.listed(day, _list_of(visit), page)

    def moved(self, listing: Listing, published: datetime) -> None:
        """Note an article that is of a day outside of the span by its page."""
        if self.backfill:
            self._book.moved(self.listed_key(listing), self.confirmed(listing), local_day(published, self.zone()))

    def is_told(self, days: Span, listing: Listing) -> bool:
        """Tell whether listing or address tell that an article is of some days; a list's own day is assumed only."""
        told = listing.published if isinstance(listing.published, datetime) else self.day_of(listing.url)
        return told is not None and days.holds(told)

    def dated(self, listing: Listing, published: datetime) -> None:
        """Note when an article was published by its page."""
        if self.backfill:
            self._book.dated(self.listed_key(listing), local_day(published, self.zone()))

    def settle(self, listing: Listing, outcome: str | None = None, reason: str = "") -> None:
        """Note that an article's verdict went to the recorder, or that it "failed" or was "rejected", and why."""
        if self.article is not None:
            day = local_day(listing.published, self.zone()) if listing.published else None
            is_national = self.confirmed(listing).national
            failure = failure_of(outcome, reason, listing.url, day, is_national) if outcome else None
            self._book.settle(self.listed_key(listing), failure)

    def notes(self, is_over: bool = False) -> Notes:
        """Return what state is to be told of days and articles; `is_over` when a whole run is."""
        notes = self._book.notes(datetime.now(self.zone()).date(), is_over)
        if self.backfill != "count":
            return notes
        # Nothing was fetched that could tell that a list is not of its day.
        return replace(notes, days=[replace(one, is_settled=False) for one in notes.days])

    def confirmed(self, listing: Listing) -> Listing:
        """Return a listing with what other sources have said since of the same article."""
        is_national = listing.national or self.listed_key(listing) in self._national
        return replace(listing, national=is_national)

    def listed_key(self, listing: Listing) -> str:
        """Return the key under which a listed article is known."""
        return self.key_of(listing.url) or listing.url


def _list_of(visit: Visit) -> str:
    """Return the address of the first page of the list that a visit is to."""
    source = visit.source
    return source.address(visit.span, 1, 0) if isinstance(source, SourceByDay) else visit.url
