"""The ledger of a crawl's days: their lists, judged by the dates in them, and the result of each article."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeAlias

from crawler.crawl.assignment import Assignment
from crawler.model.day_news import DayNews, DayTidings, Fault, FaultKind
from crawler.model.failures import Failure, failure_of
from crawler.model.listing import Listing
from crawler.model.span import ONE_DAY, Span, local_day
from crawler.outlets.selection import Selection
from crawler.outlets.sources import SourceByDay, Visit

# How many articles' days are remembered: a source that ignores the date lists the same articles day after day.
MOST_DATED = 10_000

# Fewer articles than these say nothing of their list: one or two old ones may be published once more.
FEW = 3


@dataclass(slots=True)
class DayList:
    """The keys that a source lists for a day, those that may be of it, and those dated more than a day away."""

    keys: set[str] = field(default_factory=set)
    may_be: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    is_of_day: bool = False


Lists: TypeAlias = Mapping[str, DayList]


class DayLists:
    """Judges the lists of a day, by source, by the dates of their articles and by comparison with other days."""

    def __init__(self) -> None:
        self._dated: dict[str, date] = {}
        self._read: set[date] = set()
        # The days of each list, by a hash of its keys: the keys of years would fill the memory.
        self._days_of: dict[int, set[date]] = {}

    def dated(self, key: str, published: date) -> None:
        self._dated.pop(key, None)
        self._dated[key] = published
        if len(self._dated) > MOST_DATED:
            del self._dated[next(iter(self._dated))]

    def read(self, day: date, lists: Lists) -> None:
        """Note that the lists of a day are complete: those of other days can be compared with them."""
        if any(one.keys for one in lists.values()):
            self._read.add(day)
        for _, one in _long(lists):
            self._days_of.setdefault(_hash_of(one), set()).add(day)

    def is_alone(self, day: date, lists: Lists) -> bool:
        """Return whether a day has lists to compare and no other day has been read."""
        return self._read <= {day} and any(_long(lists))

    def astray(self, day: date, lists: Lists) -> dict[str, Collection[str]]:
        """Return the sources that list articles of other days and none known to be of this one.

        Each has the keys that may be of the day; there are none if another day has the same list.
        """
        astray: dict[str, Collection[str]] = {}
        for source, one in _long(lists):
            dated = self._dates(one)
            away = {key for key, published in dated.items() if abs(published - day) > ONE_DAY}
            if one.is_of_day or day in dated.values():
                continue
            if len(self._days_of.get(_hash_of(one), ())) > 1:
                astray[source] = frozenset()
            elif len(one.others | away) >= FEW:
                astray[source] = one.may_be - dated.keys()
        return astray

    def unsure(self, day: date, lists: Lists) -> set[str]:
        """Return the sources whose list is the only one of the run and holds no article dated near its day."""
        if not self.is_alone(day, lists):
            return set()
        near = {day - ONE_DAY, day, day + ONE_DAY}
        unclear = ((source, one) for source, one in _long(lists) if not one.is_of_day)
        return {source for source, one in unclear if near.isdisjoint(self._dates(one).values())}

    def _dates(self, one: DayList) -> dict[str, date]:
        return {key: self._dated[key] for key in one.keys & self._dated.keys()}


def _long(lists: Lists) -> Iterator[tuple[str, DayList]]:
    return ((source, one) for source, one in lists.items() if len(one.keys) >= FEW)


def _hash_of(one: DayList) -> int:
    return hash(frozenset(one.keys))


@dataclass(slots=True)
class _OpenDay:
    visits: int = 0
    lists: dict[str, DayList] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class DayLedger:
    """Notes requests, lists and results of a backfill's days; `confirmed` adds to a listing whether it is national."""

    def __init__(self, assignment: Assignment, confirmed: Callable[[Listing], Listing]) -> None:
        self._assignment = assignment
        self._outlet = assignment.outlet
        self._confirmed = confirmed
        self._days: dict[date, _OpenDay] = {}
        # The articles under way, each with the day whose source listed it.
        self._pending: dict[str, date | None] = {}
        self._failed: dict[str, Failure] = {}
        self._moved: dict[tuple[date, str], Listing] = {}
        self._settled: set[str] = set()
        self._lists = DayLists()
        self._changed: set[date] = set()

    def asked(self, visit: Visit) -> None:
        if day := self._assignment.day_of_visit(visit):
            self._days.setdefault(day, _OpenDay()).visits += 1

    def is_last(self, day: date) -> bool:
        """Return whether one request for the lists of a day is under way, and no more."""
        return day in self._days and self._days[day].visits == 1

    def answered(
        self,
        visit: Visit,
        listed: Mapping[str, Listing],
        left: Mapping[str, Listing] = MappingProxyType({}),
        fault: str | None = None,
        kind: FaultKind = FaultKind.BROKEN,
    ) -> None:
        """Note the articles that a visit listed, those `left` over that no list has any more, and its fault."""
        day = self._assignment.day_of_visit(visit)
        if day is None:
            return
        one = self._days[day]
        one.visits -= 1
        source = _list_of(visit)
        # The outlet may have given those left over other keys by now.
        left = {**left, **{self._outlet.listed_key(each.url): each for each in left.values()}}
        one.listings = {**left, **{key: replace(each, source=source) for key, each in listed.items()}, **one.listings}
        if fault is not None:
            one.faults.append(Fault(source, kind, visit.url, fault))
        if one.visits == 0:
            self._lists.read(day, one.lists)
        self._changed.add(day)

    def note_list(
        self, visit: Visit, selection: Selection, articles: Mapping[str, Listing], wanted: Mapping[str, Listing]
    ) -> None:
        """Note which of the articles that a source lists for a day may be of it, by the dates in the list."""
        day = self._assignment.day_of_visit(visit)
        if day is None or not isinstance(visit.source, SourceByDay):
            return
        period = visit.source.days_alike(visit.span)
        found = {key: one for key, one in articles.items() if period.holds(selection.date_of(one))}
        # The list of a month is right even if it has no article of that day.
        is_of_day = bool(found) if period != visit.span else any(self._is_of(period, one) for one in found.values())
        # The paper of a day may hold articles that its site published on the evening before.
        near = replace(period, since=period.since - ONE_DAY, until=period.until + ONE_DAY)
        day_list = self._days[day].lists.setdefault(_list_of(visit), DayList())
        day_list.keys |= articles.keys()
        day_list.may_be |= found.keys() & wanted.keys()
        day_list.others |= {key for key, one in articles.items() if not near.holds(selection.date_of(one))}
        day_list.is_of_day |= is_of_day

    def _is_of(self, days: Span, listing: Listing) -> bool:
        """Return whether a time in the list or the address dates an article; lists may assume their own day."""
        dated = listing.published if isinstance(listing.published, datetime) else self._outlet.day_of(listing.url)
        return dated is not None and days.holds(dated)

    def days_beside(self, visit: Visit, listings: Mapping[str, Listing]) -> dict[str, date]:
        """Return by key the day of each article that a list of a day dates on that day or one beside it."""
        day = self._assignment.day_of_visit(visit)
        if day is None or self._assignment.backfill == "count":
            return {}
        selection = self._assignment.selection()
        dated = {key: selection.date_of(one) for key, one in listings.items()}
        found = {key: local_day(at, self._outlet.zone()) for key, at in dated.items() if at}
        return {key: of for key, of in found.items() if abs(of - day) <= ONE_DAY}

    def move(self, key: str, listing: Listing, to: date, listed: date | None) -> None:
        """Note an article of a day outside the span, if that is beside the day whose source `listed` it."""
        if listed and abs(to - listed) <= ONE_DAY:
            self._moved[to, key] = replace(listing, source=None)

    def dated(self, listing: Listing, published: datetime, is_outside: bool = False) -> None:
        """Note the date of an article's page; one that `is_outside` the span belongs to another day."""
        if self._assignment.backfill:
            key, day = self._outlet.listed_key(listing.url), local_day(published, self._outlet.zone())
            self._lists.dated(key, day)
            if is_outside:
                self.move(key, self._confirmed(listing), day, self._pending.get(key))

    def requested(self, key: str, day: date | None) -> None:
        self._pending[key] = day

    def settle(self, listing: Listing, outcome: str | None = None, reason: str = "") -> None:
        """Note that an article has its verdict, or that a requested one "failed" or was "rejected", and why."""
        if self._outlet.article is None:
            return
        key = self._outlet.listed_key(listing.url)
        is_requested = key in self._pending
        day = self._pending.pop(key, None)
        if outcome is None:
            self._settled.add(key)
        elif is_requested:
            own_day = local_day(listing.published, self._outlet.zone()) if listing.published else None
            is_national = self._confirmed(listing).national
            self._failed[key] = failure_of(outcome, reason, listing.url, day or own_day, is_national)
        self._changed |= {day for day, one in self._days.items() if key in one.listings}

    def notes(self, is_over: bool = False) -> DayTidings:
        """Return the news since the last call; `is_over` after a whole run. Today is never settled.

        The first day waits for another to compare with: closed at once, a kill would leave the other without one.
        """
        ended = {day for day in self._changed if self._has_ended(self._days[day])}
        waiting = {day for day in ended if not is_over and self._lists.is_alone(day, self._days[day].lists)}
        ended -= waiting
        today = self._assignment.today
        days = [self._news(day, day in ended and day < today) for day in sorted(self._changed - waiting, reverse=True)]
        if self._assignment.backfill == "count":
            # Nothing was fetched that would show that a list is not of its day.
            days = [replace(one, is_settled=False) for one in days]
        notes = DayTidings(days, self._failed, sorted(self._settled), ended, self._moved)
        self._failed, self._settled, self._changed, self._moved = {}, set(), waiting, {}
        for day in ended:
            del self._days[day]
        return notes

    def _has_ended(self, one: _OpenDay) -> bool:
        return one.visits == 0 and self._pending.keys().isdisjoint(one.listings)

    def _news(self, day: date, is_settled: bool) -> DayNews:
        one = self._days[day]
        listings = {key: self._confirmed(listing) for key, listing in one.listings.items()}
        astray = self._lists.astray(day, one.lists) if is_settled else {}
        unsure = self._lists.unsure(day, one.lists) if is_settled else set[str]()
        return DayNews(day, listings, [*one.faults], one.visits == 0, is_settled, astray, unsure)


def _list_of(visit: Visit) -> str:
    source = visit.source
    return source.address(visit.span) if isinstance(source, SourceByDay) else visit.url
