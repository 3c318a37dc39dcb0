"""The runs of outlets: the latest, and some of each day before."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, or_, select, tuple_, update

from crawler.state.facts import as_text
from crawler.state.tables import runs
from crawler.system import clock

COMPLETE, UPDATE = "finished", "update"
RECENT = 50

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
    rows: int = 0
    requests: int = 0
    bytes: int = 0
    files: int = 0

    @property
    def is_complete(self) -> bool:
        return self.reason == COMPLETE


class History:
    """Reads the runs of outlets. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, moment: datetime, outlets: Iterable[str], command: str = UPDATE) -> dict[str, RunFacts]:
        """Return by outlet the last run of a command that began between a moment and now, oldest first."""
        begun = _runs_of(outlets, command) & (runs.c.started >= as_text(moment))
        query = select(runs).where(begun).order_by(runs.c.started)
        return {run.outlet: run for run in self._read(query)}

    def before(self, moment: datetime, outlet: str, days: int) -> list[RunFacts]:
        """Return an outlet's complete updates before a moment, newest first: the last ones, and some of each day."""
        started, hour = runs.c.started, func.substr(runs.c.started, 12, 2)
        earlier = (runs.c.outlet == outlet) & (runs.c.reason == COMPLETE) & (runs.c.command == UPDATE)
        earlier &= (started < as_text(moment)) & runs.c.facts.is_not(None)
        lately = earlier & (started >= as_text(moment - timedelta(days=days)))
        now = moment.astimezone(UTC).hour
        others = [f"{(now + step) % 24:02}" for step in range(STEP_HOURS, 24, STEP_HOURS)]
        chosen = or_(
            started.in_(select(started).where(earlier).order_by(started.desc()).limit(RECENT)),
            started.in_(select(func.max(started)).where(lately).group_by(func.substr(started, 1, 10))),
            lately & (hour == f"{now:02}"),
            started.in_(
                select(func.min(started)).where(lately, hour.in_(others)).group_by(func.substr(started, 1, 13))
            ),
        )
        return list(self._read(select(runs).where(earlier, chosen).order_by(started.desc())))

    def last_uncut(self, outlets: Iterable[str]) -> dict[str, datetime]:
        """Return by outlet when the last update began that was not stopped."""
        uncut = _runs_of(outlets) & runs.c.reason.is_distinct_from("shutdown")
        query = select(runs.c.outlet, func.max(runs.c.started)).where(uncut).group_by(runs.c.outlet)
        with self._engine.connect() as connection:
            return {outlet: datetime.fromisoformat(started) for outlet, started in connection.execute(query)}

    def latest(self, outlets: Iterable[str], is_complete: bool = False) -> dict[str, RunFacts]:
        """Return by outlet its last update that ended, or the last one that is complete."""
        of_outlets = _runs_of(outlets) & (runs.c.reason == COMPLETE if is_complete else runs.c.facts.is_not(None))
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
                counts = (row.rows or 0, row.requests or 0, row.bytes or 0, row.files or 0)
                started = datetime.fromisoformat(row.started)
                yield RunFacts(row.run, row.outlet, started, row.reason, row.command, facts, *counts)


def _runs_of(outlets: Iterable[str], command: str = UPDATE) -> ColumnElement[bool]:
    # A future beginning comes from a wrong clock.
    has_begun = runs.c.started <= as_text(clock.now())
    return (runs.c.command == command) & runs.c.outlet.in_(list(outlets)) & has_begun
