"""The report of a backfill: a line for each outlet with open or given up days, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from crawler.jobs.backfill.plan import OutletPlan
from crawler.jobs.crew import Crew, died_of, last_words, log_of
from crawler.model.exit_codes import FAILED, LOCKED, OK, REFUSED, STOPPED, UNHEALTHY
from crawler.state.day_policy import Day
from crawler.state.standings import Standing, Standings
from crawler.system.terminal import counted

# More faults of an outlet are only counted.
MOST_FAULTS = 3


@dataclass(slots=True)
class BackfillReport:
    """The outcome of an outlet's days. Raises SQLAlchemyError where it reads state.

    `exit_code` is that of its crawl, None without one. `standing` is set if the outlet refuses us. `robots` says which
    robots.txt could not be fetched, since when and why.
    """

    plan: OutletPlan
    exit_code: int | None
    standing: Standing | None = None
    log: Path | None = None
    robots: str | None = None
    days: dict[date, Day] = field(init=False)
    closed: list[Day] = field(init=False)
    open: list[date] = field(init=False)
    given_up: list[date] = field(init=False)

    def __post_init__(self) -> None:
        """Read the days."""
        self.days, self.open = self.plan.known(), self.plan.still_open()
        known = (self.days[day] for day in self.plan.days if day in self.days)
        self.closed = [one for one in known if one.is_closed]
        self.given_up = [one.day for one in self.closed if one.day in self.plan.open and one.is_given_up]

    @property
    def total(self) -> int:
        """The number of days that can be closed: all but today."""
        return sum(day < self.plan.today for day in self.plan.days)

    def code(self, is_stopped: bool) -> int:
        """Return the exit code for this outlet."""
        if self.exit_code == LOCKED:
            return LOCKED
        # A crawl that is stopped before it begins reports that, or dies of the signal.
        was_ended = is_stopped and self.exit_code is not None and (self.exit_code < 0 or self.exit_code == STOPPED)
        if self.exit_code and not was_ended:
            return FAILED
        if not self.open:
            return OK
        if is_stopped:
            return STOPPED
        return REFUSED if self.standing else UNHEALTHY

    def line(self, is_stopped: bool) -> str | None:
        """Return the problems of the outlet, None if there are none."""
        code = self.code(is_stopped)
        if code in (LOCKED, FAILED):
            return self.failure()
        parts = []
        if code in (UNHEALTHY, REFUSED):
            verb = "stays" if len(self.open) == 1 else "stay"
            days = f"{len(self.open)} of {counted(self.total, 'day')} {verb} open"
            parts.append(f"{days}: {_first(list(self._reasons()))}")
        if self.given_up:
            days = f"{counted(len(self.given_up), 'day')} given up, --retry-failed retries them"
            parts.append(f"{days}: {_first([self._fault(day) for day in self.given_up])}")
        return f"{self.plan.outlet}: {'; '.join(parts)}" if parts else None

    def failure(self) -> str | None:
        """Return why the crawl failed, None if it did not."""
        if self.exit_code == LOCKED:
            return f"{self.plan.outlet}: another backfill of this outlet is running"
        if not self.exit_code:
            return None
        last_line, log = last_words(self.log, self.plan.outlet) if self.log else ("", "")
        details = (f" ({last_line})" if last_line else "") + (f": look at {log}" if log else "")
        return f"{self.plan.outlet}: {died_of(self.exit_code)}{details}"

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
    engine: Engine, plans: Sequence[OutletPlan], crew: Crew, runs: Iterable[Mapping[str, Any]]
) -> list[BackfillReport]:
    """Return the outcome of each plan in the runs of a crew's crawls. Raises SQLAlchemyError."""
    robots = {run["outlet"]: without_robots(json.loads(run["facts"])) for run in runs if run["facts"]}
    standings = Standings(engine).of([plan.outlet for plan in plans])
    return [
        BackfillReport(
            plan,
            crew.exit_codes.get(plan.outlet),
            standings.get(plan.outlet),
            log_of(crew.logs, plan.outlet) if crew.logs else None,
            robots.get(plan.outlet),
        )
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
    codes = {report.code(is_stopped) for report in reports} | ({STOPPED} if is_stopped else set())
    return next((code for code in (FAILED, STOPPED, UNHEALTHY, REFUSED, LOCKED) if code in codes), OK)


def days_line(reports: Sequence[BackfillReport]) -> str:
    """Return the numbers of closed days and failed articles, in words."""
    closed, total = [day for report in reports for day in report.closed], sum(report.total for report in reports)
    failed = sum(day.failed for day in closed)
    lost = f", {counted(failed, 'article')} failed for good" if failed else ""
    return f"{len(closed)} of {counted(total, 'day')} closed{lost}"
