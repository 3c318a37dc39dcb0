"""The runs of an outlet: those just now, and some a day of those before."""

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

# Of each earlier day: the last run, all of this hour, and one every so many hours from it. What is so for a while each
# night is seen then, and that it was not so between.
STEP_HOURS = 4


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run of an outlet; `reason` is None for one that did not come to its end, and `facts` are empty then."""

    run: str
    outlet: str
    started: datetime
    reason: str | None
    command: str | None
    facts: Mapping[str, Any]

    @property
    def is_complete(self) -> bool:
        """Whether it asked for all it wanted."""
        return self.reason == COMPLETE


def has_begun() -> ColumnElement[bool]:
    """Return the condition that a run began before now: one of a clock that ran ahead did not."""
    return runs.c.started <= as_text(datetime.now(UTC))


class History:
    """Reads the runs of outlets. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, moment: datetime, outlets: Iterable[str]) -> dict[str, RunFacts]:
        """Return by outlet the last update that began at or after a moment, and not after now: clocks are set back."""
        of_outlets = (runs.c.command == UPDATE) & runs.c.outlet.in_(list(outlets)) & has_begun()
        query = select(runs).where(runs.c.started >= as_text(moment), of_outlets).order_by(runs.c.started)
        return {run.outlet: run for run in self._read(query)}

    def before(self, moment: datetime, outlet: str, days: int) -> list[RunFacts]:
        """Return an outlet's complete updates before a moment, newest first: the last ones, and some a day."""
        of_outlet = (runs.c.outlet == outlet) & (runs.c.reason == COMPLETE) & (runs.c.command == UPDATE)
        earlier = of_outlet & (runs.c.started < as_text(moment)) & runs.c.facts.is_not(None)
        recent = select(runs.c.run).where(earlier).order_by(runs.c.started.desc()).limit(RECENT)
        lately = earlier & (runs.c.started >= as_text(moment - timedelta(days=days)))
        query = select(runs.c.run, runs.c.started).where(lately).order_by(runs.c.started)
        with self._engine.connect() as connection:
            told = [(run, started) for run, started in connection.execute(query)]
            chosen = {*connection.execute(recent).scalars(), *_some_a_day(told, moment)}
        return list(self._read(select(runs).where(runs.c.run.in_(chosen)).order_by(runs.c.started.desc())))

    def last_complete(self, outlets: Iterable[str]) -> dict[str, RunFacts]:
        """Return by outlet its last update that asked for all it wanted."""
        return {run.outlet: run for run in self._latest(outlets, runs.c.reason == COMPLETE)}

    def last_uncut(self, outlets: Iterable[str]) -> dict[str, datetime]:
        """Return by outlet when the last update began that nobody cut short."""
        return self._last(outlets, runs.c.reason.is_distinct_from("shutdown"))

    def latest(self, outlets: Iterable[str]) -> dict[str, RunFacts]:
        """Return by outlet its last update that came to an end."""
        return {run.outlet: run for run in self._latest(outlets, runs.c.facts.is_not(None))}

    def judged(self, run: RunFacts, findings: Iterable[str], reason: str | None) -> None:
        """Add to a run's facts what was found wrong with it, and say why it ended."""
        facts = json.dumps({**run.facts, "findings": list(findings)}, ensure_ascii=False)
        with self._engine.begin() as connection:
            connection.execute(update(runs).where(runs.c.run == run.run).values(facts=facts, reason=reason))

    def _latest(self, outlets: Iterable[str], condition: ColumnElement[bool]) -> Iterator[RunFacts]:
        of_outlets = (runs.c.command == UPDATE) & runs.c.outlet.in_(list(outlets)) & has_begun() & condition
        last = select(runs.c.outlet, func.max(runs.c.started)).where(of_outlets).group_by(runs.c.outlet)
        return self._read(select(runs).where(of_outlets, tuple_(runs.c.outlet, runs.c.started).in_(last)))

    def _last(self, outlets: Iterable[str], condition: ColumnElement[bool]) -> dict[str, datetime]:
        of_outlets = (runs.c.command == UPDATE) & runs.c.outlet.in_(list(outlets)) & has_begun()
        query = select(runs.c.outlet, func.max(runs.c.started)).where(of_outlets, condition).group_by(runs.c.outlet)
        with self._engine.connect() as connection:
            return {outlet: datetime.fromisoformat(started) for outlet, started in connection.execute(query)}

    def _read(self, query: Select[Any]) -> Iterator[RunFacts]:
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                facts = json.loads(row.facts) if row.facts else {}
                started = datetime.fromisoformat(row.started)
                yield RunFacts(row.run, row.outlet, started, row.reason, row.command, facts)


def _some_a_day(told: Sequence[tuple[str, str]], moment: datetime) -> Iterator[str]:
    """Yield which of some runs, oldest first with the text of their moments, are kept of each day."""
    hour = moment.astimezone(UTC).hour
    this, *others = [f"{(hour + step) % 24:02}" for step in range(0, 24, STEP_HOURS)]
    yield from {started[:DAY]: run for run, started in told}.values()
    yield from (run for run, started in told if started[HOUR_OF_DAY] == this)
    yield from {started[:HOUR]: run for run, started in reversed(told) if started[HOUR_OF_DAY] in others}.values()
