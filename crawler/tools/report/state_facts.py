"""Facts that state has about outlets. The database is neither created nor migrated."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, Row, Select, func, select

from crawler.state import tables
from crawler.state.archived import ArchiveFacts
from crawler.state.day_policy import Day
from crawler.state.days import FAILED, OUTCOME, WITH_OUTCOMES, read_days
from crawler.state.engine import file_of, open_engine, snapshot
from crawler.state.facts import StateError, as_text
from crawler.state.schema import REVISION, revision_of
from crawler.state.tables import failures, listings, metadata, reports, runs, standings


class StateFacts:
    """Queries of a state, or of an empty one in its place. All raise SQLAlchemyError."""

    def __init__(self, url: str) -> None:
        """Raise StateError for a state of another khobor."""
        self._engine = _engine(url)

    def close(self) -> None:
        self._engine.dispose()

    def last_runs(self) -> dict[str, str]:
        """Return by outlet when its last run began, as text."""
        query = select(runs.c.outlet, func.max(runs.c.started).label("started")).group_by(runs.c.outlet)
        return {row.outlet: row.started for row in self._rows(query)}

    @property
    def archive(self) -> ArchiveFacts:
        return ArchiveFacts(self._engine)

    def problems(self) -> list[Row[Any]]:
        """Return the rows of the present problems (`reports`), newest first."""
        return list(self._rows(select(reports).order_by(reports.c.since.desc(), reports.c.outlet.desc())))

    def refusals(self, now: datetime) -> dict[str, Row[Any]]:
        """Return by outlet the rows (`standings`) of those that refuse us and are paused at a moment."""
        found = self._rows(select(standings).where(standings.c.refused_until > as_text(now)))
        return {row.outlet: row for row in found}

    def days(self, outlet: str | None = None) -> Iterable[Day]:
        """Return the days of an outlet's backfills, or of all; of two scopes, the day of the one that listed more."""
        conditions = [tables.days.c.outlet == outlet] if outlet else []
        with snapshot(self._engine) as connection:
            found = sorted(read_days(connection, *conditions), key=lambda day: day.listed)
        return {(day.outlet, day.day): day for day in found}.values()

    def failures(self, outlet: str | None = None) -> Iterator[tuple[str, date, str]]:
        """Yield outlet, day and reason of each article of an outlet, or of all, that has failed for good."""
        columns = (listings.c.outlet, listings.c.day, failures.c.reason, listings.c.key)
        query = select(*columns).select_from(WITH_OUTCOMES).where(OUTCOME.in_([FAILED])).distinct()
        for row in self._rows(query.where(listings.c.outlet == outlet) if outlet else query):
            yield row.outlet, date.fromisoformat(row.day), row.reason

    def _rows(self, query: Select[Any]) -> Iterator[Row[Any]]:
        with self._engine.connect() as connection:
            yield from connection.execution_options(yield_per=1000).execute(query)


def is_there(state_url: str) -> bool:
    """Return whether there is a state; a database on a server is taken to be there."""
    file = file_of(state_url)
    return file is None or file.exists()


def _engine(address: str) -> Engine:
    """Return the engine of a state, that of an empty one in memory without a state. Raises StateError."""
    if is_there(address):
        engine = open_engine(address)
        with engine.connect() as connection:
            revision = revision_of(connection)
        if revision == REVISION:
            return engine
        engine.dispose()
        if revision is not None:
            raise StateError(f"the state has schema revision {revision}; this khobor reads {REVISION}")
    engine = open_engine("sqlite://")
    metadata.create_all(engine)
    return engine
