"""The lists of a crawl's days: which of them show that their source ignores the date."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from crawler.model.span import ONE_DAY

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

    def add(self, page: DayList) -> None:
        self.keys |= page.keys
        self.may_be |= page.may_be
        self.others |= page.others
        self.is_of_day |= page.is_of_day


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
