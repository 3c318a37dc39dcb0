"""The replacement of a state by a rebuilt one, at once or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, delete, insert, select, text

from crawler.state.engine import durably, file_of
from crawler.state.facts import DamagedState
from crawler.state.store import State
from crawler.state.tables import archived_segments, articles, captures, metadata, remembered, runs, withdrawn
from crawler.system import clock
from crawler.system.files import sync_path

REBUILT = (archived_segments, articles, captures, runs, remembered, withdrawn)
COPIED = 5000

# Suffixes of the files that SQLite keeps beside a database.
LOG, SHARED = "-wal", "-shm"


class Replacement:
    """A new state beside the old one, removed at the end unless it is put in place. Raises StateError."""

    def __init__(self, url: str, spool: Path) -> None:
        self._file = file_of(url)
        self._old: State | None = None
        if self._file is None or self._file.exists():
            with suppress(DamagedState):
                self._old = State(url)
        beside = self._file or spool / "state.db"
        self._path = beside.with_name(f"{beside.name}.rebuild")
        _remove(self._path)
        self.new = State(f"sqlite:///{self._path}")

    def close(self) -> None:
        self.new.close()
        if self._old is not None:
            self._old.close()
        _remove(self._path)

    def put_in_place(self) -> Path | None:
        """Replace the old state; return its new path, None if it is gone. Raises OSError, SQLAlchemyError."""
        if self._file is None:
            if self._old is None:
                raise DamagedState("only a file of SQLite can be replaced while it is damaged")
            _replace_tables(self.new, self._old)
            return None
        if self._old is not None:
            with suppress(DamagedState):
                _carry_over(self._old, self.new)
            self._old.close()
        self.new.close()
        return _replace_file(self._path, self._file)


def _carry_over(old: State, new: State) -> None:
    """Copy what the archive does not hold, such as the listings of days."""
    with new.engine.begin() as target:
        for table in metadata.sorted_tables:
            if table not in REBUILT:
                _copy(old.engine, target, table)


def _replace_tables(new: State, old: State) -> None:
    """Replace the tables in PostgreSQL, in one transaction."""
    with durably(old.engine) as target:
        names = ", ".join(table.name for table in REBUILT)
        target.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        for table in REBUILT:
            target.execute(delete(table))
            _copy(new.engine, target, table)


def _replace_file(new: Path, old: Path) -> Path | None:
    """Replace an SQLite file; at any moment a whole one is there. Return the old file's new path."""
    aside = None
    if old.exists():
        aside = old.with_name(f"{old.name}.replaced-{clock.now():%Y%m%dT%H%M%S%f}")
        # The log first: SQLite would apply it to the new file.
        for suffix in (LOG, SHARED):
            beside = old.with_name(old.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
        os.link(old, aside)
    sync_path(new)
    new.replace(old)
    sync_path(old.parent)
    return aside


def _remove(file: Path) -> None:
    for suffix in ("", LOG, SHARED):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _copy(source: Engine, target: Connection, table: Table) -> None:
    with source.connect() as connection:
        found = connection.execution_options(yield_per=COPIED).execute(select(table))
        for rows in found.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])
