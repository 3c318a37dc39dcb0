"""The scratch database: facts that are looked up across files, on disk so that memory stays flat."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from typing import Any

PAGE = 500
SCHEMA = """
-- Every file in spool and archive: `checked` if it is selected, `consulted` if it is read on behalf of a selected one,
-- `bare` if it is the only file of its run.
CREATE TABLE files (key TEXT PRIMARY KEY, bytes INTEGER, place TEXT, kind TEXT, outlet TEXT, stamp TEXT, run TEXT,
    checked INTEGER DEFAULT 0, consulted INTEGER DEFAULT 0, bare INTEGER DEFAULT 0) WITHOUT ROWID;
-- Files that are in both spool and archive.
CREATE TABLE twins (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE running (run TEXT PRIMARY KEY) WITHOUT ROWID;
-- Entries of manifests.
CREATE TABLE named (file TEXT, manifest TEXT, bytes, sha256, records, first, last, recovered INTEGER, mended INTEGER);
CREATE INDEX named_file ON named (file);
CREATE INDEX named_manifest ON named (manifest, file);
-- Files that compactions replace.
CREATE TABLE replaced (file TEXT, manifest TEXT, sha256);
CREATE INDEX replaced_file ON replaced (file);
-- Numbers in run files, each of a folder's rows or exchanges, and the number that each file has.
CREATE TABLE claimed (run TEXT, manifest TEXT, stat TEXT, folder TEXT, number);
CREATE TABLE counted (file TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;
CREATE TABLE records (id TEXT PRIMARY KEY, file TEXT, offset INTEGER, length INTEGER, kind TEXT, uri TEXT, date TEXT,
    entity TEXT, body TEXT, status INTEGER, codings TEXT) WITHOUT ROWID;
CREATE TABLE revisits (file TEXT, offset INTEGER, date TEXT, refers TEXT, refers_uri TEXT, refers_date TEXT,
    entity TEXT, payload TEXT, codings TEXT);
CREATE INDEX revisits_refers ON revisits (refers);
CREATE INDEX revisits_file ON revisits (file, offset);
CREATE TABLE rows (id TEXT, version INTEGER, record TEXT, run TEXT, digest TEXT, previous TEXT, extractor TEXT,
    file TEXT, position INTEGER, line INTEGER, PRIMARY KEY (id, version, file, position)) WITHOUT ROWID;
-- Index lines of files that are not selected, read when a revisit refers to such a file.
CREATE TABLE older (uri TEXT, second TEXT, file TEXT, offset INTEGER);
CREATE INDEX older_uri ON older (uri, second);
-- The index of the WARC that is being read.
CREATE TABLE lines (position INTEGER PRIMARY KEY, offset INTEGER, line BLOB);
CREATE INDEX lines_offset ON lines (offset);
"""


class ScratchDatabase:
    """An SQLite database in a temporary file without a name, which ends with the process."""

    def __init__(self) -> None:
        """Raise OSError if there is no directory for temporary files: blocks of long records are spooled there too."""
        tempfile.gettempdir()
        self._connection = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", "cache_size=-32000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(SCHEMA)
        self.run("BEGIN")

    def run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def one(self, statement: str, *values: Any) -> Any:
        return self.run(statement, *values).fetchone()

    def add(self, table: str, *values: Any) -> bool:
        marks = ", ".join("?" * len(values))
        return self.run(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", *values).rowcount > 0

    def keys(self, condition: str, *values: Any) -> Iterator[str]:
        """Yield the keys of files that meet a condition, in order; the table may change meanwhile."""
        last = ""
        while page := self.run(
            f"SELECT key FROM files WHERE key > ? AND ({condition}) ORDER BY key LIMIT {PAGE}", last, *values
        ).fetchall():
            for (last,) in page:
                yield last

    def close(self) -> None:
        self._connection.close()
