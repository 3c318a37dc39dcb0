"""Editions: whether an outlet published anything on a day, by what its sources list of that day and of those before."""

from __future__ import annotations

from collections import Counter
from datetime import date

# So many articles of the week before a day tell that those of the day would be listed still; one may be pinned on top.
FEWEST = 5
WEEK = range(1, 8)


class Editions:
    """The days of the articles that the sources of a run list, as far as these tell them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._days: dict[str, date] = {}

    def note(self, key: str, day: date) -> None:
        """Note an article, by its key, that any source lists."""
        self._days[key] = day

    def had_any(self, day: date) -> bool:
        """Tell whether any article is of a day."""
        return day in self._days.values()

    def had_none(self, day: date) -> bool:
        """Tell whether nothing was published on a day that is over: a holiday, for one."""
        ages = Counter((day - one).days for one in self._days.values())
        return not ages[0] and sum(ages[age] for age in WEEK) >= FEWEST
