"""The rows of an export: those of some outlets and days, all versions or the newest of each article."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from crawler.archive.storage.base import Storage
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import GIVEN, DateRange, Row, day_of, file_rows, malformed, moment_of, named_rows

SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -64000;
CREATE TABLE file (key TEXT, sha256 TEXT);
-- The last row of each article so far: the time of its capture and its number among all rows.
CREATE TABLE newest (id BLOB PRIMARY KEY, fetched INTEGER, number INTEGER) WITHOUT ROWID;
"""
TAKE = """INSERT INTO newest VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET fetched = excluded.fetched,
    number = excluded.number WHERE excluded.fetched >= fetched"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_archived(outlets: Sequence[str], archived: Collection[str], url: str) -> None:
    """Raise ExportFailed for an outlet without rows: an empty file would say that its days are empty."""
    absent = [name for name in outlets if not {name, GIVEN} & set(archived)]
    if absent or not archived:
        raise ExportFailed(f"there are no rows in {url}" + (f" of {', '.join(absent)}" if absent else ""))


class RowSelection:
    """The rows of an export, of all outlets if none is given. Notes are in an unnamed file: memory stays flat."""

    def __init__(
        self, storage: Storage, outlets: Collection[str], days: DateRange, zone_of: Callable[[str], tzinfo]
    ) -> None:
        self._storage = storage
        self._outlets = tuple(outlets)
        self._days = days
        self._zone_of = zone_of
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        self._database.close()

    def find(self, folders: Iterable[str]) -> int:
        """Find the row files in the folders of outlets; return their number. Raises ExportFailed, StorageError."""
        for folder in folders:
            if not self._outlets or folder in self._outlets or folder == GIVEN:
                keys, named = named_rows(self._storage, folder, self._days.first_month)
                self._database.executemany("INSERT INTO file VALUES (?, ?)", ((key, named[key]) for key in keys))
        return int(self._database.execute("SELECT count(*) FROM file").fetchone()[0])

    def rows(self, on_file: Callable[[], None]) -> Iterator[Row]:
        """Yield the rows in the order of the archive. Raises ExportFailed, StorageError, OSError."""
        return filter(self._is_in_days, self._of_outlets(on_file))

    def newest(self, on_file: Callable[[], None]) -> Iterator[Row]:
        """Yield each article's row that was captured last, and then written last. Raises as `rows` does."""
        self._database.execute("BEGIN")
        for number, row in enumerate(self._of_outlets(on_file)):
            self._database.execute(TAKE, (*_identity(row), number))
        self._database.execute("COMMIT")
        chosen = self._database.execute("SELECT number FROM newest ORDER BY number")
        following = chosen.fetchone()
        for number, row in enumerate(self._of_outlets(on_file)):
            if following == (number,):
                following = chosen.fetchone()
                if self._is_in_days(row):
                    yield row

    def _of_outlets(self, on_file: Callable[[], None]) -> Iterator[Row]:
        for key, sha256 in self._database.execute("SELECT key, sha256 FROM file ORDER BY rowid"):
            for row in file_rows(self._storage, key, sha256):
                if not self._outlets or row.fields.get("outlet") in self._outlets:
                    yield row
            on_file()

    def _is_in_days(self, row: Row) -> bool:
        try:
            return self._days.hold(day_of(row.fields, self._zone_of(row.fields["outlet"])))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise malformed(row, error) from error


def _identity(row: Row) -> tuple[bytes, int]:
    try:
        fetched: Any = moment_of(row.fields["fetched_at"]) - EPOCH
        return uuid.UUID(row.fields["id"]).bytes, fetched // timedelta(microseconds=1)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise malformed(row, error) from error
