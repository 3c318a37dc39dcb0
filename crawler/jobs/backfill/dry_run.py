"""The result of a dry run: the open days, and what their sources list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from crawler.jobs.backfill.plan import OutletPlan
from crawler.jobs.crew import Crew
from crawler.model.exit_codes import FAILED, LOCKED, OK, STOPPED, UNHEALTHY
from crawler.system.terminal import counted

CLOSED, EMPTY, OPEN = "closed", "empty", "open"


class DryRunCount(NamedTuple):
    """One day: how many articles its sources list, and how many of them are unknown; None if nothing was requested.

    Its status is "open", "closed", or "empty" if it has no list, or an empty one, near days with a list.
    """

    outlet: str
    day: date
    status: str
    listed: int | None
    unknown: int | None
    fault: str | None


def counts_of(plan: OutletPlan, began: datetime) -> Iterator[DryRunCount]:
    """Yield the days of a plan, newest first, as its sources listed them since a moment. Raises SQLAlchemyError."""
    known, gaps = plan.known(), plan.table.gaps(plan.span)
    for day in plan.days:
        one = known.get(day)
        if one is not None and (one.is_closed or one.updated >= began):
            status = CLOSED if day not in plan.open else EMPTY if day in gaps else OPEN
            yield DryRunCount(plan.outlet, day, status, one.listed, one.unknown, one.fault)
        else:
            yield DryRunCount(plan.outlet, day, OPEN, None, None, "its sources were not requested")


def lines(counts: Sequence[DryRunCount], with_days: bool) -> Iterator[str]:
    """Yield a line for each day and one for all of them."""
    for count in counts if with_days else ():
        numbers = f"{count.listed} listed, {count.unknown} unknown" if count.listed is not None else ""
        yield f"{count.outlet} {count.day}: " + ", ".join(filter(None, (count.status, numbers, count.fault)))
    number = sum(count.status != CLOSED for count in counts)
    listed, unknown = (sum(getattr(count, name) or 0 for count in counts) for name in ("listed", "unknown"))
    yield f"{number} of {counted(len(counts), 'day')} open, {counted(listed, 'article')} listed, {unknown} unknown"


def exit_code(counts: Sequence[DryRunCount], crew: Crew) -> int:
    """Return 0 if every source that an open day needs could be read."""
    if crew.stopped:
        return STOPPED
    if codes := set(crew.exit_codes.values()) - {OK}:
        return LOCKED if codes == {LOCKED} else FAILED
    return UNHEALTHY if any(count.fault and count.status == OPEN for count in counts) else OK
