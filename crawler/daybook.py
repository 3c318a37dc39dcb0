"""What a run has found out of its days and articles, until state is told. Knows neither state nor network."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from crawler.day_lists import DayList, DayLists
from crawler.failures import OUT_OF_SPAN, Failure
from crawler.items import Listing
from crawler.span import ONE_DAY


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an answer of a source: `text` names the page, `source` is the address of its list's first.

    `is_absent` when there is no list, or an empty one, `may_be_empty` when that is nothing wrong where days near it
    have articles.
    """

    source: str
    text: str
    is_absent: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class DayNews:
    """What a run found out about a day: the keys that its sources list, and what is wrong with a source.

    `is_settled` when these were all read and none of the articles is under way; today is never settled. `is_absent`
    when all that is wrong is that there is no list, or an empty one, `may_be_empty` when that is nothing wrong where
    days near it have articles. `at_fault` are the sources that something is wrong with, by address, `astray` those that
    list articles of other days and none known to be of this one, with the keys that may be of it, `unsure` those of
    whose lists nothing tells the day.
    """

    day: date
    keys: Collection[str]
    fault: str | None
    is_settled: bool
    is_absent: bool = False
    may_be_empty: bool = False
    at_fault: Collection[str] = frozenset()
    astray: Mapping[str, Collection[str]] = field(default_factory=dict)
    unsure: Collection[str] = frozenset()


@dataclass(slots=True)
class OpenDay:
    """A day whose sources are being asked: how many requests are under way, and what they told so far."""

    visits: int = 0
    keys: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Notes:
    """What state is to be told: of days, of articles that came to nothing, and of articles that didn't.

    `ended` are the days of which nothing more is to come, `moved` the articles that are of a day outside of the span.
    """

    days: list[DayNews]
    failed: dict[str, Failure]
    settled: list[str]
    ended: set[date]
    moved: dict[str, Failure] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.days or self.failed or self.settled or self.moved)


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

    def notes(self, today: date, is_over: bool = False) -> Notes:
        """Return what is new, and take it for told; today is never settled.

        The first day waits for the list of another, with which its own is compared, unless the run is over: if it was
        closed at once, a kill would leave the other with nothing to be compared with.
        """
        ended = {day for day in self._changed if self._has_ended(self._days[day])}
        waiting = set() if is_over else set(filter(self._lists.is_alone, ended))
        ended -= waiting
        days = [self._news(day, day in ended and day < today) for day in sorted(self._changed - waiting, reverse=True)]
        notes = Notes(days, self._failed, sorted(self._settled), ended, self._moved)
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
