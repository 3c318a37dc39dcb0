"""The runs of an outlet: those just now, and some a day of those before."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, Select, func, select, tuple_, update

from crawler.state.moments import as_text
from crawler.state.tables import runs

COMPLETE, UPDATE = "finished", "update"
RECENT = 50
DAY, HOUR = len("2026-11-26"), len("2026-11-26T10")
HOUR_OF_DAY = slice(HOUR - 2, HOUR)
# Of each earlier day: the last run, all of this hour, and one every so many hours from it. What is so for a while each
# night is seen then, and that it was not so between.
STEP_HOURS = 4
# How long a source that lists by day is asked in vain for what was missed before it counts as broken for good.
HOPELESS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
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

    @property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """The sources that it asked, by address, and what it says of each."""
        sources: Mapping[str, Mapping[str, Any]] = self.facts.get("sources", {})
        return sources

    @property
    def is_look(self) -> bool:
        """Whether it could read any of its sources."""
        told = self.sources.values()
        return any("listed" in source for source in told) or not any("broken" in source for source in told)

    @property
    def unread(self) -> frozenset[str]:
        """The sources of what is new that it could not read; where it read one by day, that has listed the same."""
        if any(source.keys() >= {"by_day", "listed"} for source in self.sources.values()):
            return frozenset()
        return frozenset(url for url, source in self.sources.items() if "broken" in source and "by_day" not in source)

    @property
    def is_whole(self) -> bool:
        """Whether it leaves nothing to be asked for again."""
        return self.is_look and not self.unread and not any(source.get("unread") for source in self.sources.values())


class Missed(NamedTuple):
    """What an outlet's updates have missed: all since a moment, and days (YYYY-MM-DD) of sources that list by day."""

    since: datetime
    unread: Mapping[str, Sequence[str]]


def has_begun() -> ColumnElement[bool]:
    """Return the condition that a run began before now: one of a clock that ran ahead did not."""
    return runs.c.started <= as_text(datetime.now(UTC))


class History:
    """Reads the runs of outlets. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, moment: datetime, outlets: Iterable[str]) -> dict[str, Run]:
        """Return by outlet the last update that began at or after a moment, and not after now: clocks are set back."""
        of_outlets = (runs.c.command == UPDATE) & runs.c.outlet.in_(list(outlets)) & has_begun()
        query = select(runs).where(runs.c.started >= as_text(moment), of_outlets).order_by(runs.c.started)
        return {run.outlet: run for run in self._read(query)}

    def before(self, moment: datetime, outlet: str, days: int) -> list[Run]:
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

    def missed(self, outlets: Iterable[str], since: datetime) -> dict[str, Missed]:
        """Return by outlet what its complete updates have missed, by those from a moment on."""
        last = self._latest(outlets, runs.c.reason == COMPLETE)
        complete = {run.outlet: [run] if run.is_whole else self._complete(run, since) for run in last}
        return {outlet: Missed(looked_until(runs), unread_days(runs)) for outlet, runs in complete.items()}

    def last_uncut(self, outlets: Iterable[str]) -> dict[str, datetime]:
        """Return by outlet when the last update began that nobody cut short."""
        return self._last(outlets, runs.c.reason.is_distinct_from("shutdown"))

    def latest(self, outlets: Iterable[str]) -> dict[str, Run]:
        """Return by outlet its last update that came to an end."""
        return {run.outlet: run for run in self._latest(outlets, runs.c.facts.is_not(None))}

    def judged(self, run: Run, findings: Iterable[str], reason: str | None) -> None:
        """Add to a run's facts what was found wrong with it, and say why it ended."""
        facts = json.dumps({**run.facts, "findings": list(findings)}, ensure_ascii=False)
        with self._engine.begin() as connection:
            connection.execute(update(runs).where(runs.c.run == run.run).values(facts=facts, reason=reason))

    def _latest(self, outlets: Iterable[str], condition: ColumnElement[bool]) -> Iterator[Run]:
        of_outlets = (runs.c.command == UPDATE) & runs.c.outlet.in_(list(outlets)) & has_begun() & condition
        last = select(runs.c.outlet, func.max(runs.c.started)).where(of_outlets).group_by(runs.c.outlet)
        return self._read(select(runs).where(of_outlets, tuple_(runs.c.outlet, runs.c.started).in_(last)))

    def _complete(self, last: Run, since: datetime) -> list[Run]:
        """Return an outlet's complete updates from a moment to its last one, which is there at least, newest first."""
        of_outlet = (runs.c.command == UPDATE) & (runs.c.outlet == last.outlet) & (runs.c.reason == COMPLETE)
        earlier = (runs.c.started >= as_text(since)) & (runs.c.started < as_text(last.started))
        return [last, *self._read(select(runs).where(of_outlet, earlier).order_by(runs.c.started.desc()))]

    def _last(self, outlets: Iterable[str], condition: ColumnElement[bool]) -> dict[str, datetime]:
        of_outlets = (runs.c.command == UPDATE) & runs.c.outlet.in_(list(outlets)) & has_begun()
        query = select(runs.c.outlet, func.max(runs.c.started)).where(of_outlets, condition).group_by(runs.c.outlet)
        with self._engine.connect() as connection:
            return {outlet: datetime.fromisoformat(started) for outlet, started in connection.execute(query)}

    def _read(self, query: Select[Any]) -> Iterator[Run]:
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                facts = json.loads(row.facts) if row.facts else {}
                started = datetime.fromisoformat(row.started)
                yield Run(row.run, row.outlet, started, row.reason, row.command, facts)


def looked_until(complete: Sequence[Run]) -> datetime:
    """Return until when no source was missed as a whole, by complete runs, at least one, the newest first.

    Of the sources of what is new that the last run could not read it is the one that has waited longest that counts.
    One that none of the runs could read is broken for good and holds nothing back; but a run that read nothing at all
    was no look.
    """
    looks = [run for run in complete if run.is_look]
    if not looks:
        return complete[-1].started
    unread, moment = looks[0].unread, looks[0].started
    for run in looks:
        if read := unread & (run.sources.keys() - run.unread):
            unread, moment = unread - read, run.started
    return moment


def unread_days(complete: Iterable[Run]) -> dict[str, Sequence[str]]:
    """Return by source by day the days it is to be asked for again, by complete runs, the newest first.

    Each run asks for those again that the one before it left; one that did not ask a source says nothing of it. A
    source that none of the runs could read for any day, though they asked it for HOPELESS, holds nothing back.
    """
    left: dict[str, Sequence[str]] = {}
    readable, asked = set(), defaultdict[str, list[datetime]](list)
    for run in filter(lambda run: run.is_look, complete):
        for url, source in run.sources.items():
            if "by_day" in source:
                left.setdefault(url, source.get("unread", []))
                asked[url].append(run.started)
                # One whose newest list is not there yet, and no other, has listed nothing.
                if "listed" in source and len(source.get("unread", [])) < source["by_day"]:
                    readable.add(url)
    hoped = readable | {url for url, times in asked.items() if times[0] - times[-1] < HOPELESS}
    return {url: days for url, days in left.items() if days and url in hoped}


def _some_a_day(told: Sequence[tuple[str, str]], moment: datetime) -> Iterator[str]:
    """Yield which of some runs, oldest first with the text of their moments, are kept of each day."""
    hour = moment.astimezone(UTC).hour
    this, *others = [f"{(hour + step) % 24:02}" for step in range(0, 24, STEP_HOURS)]
    yield from {started[:DAY]: run for run, started in told}.values()
    yield from (run for run, started in told if started[HOUR_OF_DAY] == this)
    yield from {started[:HOUR]: run for run, started in reversed(told) if started[HOUR_OF_DAY] in others}.values()
