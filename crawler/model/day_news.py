"""What a run has found out of its days and articles, until state is told. Knows neither state nor network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from crawler.model.failures import Failure


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


@dataclass(frozen=True, slots=True)
class DayTidings:
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
