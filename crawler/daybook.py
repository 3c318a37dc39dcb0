"""What a run has found out of its days and articles, until state is told. Knows neither state nor network."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from crawler.failures import OUT_OF_SPAN, Failure
from crawler.items import Listing
from crawler.span import ONE_DAY

# The day of so many pages is remembered: a source that ignores the date lists the same articles day after day.
MOST_DATED = 10_000
FEW = 3


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
    list articles of other days and none known to be of this one, with the keys that may be of it.
    """

    day: date
    keys: Collection[str]
    fault: str | None
    is_settled: bool
    is_absent: bool = False
    may_be_empty: bool = False
    at_fault: Collection[str] = frozenset()
    astray: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(slots=True)
class DayList:
    """What a source lists for a day: the keys of what may be of it, whether anything is of other days.

    `is_of_day` when something is known to be of the days that the source stands for.
    """

    keys: set[str] = field(default_factory=set)
    has_others: bool = False
    is_of_day: bool = False


@dataclass(slots=True)
class OpenDay:
    """A day whose sources are being asked: how many requests are under way, and what they told so far, by source."""

    visits: int = 0
    keys: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    lists: dict[str, DayList] = field(default_factory=dict)


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
        self._dated: dict[str, date] = {}
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
        self._changed.add(day)

    def listed(self, day: date, source: str, keys: Collection[str], has_others: bool, is_of_day: bool) -> None:
        """Note what a page of a source lists for a day: keys that may be of it, whether anything is of other days."""
        one = self._days[day].lists.setdefault(source, DayList())
        one.keys.update(keys)
        one.has_others |= has_others
        one.is_of_day |= is_of_day

    def dated(self, key: str, published: date) -> None:
        """Note of which day an article is by its page."""
        self._dated.pop(key, None)
        self._dated[key] = published
        if len(self._dated) > MOST_DATED:
            del self._dated[next(iter(self._dated))]

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

    def notes(self, today: date) -> Notes:
        """Return what is new, and take it for told; today is never settled."""
        ended = {day for day in self._changed if self._has_ended(self._days[day])}
        days = [self._news(day, day in ended and day < today) for day in sorted(self._changed, reverse=True)]
        notes = Notes(days, self._failed, sorted(self._settled), ended, self._moved)
        self._failed, self._settled, self._changed, self._moved = {}, set(), set(), {}
        for day in ended:
            del self._days[day]
        return notes

    def _has_ended(self, one: OpenDay) -> bool:
        return one.visits == 0 and self._pending.keys().isdisjoint(one.keys)

    def _news(self, day: date, is_settled: bool) -> DayNews:
        one = self._days[day]
        fault = "; ".join(dict.fromkeys(each.text for each in one.faults)) or None
        astray = self._astray(day) if is_settled else {}
        is_absent = bool(one.faults) and not astray and all(each.is_absent for each in one.faults)
        may_be_empty = is_absent and all(each.may_be_empty for each in one.faults)
        at_fault = frozenset(each.source for each in one.faults)
        return DayNews(day, frozenset(one.keys), fault, is_settled, is_absent, may_be_empty, at_fault, astray)

    def _astray(self, day: date) -> dict[str, Collection[str]]:
        """Return the sources that list articles of other days and none known to be of this one.

        With the keys of those of which nothing is known: they may be of it.
        """
        astray: dict[str, Collection[str]] = {}
        for source, one in self._days[day].lists.items():
            dated = {key: self._dated[key] for key in one.keys & self._dated.keys()}
            has_others = one.has_others or _are_of_others(day, dated.values())
            if has_others and not one.is_of_day and day not in dated.values():
                astray[source] = one.keys - dated.keys()
        return astray


def _are_of_others(day: date, dates: Collection[date]) -> bool:
    """Tell whether articles are of other days; a few of the days beside it are of its own by their paper's clock."""
    return len(dates) >= FEW or any(abs(one - day) > ONE_DAY for one in dates)
