"""What a run has found out of its days and articles, until state is told. Knows neither state nor network."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from crawler.failures import Failure


@dataclass(frozen=True, slots=True)
class DayNews:
    """What a run found out about a day: the keys that its sources list, and what is wrong with a source.

    `is_settled` when these were all read and none of the articles is under way; today is never settled. `is_absent`
    when all that is wrong is that there is no list, or an empty one.
    """

    day: date
    keys: Collection[str]
    fault: str | None
    is_settled: bool
    is_absent: bool = False


@dataclass(slots=True)
class OpenDay:
    """A day whose sources are being asked: how many requests to them are under way, the keys they listed so far.

    So many of the `faults` are lists that are not there, or empty.
    """

    visits: int = 0
    keys: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    absent: int = 0


@dataclass(frozen=True, slots=True)
class Notes:
    """What state is to be told: of days, of articles that came to nothing, and of articles that didn't.

    `ended` are the days of which nothing more is to come.
    """

    days: list[DayNews]
    failed: dict[str, Failure]
    settled: list[str]
    ended: set[date]

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return bool(self.days or self.failed or self.settled)


class DayBook:
    """Notes what is asked, listed and settled; a day has ended when none of it is under way."""

    def __init__(self) -> None:
        self._days: dict[date, OpenDay] = {}
        self._pending: dict[str, date | None] = {}
        self._failed: dict[str, Failure] = {}
        self._settled: set[str] = set()
        self._changed: set[date] = set()

    def asked(self, day: date) -> None:
        """Note that a source of a day is being asked."""
        self._days.setdefault(day, OpenDay()).visits += 1

    def is_last(self, day: date) -> bool:
        """Tell whether no more than one request to the sources of a day is under way."""
        return day in self._days and self._days[day].visits == 1

    def answered(self, day: date, keys: Iterable[str], fault: str | None = None, is_absent: bool = False) -> None:
        """Note what a source of a day lists, and what is wrong with the answer: `is_absent` when there is no list."""
        one = self._days[day]
        one.visits -= 1
        one.keys.update(keys)
        if fault is not None:
            one.faults.append(fault)
            one.absent += is_absent
        self._changed.add(day)

    def lists(self, day: date, key: str) -> bool:
        """Tell whether the sources of a day listed an article."""
        return day in self._days and key in self._days[day].keys

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
        notes = Notes(days, self._failed, sorted(self._settled), ended)
        self._failed, self._settled, self._changed = {}, set(), set()
        for day in ended:
            del self._days[day]
        return notes

    def _has_ended(self, one: OpenDay) -> bool:
        return one.visits == 0 and self._pending.keys().isdisjoint(one.keys)

    def _news(self, day: date, is_settled: bool) -> DayNews:
        one = self._days[day]
        fault = "; ".join(dict.fromkeys(one.faults)) or None
        return DayNews(day, frozenset(one.keys), fault, is_settled, 0 < one.absent == len(one.faults))
