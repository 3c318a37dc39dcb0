"""Facts that state has about outlets. The database is only read: neither created nor migrated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import URL, Engine, MetaData, Row, Select, Table, create_engine, func, inspect, make_url, null, select

from crawler.state.engine import open_engine
from crawler.state.facts import KnownArchive
from crawler.state.store import ARCHIVE

COUNTS = ("listed", "archived", "turned_down", "failed")


class DayCounts(NamedTuple):
    """A day's `archived` articles, and `turned_down` pages out of scope; if closed with a fault, it was given up."""

    listed: int
    archived: int
    turned_down: int
    failed: int
    is_closed: bool
    fault: str | None = None


class Problem(NamedTuple):
    outlet: str
    text: str
    since: datetime | None


class Refusal(NamedTuple):
    """The end of an outlet's pause after it refused requests, and the reason."""

    until: datetime
    reason: str


class StateFacts:
    """Queries of a state. Without a state, or without a table, their results are empty. All raise SQLAlchemyError."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()

    def last_runs(self) -> dict[str, datetime]:
        table = self._table("runs")
        if table is None:
            return {}
        query = select(table.c.outlet, func.max(table.c.started).label("started")).group_by(table.c.outlet)
        return {row.outlet: datetime.fromisoformat(row.started) for row in self._execute(query)}

    def known_archive(self) -> KnownArchive:
        """Return the archive's ID and one file in it, as far as state knows them."""
        facts = {row.name: row.value for row in self._rows("remembered", "name", "value")}
        captures = self._rows("captures", "file", "status")
        file = next((row.file for row in captures if row.status == "archived" and row.file), None)
        return KnownArchive(facts.get(ARCHIVE), file)

    def problems(self) -> list[Problem]:
        found = [
            Problem(row.outlet, row.finding, _moment(row.since))
            for row in self._rows("reports", "outlet", "finding", "since")
        ]
        return sorted(found, key=lambda problem: (str(problem.since), problem.outlet), reverse=True)

    def refusals(self) -> dict[str, Refusal]:
        rows = self._rows("standings", "outlet", "refused_until", "reason")
        return {row.outlet: Refusal(until, row.reason or "") for row in rows if (until := _moment(row.refused_until))}

    def days(self) -> Iterator[tuple[str, str, DayCounts]]:
        """Yield outlet, day (YYYY-MM-DD) and counts; of two scopes, those of the one that listed more."""
        found: dict[tuple[str, str], DayCounts] = {}
        for row in self._rows("days", "outlet", "day", "status", "fault", *COUNTS):
            listed, archived, turned_down, failed = (getattr(row, name) or 0 for name in COUNTS)
            day = DayCounts(listed, archived, turned_down, failed, row.status == "closed", row.fault)
            place = (row.outlet, str(row.day))
            found[place] = max(day, found.get(place, day), key=lambda one: one.listed)
        for (outlet, day_text), day in found.items():
            yield outlet, day_text, day

    def failures(self) -> Iterator[tuple[str, str | None, str]]:
        for row in self._rows("failures", "outlet", "day", "reason", "is_final"):
            if row.is_final:
                yield row.outlet, None if row.day is None else str(row.day), str(row.reason)

    def _rows(self, name: str, *columns: str) -> Iterator[Row[Any]]:
        if (table := self._table(name)) is not None:
            # A state of another version may lack a column.
            wanted = [table.c[column] if column in table.c else null().label(column) for column in columns]
            yield from self._execute(select(*wanted))

    def _table(self, name: str) -> Table | None:
        if self._engine is None or not inspect(self._engine).has_table(name):
            return None
        return Table(name, MetaData(), autoload_with=self._engine)

    def _execute(self, query: Select[Any]) -> Iterator[Row[Any]]:
        assert self._engine is not None
        with self._engine.connect() as connection:
            yield from connection.execution_options(yield_per=1000).execute(query)


def _engine(address: str) -> Engine | None:
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
