"""The runs of outlets: the latest, and some of each day before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, select, tuple_, update

from crawler.state.facts import as_text
from crawler.state.tables import runs

COMPLETE, UPDATE = "finished", "update"
RECENT = 50
DAY, HOUR = len("2026-11-26"), len("2026-11-26T10")
HOUR_OF_DAY = slice(HOUR - 2, HOUR)

# Of each earlier day: the last run, all of this hour, and one every STEP_HOURS before and after it. They show what is
# true for some hours of each night only.
STEP_HOURS = 4


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run of an outlet; without an end its `reason` is None and its `facts` are empty."""

    run: str
    outlet: str
    started: datetime
    reason: str | None
    command: str | None
    facts: Mapping[str, Any]

    @property
    def is_complete(self) -> bool:
        return self.reason == COMPLETE


class History:
    """Reads the runs of outlets. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, moment: datetime, outlets: Iterable[str]) -> dict[str, RunFacts]:
        """Return by outlet the last update that began between a moment and now."""
        query = select(runs).where(runs.c.started >= as_text(moment), _updates_of(outlets)).order_by(runs.c.started)
        return {run.outlet: run for run in self._read(query)}

    def before(self, moment: datetime, outlet: str, days: int) -> list[RunFacts]:
        """Return an outlet's complete updates before a moment, newest first: the last ones, and some of each day."""
        of_outlet = (runs.c.outlet == outlet) & (runs.c.reason == COMPLETE) & (runs.c.command == UPDATE)
        earlier = of_outlet & (runs.c.started < as_text(moment)) & runs.c.facts.is_not(None)
        recent = select(runs.c.run).where(earlier).order_by(runs.c.started.desc()).limit(RECENT)
        lately = earlier & (runs.c.started >= as_text(moment - timedelta(days=days)))
        query = select(runs.c.run, runs.c.started).where(lately).order_by(runs.c.started)
        with self._engine.connect() as connection:
            found = [(run, started) for run, started in connection.execute(query)]
            chosen = {*connection.execute(recent).scalars(), *_some_a_day(found, moment)}
        return list(self._read(select(runs).where(runs.c.run.in_(chosen)).order_by(runs.c.started.desc())))

    def last_uncut(self, outlets: Iterable[str]) -> dict[str, datetime]:
        """Return by outlet when the last update began that was not stopped."""
        uncut = _updates_of(outlets) & runs.c.reason.is_distinct_from("shutdown")
        query = select(runs.c.outlet, func.max(runs.c.started)).where(uncut).group_by(runs.c.outlet)
        with self._engine.connect() as connection:
            return {outlet: datetime.fromisoformat(started) for outlet, started in connection.execute(query)}

    def latest(self, outlets: Iterable[str], is_complete: bool = False) -> dict[str, RunFacts]:
        """Return by outlet its last update that ended, or the last one that is complete."""
        of_outlets = _updates_of(outlets) & (runs.c.reason == COMPLETE if is_complete else runs.c.facts.is_not(None))
        last = select(runs.c.outlet, func.max(runs.c.started)).where(of_outlets).group_by(runs.c.outlet)
        query = select(runs).where(of_outlets, tuple_(runs.c.outlet, runs.c.started).in_(last))
        return {run.outlet: run for run in self._read(query)}

    def judged(self, run: RunFacts, findings: Iterable[str], reason: str | None) -> None:
        """Add findings to a run's facts, and set why it ended."""
        facts = json.dumps({**run.facts, "findings": list(findings)}, ensure_ascii=False)
        with self._engine.begin() as connection:
            connection.execute(update(runs).where(runs.c.run == run.run).values(facts=facts, reason=reason))

    def _read(self, query: Select[Any]) -> Iterator[RunFacts]:
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                facts = json.loads(row.facts) if row.facts else {}
                started = datetime.fromisoformat(row.started)
                yield RunFacts(row.run, row.outlet, started, row.reason, row.command, facts)


def _updates_of(outlets: Iterable[str]) -> ColumnElement[bool]:
    # A future beginning comes from a wrong clock.
    has_begun = runs.c.started <= as_text(datetime.now(UTC))
    return (runs.c.command == UPDATE) & runs.c.outlet.in_(list(outlets)) & has_begun


def _some_a_day(found: Sequence[tuple[str, str]], moment: datetime) -> Iterator[str]:
    hour = moment.astimezone(UTC).hour
    this, *others = [f"{(hour + step) % 24:02}" for step in range(0, 24, STEP_HOURS)]
    yield from {started[:DAY]: run for run, started in found}.values()
    yield from (run for run, started in found if started[HOUR_OF_DAY] == this)
    yield from {started[:HOUR]: run for run, started in reversed(found) if started[HOUR_OF_DAY] in others}.values()
