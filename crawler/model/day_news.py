"""A run's findings about its days and articles, on their way to state."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from crawler.model.failures import Failure


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a source: `text` names the page, `source` is the address of its first page.

    `is_absent`: the list is missing or empty. `may_be_empty`: that is no fault if days near it have articles.
    """

    source: str
    text: str
    is_absent: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class DayNews:
    """A run's findings about a day: the keys that its sources list, and the fault of a source.

    `is_settled` if all its sources were read and none of its articles is under way; today is never settled.
    `is_absent` if the only fault is a missing or empty list, `may_be_empty` if that is no fault because days near
    it have articles. `at_fault` are the addresses of the faulty sources. `astray` are the sources that list articles
    of other days and none known to be of this one, with the keys that may be of it. `unsure` are the sources whose
    lists do not show their day.
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


@dataclass(frozen=True, slots=True)
class DayTidings:
    """Findings for state; nothing more will come for `ended` days, `moved` articles are of a day outside the span."""

    days: list[DayNews]
    failed: dict[str, Failure]
    settled: list[str]
    ended: set[date]
    moved: dict[str, Failure] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.days or self.failed or self.settled or self.moved)
