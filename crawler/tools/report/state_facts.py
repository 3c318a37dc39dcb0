"""Facts that state has about outlets. The database is only read: neither created nor migrated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import URL, Engine, MetaData, Row, Select, Table, create_engine, func, inspect, make_url, null, select

from crawler.state.day_policy import Day
from crawler.state.days import read_days
from crawler.state.engine import open_engine
from crawler.state.facts import KnownArchive
from crawler.state.listings import FAILED, OUTCOME, WITH_OUTCOMES
from crawler.state.schema import REVISION, revision_of
from crawler.state.store import ARCHIVE
from crawler.state.tables import days, failures, listings


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

    def days(self) -> Iterator[Day]:
        """Yield the days of backfills; of two scopes, the day of the one that listed more."""
        outlets = self._execute(select(days.c.outlet).distinct()) if self._is_current else ()
        for outlet in [row.outlet for row in outlets]:
            found: dict[date, Day] = {}
            for day in self._days_of(outlet):
                found[day.day] = max(day, found.get(day.day, day), key=lambda one: one.listed)
            yield from found.values()

    def _days_of(self, outlet: str) -> list[Day]:
        assert self._engine is not None
        with self._engine.connect() as connection:
            return read_days(connection, days.c.outlet == outlet)

    def failures(self) -> Iterator[tuple[str, date, str]]:
        """Yield outlet, day and reason of each article that has failed for good."""
        columns = (listings.c.outlet, listings.c.day, failures.c.reason, listings.c.key)
        query = select(*columns).select_from(WITH_OUTCOMES).where(OUTCOME.in_([FAILED])).distinct()
        for row in self._execute(query) if self._is_current else ():
            yield row.outlet, date.fromisoformat(row.day), row.reason

    @property
    def _is_current(self) -> bool:
        if self._engine is None:
            return False
        with self._engine.connect() as connection:
            return revision_of(connection) == REVISION

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
