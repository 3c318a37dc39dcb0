"""What a backfill came to: the lines that say so, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.jobs.backfill.plan import OutletPlan
from crawler.jobs.crew import Crew, died_of, last_words, log_of
from crawler.model.exit_codes import FAILED, LOCKED, OK, REFUSED, STOPPED, UNHEALTHY
from crawler.model.failures import ROBOTS_UNAVAILABLE
from crawler.state.days import CLOSED
from crawler.state.standings import Standing, Standings
from crawler.system.terminal import counted

if TYPE_CHECKING:
    from sqlalchemy import Engine

# As many faults of an outlet as a line can bear.
MOST_FAULTS = 3


class BackfillReport:
    """What became of an outlet's days. Raises SQLAlchemyError where it asks state."""

    def __init__(
        self,
        plan: OutletPlan,
        exit_code: int | None,
        standing: Standing | None,
        log: Path | None,
        robots: str | None = None,
    ) -> None:
        """Take the exit code of its crawl, None when there was none, and how the outlet stands if it refuses us.

        `robots` says which robots.txt could not be had, since when and why, None when that was none.
        """
        self.plan = plan
        self._exit_code, self._standing, self._log, self._robots = exit_code, standing, log, robots
        self.days = plan.known()
        self.open = plan.still_open()
        self.given_up = [day for day in plan.days if day in plan.open and self._is_given_up(day)]

    @property
    def closed(self) -> int:
        """How many days are closed."""
        return sum(self.days[day].status == CLOSED for day in self.plan.days if day in self.days)

    @property
    def failed(self) -> int:
        """How many articles of closed days have failed for good."""
        return sum(one.failed for day in self.plan.days if (one := self.days.get(day)) and one.status == CLOSED)

    @property
    def total(self) -> int:
        """How many days can be closed: today can't."""
        return sum(day < self.plan.today for day in self.plan.days)

    def code(self, is_stopped: bool) -> int:
        """Return the exit code for this outlet."""
        if self._exit_code == LOCKED:
            return LOCKED
        # One that is stopped before it has begun tells so, or died of it.
        was_ended = is_stopped and self._exit_code is not None and (self._exit_code < 0 or self._exit_code == STOPPED)
        if self._exit_code and not was_ended:
            return FAILED
        if not self.open:
            return OK
        if is_stopped:
            return STOPPED
        return REFUSED if self._standing else UNHEALTHY

    def line(self, is_stopped: bool) -> str | None:
        """Return what is wrong with it, None when nothing is that wasn't meant."""
        code = self.code(is_stopped)
        if code in (LOCKED, FAILED):
            return self.failure()
        said = []
        if code in (UNHEALTHY, REFUSED):
            verb = "stays" if len(self.open) == 1 else "stay"
            days = f"{len(self.open)} of {counted(self.total, 'day')} {verb} open"
            said.append(f"{days}: {_first(list(self._reasons()))}")
        if self.given_up:
            days = f"{counted(len(self.given_up), 'day')} given up, --retry-failed asks again"
            said.append(f"{days}: {_first([self._fault(day) for day in self.given_up])}")
        return f"{self.plan.outlet}: {'; '.join(said)}" if said else None

    def failure(self) -> str | None:
        """Return why its crawl came to nothing, None when it did not."""
        if self._exit_code == LOCKED:
            return f"{self.plan.outlet}: another backfill of this outlet is running"
        if self._exit_code:
            return f"{self.plan.outlet}: {died_of(self._exit_code)}{self._said()}"
        return None

    def _reasons(self) -> Iterator[str]:
        if self._standing:
            until = f"{self._standing.refused_until:%Y-%m-%d %H:%M} UTC"
            yield f"it refuses us ({self._standing.reason}), to be asked again after {until}"
        if self._robots:
            yield self._robots
        for day in self.open:
            fault = self.days[day].fault if day in self.days else None
            if fault and not (self._robots and ROBOTS_UNAVAILABLE in fault):
                yield self._fault(day)
            elif not fault and not self._standing and not self._robots:
                yield f"{day}: not all of it was asked for"

    def _fault(self, day: date) -> str:
        return f"{day}: {self.days[day].fault}"

    def _is_given_up(self, day: date) -> bool:
        known = self.days.get(day)
        return known is not None and known.status == CLOSED and known.fault is not None

    def _said(self) -> str:
        said, log = last_words(self._log, self.plan.outlet) if self._log else ("", "")
        return (f" ({said})" if said else "") + (f": look at {log}" if log else "")


def _first(parts: Sequence[str]) -> str:
    """Return as many parts as a line can bear."""
    more = f"; and {len(parts) - MOST_FAULTS} more" if len(parts) > MOST_FAULTS else ""
    return f"{'; '.join(parts[:MOST_FAULTS])}{more}"


def reports_of(
    engine: Engine, plans: Sequence[OutletPlan], crew: Crew, runs: Iterable[Mapping[str, Any]]
) -> list[BackfillReport]:
    """Return what became of each plan in the runs that state knows of the crew's crawls. Raises SQLAlchemyError."""
    robots = {run["outlet"]: without_robots(json.loads(run["facts"])) for run in runs if run["facts"]}
    standings = Standings(engine).of([plan.outlet for plan in plans])
    logs = {plan.outlet: log_of(crew.logs, plan.outlet) if crew.logs else None for plan in plans}
    return [
        BackfillReport(
            plan,
            crew.exit_codes.get(plan.outlet),
            standings.get(plan.outlet),
            logs[plan.outlet],
            robots.get(plan.outlet),
        )
        for plan in plans
    ]


def without_robots(facts: Mapping[str, Any]) -> str | None:
    """Return which robots.txt a run could not have, since when and why; None when it had all."""
    if not facts.get("robots"):
        return None
    where, _, why = facts["robots"].partition(" ")
    since = datetime.fromisoformat(facts["robots_since"])
    return f"{where} can't be had since {since:%Y-%m-%d %H:%M} UTC ({why})"


def exit_code(reports: Iterable[BackfillReport], is_stopped: bool) -> int:
    """Return the gravest of the outlets' exit codes."""
    codes = {report.code(is_stopped) for report in reports} | ({STOPPED} if is_stopped else set())
    return next((code for code in (FAILED, STOPPED, UNHEALTHY, REFUSED, LOCKED) if code in codes), OK)


def days_line(reports: Sequence[BackfillReport]) -> str:
    """Return how many of the days are closed, and how many of their articles are given up."""
    closed, total, failed = (sum(getattr(one, name) for one in reports) for name in ("closed", "total", "failed"))
    lost = f", {counted(failed, 'article')} failed for good" if failed else ""
    return f"{closed} of {counted(total, 'day')} closed{lost}"
