"""When a day is complete, stays open, or is given up: decided by its listings and the faults of its sources."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crawler.model.day_news import DayNews, Fault, FaultKind, other_days

# A missing list is final if the source lists another day this near.
NEAR = timedelta(days=7)

# A day whose listing has been unavailable for this long is given up.
LONGEST_DAY_FAULT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a backfill: the number of listed articles, their outcomes, and the faults of its sources.

    `is_settled` if the last run read all lists and every article in them, `is_given_up` if khobor accepts the faults.
    `failed` counts the articles that failed for good, and those that failed for now, `passing`.
    """

    outlet: str
    day: date
    is_settled: bool
    is_given_up: bool
    updated: datetime
    listed: int
    archived: int
    turned_down: int
    failed: int
    passing: int
    faults: Sequence[Fault] = ()

    @property
    def unknown(self) -> int:
        return self.listed - self.archived - self.turned_down - self.failed

    @property
    def is_closed(self) -> bool:
        """Whether no later run requests the day: each article is archived, turned down, or has failed for good."""
        return self.is_settled and not self._is_waiting and (self.is_given_up or not self.faults)

    @property
    def has_gap(self) -> bool:
        """Whether the only fault is that lists are missing or empty."""
        kinds = {fault.kind for fault in self.faults}
        return bool(kinds) and kinds <= {FaultKind.ABSENT, FaultKind.EMPTY} and not self.passing

    @property
    def may_be_empty(self) -> bool:
        return all(fault.kind == FaultKind.EMPTY for fault in self.faults)

    @property
    def is_not_requested(self) -> bool:
        return any(fault.kind == FaultKind.NOT_REQUESTED for fault in self.faults)

    @property
    def _is_waiting(self) -> bool:
        return bool(self.unknown or self.passing)

    def is_to_be_given_up(self, is_gap: bool, now: datetime) -> bool:
        """Return whether to give up an open day after a whole run; `is_gap` if days near it have lists."""
        is_old = all(fault.since is not None and fault.since <= now - LONGEST_DAY_FAULT for fault in self.faults)
        is_candidate = self.is_settled and bool(self.faults) and not self._is_waiting and not self.is_given_up
        return is_candidate and (is_gap or is_old)

    @property
    def fault(self) -> str | None:
        """Why the day is open or was given up, None if no source and no article failed."""
        texts = [*dict.fromkeys(map(str, self.faults))]
        texts += [f"{self.passing} of {self.listed} articles failed for now"] if self.passing else []
        return "; ".join(texts) or None


def faults_of(news: DayNews, archived: Set[str], before: Sequence[Fault]) -> list[Fault]:
    """Return the faults of a day after a run: those of its lists, and the sources that ignore the date.

    Articles `archived` earlier may belong to the day, unless it had that fault `before`. Neither a list without dates
    nor a run that does not settle the day mends it.
    """
    ignoring = {fault.source for fault in before if fault.kind == FaultKind.OTHER_DAYS}
    astray = {source for source, keys in news.astray.items() if ignoring or archived.isdisjoint(keys)}
    astray |= ignoring.intersection(news.unsure) if news.is_settled or news.astray else ignoring
    found = [*news.faults, *map(other_days, sorted(astray))]
    if not news.is_read:
        again = {fault.source for fault in found}
        found += [fault for fault in before if fault.source not in again]
    return found
