"""Which rows an export holds: those of some outlets and days, all of them or the newest of each article."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from crawler.archive.storage.base import Storage
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import GIVEN, Row, RowDays, day_of, file_rows, manifest_keys, moment_of, named_rows

SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -64000;
CREATE TABLE manifest (outlet TEXT, key TEXT, PRIMARY KEY (outlet, key)) WITHOUT ROWID;
CREATE TABLE file (key TEXT, sha256 TEXT);
-- Of each article the last row so far: the moment of its capture, and the how-manieth row it is.
CREATE TABLE newest (id BLOB PRIMARY KEY, fetched INTEGER, number INTEGER) WITHOUT ROWID;
"""
TAKE = """INSERT INTO newest VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET fetched = excluded.fetched,
    number = excluded.number WHERE excluded.fetched >= fetched"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RowSelection:
    """The rows of one export. What it remembers stands in a nameless file, gone when closed: memory stays flat.

    Without outlets those of all are meant. `zone_of` tells an outlet's time zone.
    """

    def __init__(self, outlets: Collection[str], days: RowDays, zone_of: Callable[[str], tzinfo]) -> None:
        self._outlets = tuple(outlets)
        self._days = days
        self._zone_of = zone_of
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        """Give the scratch space back."""
        self._database.close()

    def find(self, storage: Storage, folders: Collection[str]) -> int:
        """Find the row files in the folders of outlets and return how many there are.

        Raises ExportFailed, StorageError, OSError, ValueError.
        """
        # Once for all: the listing of a bucket takes its time.
        self._database.executemany("INSERT INTO manifest VALUES (?, ?)", manifest_keys(storage))
        for folder in folders:
            if not self._outlets or folder in self._outlets or folder == GIVEN:
                keys, named = named_rows(storage, folder, self._days.first_month, self._manifests_of(folder))
                self._database.executemany("INSERT INTO file VALUES (?, ?)", ((key, named.get(key)) for key in keys))
        return int(self._database.execute("SELECT count(*) FROM file").fetchone()[0])

    def rows(self, storage: Storage, told: Callable[[], None]) -> Iterator[Row]:
        """Yield the rows in the order of the archive; `told` is called after each file.

        Raises ExportFailed, StorageError, OSError.
        """
        return filter(self._is_of_days, self._of_outlets(storage, told))

    def newest(self, storage: Storage, told: Callable[[], None]) -> Iterator[Row]:
        """Yield of each article the row captured last, of two from one capture the one that was written last.

        Each file is read twice. Raises as `rows` does.
        """
        self._database.execute("BEGIN")
        for number, row in enumerate(self._of_outlets(storage, told)):
            self._database.execute(TAKE, (*_identity(row), number))
        self._database.execute("COMMIT")
        chosen = self._database.execute("SELECT number FROM newest ORDER BY number")
        following = chosen.fetchone()
        for number, row in enumerate(self._of_outlets(storage, told)):
            if following == (number,):
                following = chosen.fetchone()
                if self._is_of_days(row):
                    yield row

    def _manifests_of(self, outlet: str) -> list[str]:
        return [key for (key,) in self._database.execute("SELECT key FROM manifest WHERE outlet = ?", (outlet,))]

    def _of_outlets(self, storage: Storage, told: Callable[[], None]) -> Iterator[Row]:
        for key, sha256 in self._database.execute("SELECT key, sha256 FROM file ORDER BY rowid"):
            for row in _present(storage, key, sha256):
                if not self._outlets or row.fields.get("outlet") in self._outlets:
                    yield row
            told()

    def _is_of_days(self, row: Row) -> bool:
        try:
            return self._days.hold(day_of(row.fields, self._zone_of(row.fields["outlet"])))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise _not_a_row(row, error) from error


def _present(storage: Storage, key: str, sha256: str | None) -> Iterator[Row]:
    try:
        yield from file_rows(storage, key, sha256)
    except FileNotFoundError as error:
        raise ExportFailed(f"{key} was there a moment ago: is the archive being compacted? Try again") from error


def _identity(row: Row) -> tuple[bytes, int]:
    """Return an article's id and, in microseconds, when it was captured."""
    try:
        fetched: Any = moment_of(row.fields["fetched_at"]) - EPOCH
        return uuid.UUID(row.fields["id"]).bytes, fetched // timedelta(microseconds=1)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _not_a_row(row, error) from error


def _not_a_row(row: Row, error: Exception) -> ExportFailed:
    return ExportFailed(f"{row.place}: the row is not as rows are: {error!r}")
