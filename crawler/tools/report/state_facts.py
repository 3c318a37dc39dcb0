"""What state says of outlets, as far as there is one: read as it is found, neither made nor migrated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import URL, Engine, MetaData, Row, Table, create_engine, func, inspect, make_url, null, select

from crawler.state.engine import open_engine
from crawler.state.facts import KnownArchive
from crawler.state.store import ARCHIVE


class DayFacts(NamedTuple):
    """What an outlet listed on a day, and what became of it; `is_closed` when nothing is left to do, else the fault.

    One that is closed with a fault was given up.

    `archived` are articles, `turned_down` pages that are none of ours.
    """

    listed: int
    archived: int
    turned_down: int
    failed: int
    is_closed: bool
    fault: str | None = None


class ToldFinding(NamedTuple):
    """Something that is wrong with an outlet, and since when."""

    outlet: str
    text: str
    since: datetime | None


class Refusal(NamedTuple):
    """Until when a refusing outlet is left alone, and why."""

    until: datetime
    reason: str


class StateFacts:
    """Questions to a state; without one, or without a table, the answer is empty.

    Every method raises SQLAlchemyError.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)

    def close(self) -> None:
        """Close every connection."""
        if self._engine is not None:
            self._engine.dispose()

    def last_runs(self) -> dict[str, datetime]:
        """Return by outlet when its last run began."""
        table = self._table("runs")
        if self._engine is None or table is None:
            return {}
        with self._engine.connect() as connection:
            query = select(table.c.outlet, func.max(table.c.started)).group_by(table.c.outlet)
            return {outlet: datetime.fromisoformat(started) for outlet, started in connection.execute(query)}

    def known_archive(self) -> KnownArchive:
        """Return the archive's ID and one file in it, as far as state knows them."""
        facts = {row.name: row.value for row in self._rows("remembered", "name", "value")}
        captures = self._rows("captures", "file", "status")
        file = next((row.file for row in captures if row.status == "archived" and row.file), None)
        return KnownArchive(facts.get(ARCHIVE), file)

    def findings(self) -> list[ToldFinding]:
        """Return what is wrong at present, the newest first."""
        found = [ToldFinding(row.outlet, row.finding, _moment(row.since)) for row in self._rows("reports", *REPORT)]
        return sorted(found, key=lambda finding: (str(finding.since), finding.outlet), reverse=True)

    def refusals(self) -> dict[str, Refusal]:
        """Return by outlet how it refuses us."""
        found = {}
        for row in self._rows("standings", "outlet", "refused_until", "reason"):
            if (until := _moment(row.refused_until)) is not None:
                found[row.outlet] = Refusal(until, row.reason or "")
        return found

    def days(self) -> Iterator[tuple[str, str, DayFacts]]:
        """Yield outlet, day (YYYY-MM-DD) and what became of it; of two scopes the one that listed more."""
        found: dict[tuple[str, str], DayFacts] = {}
        for row in self._rows("days", "outlet", "day", "status", "fault", *COUNTS):
            listed, archived, turned_down, failed = (getattr(row, name) or 0 for name in COUNTS)
            day = DayFacts(listed, archived, turned_down, failed, row.status == "closed", row.fault)
            place = (row.outlet, str(row.day))
            found[place] = max(day, found.get(place, day), key=lambda one: one.listed)
        for (outlet, day_text), day in found.items():
            yield outlet, day_text, day

    def failed(self) -> Iterator[tuple[str, str | None, str]]:
        """Yield outlet, day and reason of every address that failed for good."""
        for row in self._rows("failures", "outlet", "day", "reason", "is_final"):
            if row.is_final:
                yield row.outlet, None if row.day is None else str(row.day), str(row.reason)

    def _rows(self, name: str, *columns: str) -> Iterator[Row[Any]]:
        table = self._table(name)
        if self._engine is None or table is None:
            return
        # What another version of khobor left out is unknown.
        wanted = [table.c[column] if column in table.c else null().label(column) for column in columns]
        with self._engine.connect() as connection:
            yield from connection.execution_options(yield_per=1000).execute(select(*wanted))

    def _table(self, name: str) -> Table | None:
        if self._engine is None or not inspect(self._engine).has_table(name):
            return None
        return Table(name, MetaData(), autoload_with=self._engine)


COUNTS = ("listed", "archived", "turned_down", "failed")
REPORT = ("outlet", "finding", "since")


def _engine(address: str) -> Engine | None:
    """Return the engine of a state that is there, None without one. Raises SQLAlchemyError, OSError."""
    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        return open_engine(address)
    if not url.database or not Path(url.database).exists():
        return None
    return create_engine(
        URL.create("sqlite", database=f"file:{quote(url.database)}", query={"mode": "ro", "uri": "true"})
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
