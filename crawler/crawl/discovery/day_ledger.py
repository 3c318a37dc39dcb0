"""What a crawl notes of the days it asks for: what their sources list, and what became of each article.

What a run has found out of its days and articles, until state is told. Knows neither state nor network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from crawler.crawl.assignment import Assigned
from crawler.crawl.discovery.day_lists import DayList, DayLists
from crawler.model.day_news import DayNews, DayTidings, Fault
from crawler.model.failures import OUT_OF_SPAN, Failure, failure_of
from crawler.model.listing import Listing
from crawler.model.span import ONE_DAY, Span, local_day
from crawler.outlets.selection import Selection
from crawler.outlets.sources import SourceByDay, Visit


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

    def notes(self, is_over: bool = False) -> DayTidings:
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


@dataclass(slots=True)
class OpenDay:
    """A day whose sources are being asked: how many requests are under way, and what they told so far."""

    visits: int = 0
    keys: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


class DayBook:
    """Notes what is asked, listed and settled; a day has ended when none of it is under way."""

    def __init__(self) -> None:
        self._days: dict[date, OpenDay] = {}
        self._pending: dict[str, date | None] = {}
        self._failed: dict[str, Failure] = {}
        self._moved: dict[str, Failure] = {}
        self._settled: set[str] = set()
        self._lists = DayLists()
        self._changed: set[date] = set()

    def asked(self, day: date) -> None:
        """Note that a source of a day is being asked."""
        self._days.setdefault(day, OpenDay()).visits += 1

    def is_last(self, day: date) -> bool:
        """Tell whether no more than one request to the sources of a day is under way."""
        return day in self._days and self._days[day].visits == 1

    def answered(self, day: date, keys: Iterable[str], fault: Fault | None = None) -> None:
        """Note what a source of a day lists, and what is wrong with the answer."""
        one = self._days[day]
        one.visits -= 1
        one.keys.update(keys)
        if fault is not None:
            one.faults.append(fault)
        if one.visits == 0:
            self._lists.read(day)
        self._changed.add(day)

    def listed(self, day: date, source: str, page: DayList) -> None:
        """Note what a page of a source lists for a day."""
        self._lists.add(day, source, page)

    def dated(self, key: str, published: date) -> None:
        """Note of which day an article is by its page."""
        self._lists.dated(key, published)

    def moved(self, key: str, article: Listing, to: date, listed: date | None = None) -> None:
        """Note an article that is of a day outside of the span, by the one whose source lists it or has listed it.

        Only of the days beside that: a list of many days says nothing of theirs.
        """
        listed = listed or self._pending.get(key)
        if listed and abs(to - listed) <= ONE_DAY:
            self._moved[key] = Failure(article.url, OUT_OF_SPAN, is_final=False, day=to, national=article.national)

    def requested(self, key: str, day: date | None) -> None:
        """Note that an article is being asked for; `day` is the one whose source listed it."""
        self._pending[key] = day

    def settle(self, key: str, failure: Failure | None = None) -> None:
        """Note that an article's verdict was handed to the recorder, or why it came to nothing.

        That something known was looked at again in vain is no failure of it.
        """
        is_requested = key in self._pending
        day = self._pending.pop(key, None)
        if failure is None:
            self._settled.add(key)
        elif is_requested:
            self._failed[key] = replace(failure, day=day or failure.day)
        self._changed |= {day for day, one in self._days.items() if key in one.keys}

    def notes(self, today: date, is_over: bool = False) -> DayTidings:
        """Return what is new, and take it for told; today is never settled.

        The first day waits for the list of another, with which its own is compared, unless the run is over: if it was
        closed at once, a kill would leave the other with nothing to be compared with.
        """
        ended = {day for day in self._changed if self._has_ended(self._days[day])}
        waiting = set() if is_over else set(filter(self._lists.is_alone, ended))
        ended -= waiting
        days = [self._news(day, day in ended and day < today) for day in sorted(self._changed - waiting, reverse=True)]
        notes = DayTidings(days, self._failed, sorted(self._settled), ended, self._moved)
        self._failed, self._settled, self._changed, self._moved = {}, set(), waiting, {}
        for day in ended:
            del self._days[day]
            self._lists.forget(day)
        return notes

    def _has_ended(self, one: OpenDay) -> bool:
        return one.visits == 0 and self._pending.keys().isdisjoint(one.keys)

    def _news(self, day: date, is_settled: bool) -> DayNews:
        one = self._days[day]
        fault = "; ".join(dict.fromkeys(each.text for each in one.faults)) or None
        astray = self._lists.astray(day) if is_settled else {}
        is_absent = bool(one.faults) and not astray and all(each.is_absent for each in one.faults)
        may_be_empty = is_absent and all(each.may_be_empty for each in one.faults)
        at_fault = frozenset(each.source for each in one.faults)
        unsure = self._lists.unsure(day) if is_settled else frozenset()
        return DayNews(day, frozenset(one.keys), fault, is_settled, is_absent, may_be_empty, at_fault, astray, unsure)
