"""The report of a backfill: a line for each outlet with open or given up days; of a dry run, a line for each day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine

from crawler.jobs.backfill.plan import OutletPlan
from crawler.jobs.crew import Crew, RunEnding
from crawler.model.exit_codes import FAILED, LOCKED, OK, REFUSED, STOPPED, UNHEALTHY
from crawler.state.history import RunFacts
from crawler.state.standings import Standing, Standings
from crawler.system.terminal import counted

# More faults of an outlet are only counted.
MOST_FAULTS = 3

CLOSED, EMPTY, OPEN = "closed", "empty", "open"


class BackfillReport:
    """The outcome of an outlet's days; today is never closed, and not counted."""

    def __init__(
        self, plan: OutletPlan, ending: RunEnding, standing: Standing | None = None, robots: str | None = None
    ) -> None:
        """Read the days in state; `standing` is set if the outlet refuses us. Raises SQLAlchemyError.

        `robots` says which robots.txt could not be fetched, since when and why.
        """
        self.plan, self.ending, self.standing, self.robots = plan, ending, standing, robots
        self.days = plan.known()
        self.closed = [one for day in plan.days if (one := self.days.get(day)) and one.is_closed]
        over, closed = [day for day in plan.days if day < plan.today], {one.day for one in self.closed}
        self.open, self.total = [day for day in over if day not in closed], len(over)

    @property
    def code(self) -> int:
        code, is_stopped = self.ending.exit_code, self.ending.is_stopped
        if code == LOCKED:
            return LOCKED
        # A crawl that is stopped before it begins reports that, or dies of the signal.
        if code and not (is_stopped and (code < 0 or code == STOPPED)):
            return FAILED
        if not self.open:
            return OK
        if is_stopped:
            return STOPPED
        return REFUSED if self.standing else UNHEALTHY

    @property
    def line(self) -> str | None:
        """The problems of the outlet, None if there are none."""
        if self.code in (LOCKED, FAILED):
            return self.failure
        parts = []
        if self.code in (UNHEALTHY, REFUSED):
            verb = "stays" if len(self.open) == 1 else "stay"
            days = f"{len(self.open)} of {counted(self.total, 'day')} {verb} open"
            parts.append(f"{days}: {_first(list(self._reasons()))}")
        given_up = [one.day for one in self.closed if one.day in self.plan.open and one.is_given_up]
        if given_up:
            days = f"{counted(len(given_up), 'day')} given up, --retry-failed retries them"
            parts.append(f"{days}: {_first([self._fault(day) for day in given_up])}")
        return f"{self.plan.outlet}: {'; '.join(parts)}" if parts else None

    @property
    def failure(self) -> str | None:
        """Why the crawl failed, None if it did not."""
        ending = self.ending
        if ending.exit_code == LOCKED:
            return f"{self.plan.outlet}: another backfill of this outlet is running"
        if not ending.exit_code:
            return None
        details = (f" ({ending.last_line})" if ending.last_line else "") + (
            f": look at {ending.log}" if ending.log else ""
        )
        return f"{self.plan.outlet}: {ending.how}{details}"

    def _reasons(self) -> Iterator[str]:
        if self.standing:
            until = f"{self.standing.refused_until:%Y-%m-%d %H:%M} UTC"
            yield f"it refuses us ({self.standing.reason}), next request after {until}"
        if self.robots:
            yield self.robots
        for day in self.open:
            one = self.days.get(day)
            if one and one.fault and not (self.robots and one.is_not_requested):
                yield self._fault(day)
            elif not (one and one.fault) and not self.standing and not self.robots:
                yield f"{day}: not all of it was requested"

    def _fault(self, day: date) -> str:
        return f"{day}: {self.days[day].fault}"


def _first(parts: Sequence[str]) -> str:
    more = f"; and {len(parts) - MOST_FAULTS} more" if len(parts) > MOST_FAULTS else ""
    return f"{'; '.join(parts[:MOST_FAULTS])}{more}"


def reports_of(
    engine: Engine, plans: Sequence[OutletPlan], crew: Crew, runs: Mapping[str, RunFacts]
) -> list[BackfillReport]:
    """Return the outcome of each plan in the runs of a crew's crawls. Raises SQLAlchemyError, OSError."""
    robots = {outlet: without_robots(run.facts) for outlet, run in runs.items()}
    standings = Standings(engine).of([plan.outlet for plan in plans])
    return [
        BackfillReport(plan, crew.ending(plan.outlet), standings.get(plan.outlet), robots.get(plan.outlet))
        for plan in plans
    ]


def without_robots(facts: Mapping[str, Any]) -> str | None:
    """Return which robots.txt a run could not fetch, since when and why."""
    if not facts.get("robots"):
        return None
    where, _, why = facts["robots"].partition(" ")
    since = datetime.fromisoformat(facts["robots_since"])
    return f"{where} can't be fetched since {since:%Y-%m-%d %H:%M} UTC ({why})"


def exit_code(reports: Iterable[BackfillReport], is_stopped: bool) -> int:
    """Return the gravest of the outlets' exit codes."""
    codes = {report.code for report in reports} | ({STOPPED} if is_stopped else set())
    return next((code for code in (FAILED, STOPPED, UNHEALTHY, REFUSED, LOCKED) if code in codes), OK)


def days_line(reports: Sequence[BackfillReport]) -> str:
    """Return the numbers of closed days and failed articles, in words."""
    closed, total = [day for report in reports for day in report.closed], sum(report.total for report in reports)
    failed = sum(day.failed for day in closed)
    lost = f", {counted(failed, 'article')} failed for good" if failed else ""
    return f"{len(closed)} of {counted(total, 'day')} closed{lost}"


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


def dry_run_counts(plan: OutletPlan, began: datetime) -> Iterator[DryRunCount]:
    """Yield the days of a plan, newest first, as its sources listed them since a moment. Raises SQLAlchemyError."""
    known, gaps = plan.known(), plan.table.gaps(plan.span)
    for day in plan.days:
        one = known.get(day)
        if one is not None and (one.is_closed or one.updated >= began):
            status = CLOSED if day not in plan.open else EMPTY if day in gaps else OPEN
            yield DryRunCount(plan.outlet, day, status, one.listed, one.unknown, one.fault)
        else:
            yield DryRunCount(plan.outlet, day, OPEN, None, None, "its sources were not requested")


def dry_run_lines(counts: Sequence[DryRunCount], with_days: bool) -> Iterator[str]:
    """Yield a line for each day and one for all of them."""
    for count in counts if with_days else ():
        numbers = f"{count.listed} listed, {count.unknown} unknown" if count.listed is not None else ""
        yield f"{count.outlet} {count.day}: " + ", ".join(filter(None, (count.status, numbers, count.fault)))
    number = sum(count.status != CLOSED for count in counts)
    listed, unknown = sum(count.listed or 0 for count in counts), sum(count.unknown or 0 for count in counts)
    yield f"{number} of {counted(len(counts), 'day')} open, {counted(listed, 'article')} listed, {unknown} unknown"


def dry_run_code(counts: Sequence[DryRunCount], crew: Crew) -> int:
    """Return 0 if every source that an open day needs could be read."""
    if crew.stopped:
        return STOPPED
    if codes := set(crew.exit_codes.values()) - {OK}:
        return LOCKED if codes == {LOCKED} else FAILED
    return UNHEALTHY if any(count.fault and count.status == OPEN for count in counts) else OK
