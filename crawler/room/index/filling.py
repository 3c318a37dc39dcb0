"""Filling the index from an archive, while the archive grows and pages read the index.

Each file is read once. A file that a compaction or re-extraction replaced is removed after the new one was read. A
process that is killed loses only its open transaction: the next round reads those files again.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple

from crawler.archive.cdxj import LINE_BYTES
from crawler.archive.storage.base import Storage
from crawler.model.span import rfc3339
from crawler.room.index.captures import add_captures
from crawler.room.index.database import is_damage, open_to_fill, remove
from crawler.room.index.decisions import Withheld
from crawler.room.index.indexing import Fields, add_row, id_of, merge, refresh, remove_rows
from crawler.room.index.manifests import KeptManifests, month_of
from crawler.room.index.row_files import copy_file, rows_in
from crawler.room.index.signatures import pair
from crawler.system import clock
from crawler.system.locks import DirectoryLock
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import RowFile, named_rows

# Rows whose words are added at once, and whose fields are in memory until then.
BATCH = 1000
# Files of a transaction at most.
FILES = 200
# Additions leave parts in the index of words, which each search reads: they are merged when this share of it is new.
NEW = 0.2
# Bytes of a file in memory; a larger one is copied to the disk.
IN_MEMORY = 16 << 20
# A damaged file is read again then: a sound one may have replaced it.
RETRY_SECONDS = 3600.0
REMOVED = 1000
INDEX = "index/"
# Facts: that a round has looked at the whole archive, and the number of rows when all parts were merged.
WHOLE, MERGED = "whole round", "merged rows"


class Filled(NamedTuple):
    """The numbers of files and rows that were read, and one line for each problem."""

    files: int
    rows: int
    problems: list[str]


def fill(storage: Storage, path: Path, on_file: Callable[[], object] = lambda: None, is_recent: bool = False) -> Filled:
    """Read what is new of an archive into the index at `path`; `on_file` is called after each file.

    If `is_recent`, only segments of this month and the month before are looked for, which is quick in an archive of
    years; but not before a round has looked for all. A damaged index is made anew. Raises Locked if another process
    fills this index, StorageError, OSError, sqlite3.Error.
    """
    with DirectoryLock(path.parent, holder="another reading room fills the index"):
        try:
            return _round(storage, path, on_file, is_recent)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            remove(path)
            filled = _round(storage, path, on_file, is_recent)
            return filled._replace(problems=[f"{path} was damaged and is made anew: {error}", *filled.problems])


def _round(storage: Storage, path: Path, on_file: Callable[[], object], is_recent: bool) -> Filled:
    with closing(open_to_fill(path)) as connection:
        return Filling(storage, connection, on_file, is_recent).run()


class Filling:
    """One round through an archive."""

    def __init__(
        self, storage: Storage, connection: sqlite3.Connection, on_file: Callable[[], object], is_recent: bool
    ) -> None:
        self._storage = storage
        self._connection = connection
        self._on_file = on_file
        self._manifests = KeptManifests(storage, connection, is_recent)
        self._withheld = Withheld(connection)
        self._files = self._rows = 0
        self._problems: list[str] = []
        # Rows that were added and are not found yet.
        self._known: dict[int, Fields] = {}
        self._articles: set[bytes] = set()

    def run(self) -> Filled:
        self._run("BEGIN")
        if not self._run("SELECT 1 FROM facts WHERE name = ?", WHOLE).fetchone():
            self._manifests.is_recent = False
        damaged = self._run("SELECT number FROM files WHERE problem NOT NULL AND read_at < ?", self._retried_before())
        self._read_again([number for (number,) in damaged])
        self._manifests.forget_damaged(self._retried_before())
        self._read_again(self._withheld.update(self._storage))
        if self._run("SELECT 1 FROM gone").fetchone():  # the files that replace these may be of any month
            self._manifests.is_recent = False
        self._commit()
        for outlet in self._manifests.outlets():
            undone = self._manifests.update(outlet)
            self._problems += undone.problems
            self._commit()
            if undone.month is not None:
                self._fill_outlet(outlet, undone.month)
        if not self._manifests.is_recent:
            self._run("INSERT OR REPLACE INTO facts VALUES (?, ?)", WHOLE, rfc3339(clock.now()))
            self._commit()
        for _ in pair(self._connection):
            self._commit()
        self._merge()
        return Filled(self._files, self._rows, self._problems)

    def _fill_outlet(self, outlet: str, month: str) -> None:
        """Read the new files of an outlet's segments from a month on, and remove those that no longer count."""
        try:
            files, named = named_rows(self._manifests.as_storage(), outlet, month)
        except ExportFailed as error:
            self._problems.append(f"{outlet} is skipped: {error}")
            return
        indexes = [RowFile(key, named[key]) for key in sorted(named) if key.startswith(INDEX)]
        wanted = {file.key: file for file in [*indexes, *files]}
        for row in self._run("SELECT * FROM files WHERE outlet = ? AND month >= ?", outlet, month).fetchall():
            file = wanted.get(row["key"])
            if file is not None and (file.sha256, json.dumps(file.replaced)) == (row["sha256"], row["replaced"]):
                del wanted[row["key"]]
            else:
                self._let_go(row["number"])
        for file in wanted.values():
            self._read(file, outlet)
        self._remove_gone()
        self._manifests.finish(outlet)
        self._commit()

    def _read(self, file: RowFile, outlet: str) -> None:
        with SpooledTemporaryFile(IN_MEMORY) as copy:
            problem = copy_file(self._storage, file.key, file.sha256, copy)
            facts = (file.key, outlet, month_of(file.key), file.sha256, json.dumps(file.replaced), problem)
            added = self._run(
                "INSERT INTO files (key, outlet, month, sha256, replaced, problem, read_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                *facts,
                clock.timestamp(),
            )
            if problem is not None:
                self._problems.append(f"{file.key} is skipped: {problem}")
            elif file.key.startswith(INDEX):
                self._add_captures(file, copy)
            else:
                self._add_rows(added.lastrowid or 0, file, copy)
        self._files += 1
        if len(self._known) >= BATCH or self._files % FILES == 0:
            self._commit()
        self._on_file()

    def _add_captures(self, file: RowFile, copy: IO[bytes]) -> None:
        malformed = add_captures(self._connection, iter(partial(copy.readline, LINE_BYTES), b""))
        if malformed:
            self._problems.append(f"{file.key}: {malformed} malformed lines are skipped")

    def _add_rows(self, number: int, file: RowFile, copy: IO[bytes]) -> None:
        for place, line, fields in rows_in(file, copy, self._problems.append):
            article = id_of(fields["id"])
            if article in self._withheld:
                self._withheld.note(article, number, fields)
                continue
            try:
                self._known[add_row(self._connection, number, line, fields)] = fields
            except OverflowError as error:
                self._problems.append(f"{file.key} line {place} is skipped: {error}")
                continue
            self._articles.add(article)
            self._rows += 1
            if len(self._known) >= 2 * BATCH:
                self._refresh()

    def _merge(self) -> None:
        (rows,) = self._run("SELECT count(*) FROM rows").fetchone()
        merged = self._run("SELECT value FROM facts WHERE name = ?", MERGED).fetchone()
        # Rows that replace others add none.
        if max(rows - int(merged["value"] if merged else 0), self._rows) > NEW * rows:
            for _ in merge(self._connection):
                self._commit()
            self._run("INSERT OR REPLACE INTO facts VALUES (?, ?)", MERGED, str(rows))
            self._commit()

    def _read_again(self, files: list[int]) -> None:
        """Let these files be read in this round."""
        for number in files:
            for row in self._run("SELECT key FROM files WHERE number = ?", number).fetchall():
                self._manifests.begin_again(row["key"])
            self._let_go(number)

    def _let_go(self, number: int) -> None:
        """Note that a file no longer counts; its rows stay until the files that replace it are read."""
        self._run("INSERT OR IGNORE INTO gone VALUES (?)", number)
        self._run("DELETE FROM files WHERE number = ?", number)

    def _remove_gone(self) -> None:
        self._refresh()
        some = "SELECT number, id FROM rows WHERE file IN (SELECT file FROM gone) LIMIT ?"
        while rows := self._run(some, REMOVED).fetchall():
            remove_rows(self._connection, [row["number"] for row in rows])
            self._articles.update(row["id"] for row in rows)
            self._refresh()
        self._run("DELETE FROM gone")

    def _refresh(self) -> None:
        refresh(self._connection, self._articles, self._known)
        self._known.clear()
        self._articles.clear()

    def _commit(self) -> None:
        """Show what was read since the last time."""
        self._refresh()
        self._run("COMMIT")
        self._run("BEGIN")

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def _retried_before(self) -> float:
        return clock.timestamp() - RETRY_SECONDS
