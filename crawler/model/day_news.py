"""A run's findings about its days and articles, on their way to state."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from crawler.model.failures import Failure
from crawler.model.listing import Listing


class FaultKind(StrEnum):
    """How a list fails: it is ABSENT if it is missing or empty, EMPTY if that is usual for a day without articles.

    NOT_REQUESTED: the robots.txt of its host is unavailable. OTHER_DAYS: its source ignores the date.
    """

    BROKEN = "broken"
    ABSENT = "absent"
    EMPTY = "empty"
    NOT_REQUESTED = "not-requested"
    OTHER_DAYS = "other-days"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a source on a day, and the faulty page; `source` is the address of the list's first page.

    `since` is None for a fault of the current run. The string is the sentence for people.
    """

    source: str
    kind: FaultKind
    page: str
    reason: str
    since: datetime | None = None

    def __str__(self) -> str:
        return f"{self.page}: {self.reason}"


def other_days(source: str) -> Fault:
    return Fault(source, FaultKind.OTHER_DAYS, source, "it lists only articles of other days")


@dataclass(frozen=True, slots=True)
class DayNews:
    """A run's findings about a day: the articles that its sources list, by key, and the faults of the sources.

    The `source` of each listing is the address of the list's first page. `is_read` if all lists answered, `is_settled`
    if none of their articles is under way either; today is never settled. `astray` are the sources that list articles
    of other days and none known to be of this one, with the keys that may be of it. `unsure` are the sources whose
    lists do not show their day.
    """

    day: date
    listings: Mapping[str, Listing]
    faults: Sequence[Fault] = ()
    is_read: bool = True
    is_settled: bool = True
    astray: Mapping[str, Collection[str]] = field(default_factory=dict)
    unsure: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DayTidings:
    """Findings for state; nothing more will come for `ended` days, `moved` articles are of a day outside the span."""

    days: list[DayNews]
    failed: dict[str, Failure]
    settled: list[str]
    ended: set[date]
    moved: dict[tuple[date, str], Listing] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.days or self.failed or self.settled or self.moved)
