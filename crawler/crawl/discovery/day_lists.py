"""What the sources of days list, and which of these lists are of other days. Knows neither state nor network."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date

from crawler.model.span import ONE_DAY

# The day of so many pages is remembered: a source that ignores the date lists the same articles day after day.
MOST_DATED = 10_000

# Fewer articles than these say nothing of their list: one or two of other days are published once more.
FEW = 3


@dataclass(slots=True)
class DayList:
    """What a source lists for a day: the `keys`, those that may be of it, those that are told to be of `others`.

    These are more than a day away: the clock of a printed paper is another. `is_of_day` when something is known to be
    of the days that the source stands for.
    """

    keys: set[str] = field(default_factory=set)
    may_be: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    is_of_day: bool = False

    def add(self, page: DayList) -> None:
        """Add what a page of the list holds."""
        self.keys |= page.keys
        self.may_be |= page.may_be
        self.others |= page.others
        self.is_of_day |= page.is_of_day


class DayLists:
    """The lists that a run has met, judged by the dates of their articles and beside each other."""

    def __init__(self) -> None:
        self._lists: dict[date, dict[str, DayList]] = {}
        self._dated: dict[str, date] = {}
        self._read: set[date] = set()
        # By what stands for the keys of a list: years of them would fill the memory.
        self._days_of: dict[int, set[date]] = {}

    def add(self, day: date, source: str, page: DayList) -> None:
        """Note what a page of a source lists for a day."""
        self._lists.setdefault(day, {}).setdefault(source, DayList()).add(page)

    def dated(self, key: str, published: date) -> None:
        """Note of which day an article is by its page."""
        self._dated.pop(key, None)
        self._dated[key] = published
        if len(self._dated) > MOST_DATED:
            del self._dated[next(iter(self._dated))]

    def read(self, day: date) -> None:
        """Note that the lists of a day are whole: those of other days can be compared with them."""
        if any(one.keys for one in self._lists.get(day, {}).values()):
            self._read.add(day)
        for _, one in self._doubtful(day):
            self._days_of.setdefault(_sum_of(one), set()).add(day)

    def forget(self, day: date) -> None:
        """Forget what was listed for a day of which all is told."""
        self._lists.pop(day, None)

    def is_alone(self, day: date) -> bool:
        """Tell whether the lists of a day are all that was read, though they are long enough to be compared."""
        return self._read <= {day} and any(self._doubtful(day))

    def astray(self, day: date) -> dict[str, Collection[str]]:
        """Return the sources that list articles of other days and none known to be of this one.

        With the keys of those of which nothing is known: they may be of it. Of a list that another day has too, none
        is.
        """
        astray: dict[str, Collection[str]] = {}
        for source, one in self._doubtful(day):
            dated = self._dates(one)
            away = {key for key, published in dated.items() if abs(published - day) > ONE_DAY}
            if self._is_of(day, one):
                continue
            if len(self._days_of.get(_sum_of(one), ())) > 1:
                astray[source] = frozenset()
            elif len(one.others | away) >= FEW:
                astray[source] = one.may_be - dated.keys()
        return astray

    def unsure(self, day: date) -> frozenset[str]:
        """Return the sources whose list is all that the run has read, and holds nothing dated near its day."""
        if not self.is_alone(day):
            return frozenset()
        near = {day - ONE_DAY, day, day + ONE_DAY}
        return frozenset(
            source
            for source, one in self._doubtful(day)
            if not one.is_of_day and near.isdisjoint(self._dates(one).values())
        )

    def _doubtful(self, day: date) -> Iterator[tuple[str, DayList]]:
        """Yield the lists of a day, by source, that are long enough to tell that they are of another."""
        yield from ((source, one) for source, one in self._lists.get(day, {}).items() if len(one.keys) >= FEW)

    def _is_of(self, day: date, one: DayList) -> bool:
        return one.is_of_day or day in self._dates(one).values()

    def _dates(self, one: DayList) -> dict[str, date]:
        """Return of which days the articles of a list are by their pages, as far as the run has met them."""
        return {key: self._dated[key] for key in one.keys & self._dated.keys()}


def _sum_of(one: DayList) -> int:
    return hash(frozenset(one.keys))
