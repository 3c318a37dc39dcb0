"""The scratch database: facts that are looked up across files, on disk so that memory stays flat."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from typing import Any

PAGE = 500
FILES = """
-- Every file in spool and archive: `checked` if it is selected, `consulted` if it is read on behalf of a selected one.
CREATE TABLE files (key TEXT PRIMARY KEY, bytes INTEGER, place TEXT, kind TEXT, outlet TEXT, stamp TEXT,
    checked INTEGER DEFAULT 0, consulted INTEGER DEFAULT 0) WITHOUT ROWID;
-- Files that are in both spool and archive.
CREATE TABLE twins (key TEXT PRIMARY KEY) WITHOUT ROWID;
"""
LINES = """
-- The index of the WARC that is being read.
CREATE TABLE lines (position INTEGER PRIMARY KEY, offset INTEGER, line BLOB);
CREATE INDEX lines_offset ON lines (offset);
"""
FACTS = """
-- Entries of manifests, and the files that compactions replace.
CREATE TABLE named (file TEXT, manifest TEXT, bytes, sha256, records, first, last, PRIMARY KEY (manifest, file))
    WITHOUT ROWID;
CREATE INDEX named_file ON named (file);
CREATE TABLE replaced (file TEXT, manifest TEXT, sha256);
CREATE INDEX replaced_file ON replaced (file);
-- Manifests, with their runs as JSON, and whether their segment was recovered after a crash.
CREATE TABLE manifests (manifest TEXT PRIMARY KEY, runs TEXT, recovered INTEGER) WITHOUT ROWID;
-- Named files that are not there; a compaction may have removed them meanwhile.
CREATE TABLE gone (file TEXT PRIMARY KEY, manifest TEXT) WITHOUT ROWID;
CREATE TABLE records (id TEXT, file TEXT, offset INTEGER, length INTEGER, kind TEXT, uri TEXT, date TEXT,
    entity TEXT, body TEXT, status INTEGER, codings TEXT, PRIMARY KEY (id, file, offset)) WITHOUT ROWID;
CREATE TABLE revisits (file TEXT, offset INTEGER, date TEXT, refers TEXT, refers_uri TEXT, refers_date TEXT,
    entity TEXT, payload TEXT, codings TEXT);
CREATE INDEX revisits_refers ON revisits (refers);
CREATE INDEX revisits_file ON revisits (file, offset);
CREATE TABLE rows (id TEXT, version INTEGER, record TEXT, digest TEXT, previous TEXT, extractor TEXT,
    file TEXT, position INTEGER, line INTEGER, warc TEXT, offset INTEGER, length INTEGER, entity TEXT, uri TEXT,
    status INTEGER, fetched TEXT, PRIMARY KEY (id, version, file, position)) WITHOUT ROWID;
CREATE INDEX rows_file ON rows (file);
-- Files that differ from their manifests, and the problems of all files; `stem` and `kind` give their order.
CREATE TABLE altered (file TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE findings (stem TEXT, kind INTEGER, file TEXT, offset INTEGER, problem TEXT, is_cause INTEGER);
-- What was read.
CREATE TABLE amounts (files INTEGER, records INTEGER, bytes INTEGER);
-- Index lines of files that are not selected, read when a revisit refers to such a file.
CREATE TABLE older (uri TEXT, second TEXT, file TEXT, offset INTEGER);
CREATE INDEX older_uri ON older (uri, second);
"""


class ScratchDatabase:
    """An SQLite database in a temporary file without a name, which ends with the process."""

    def __init__(self, more: str = "") -> None:
        """Create the tables of files, and those of `more`.

        Raises OSError if there is no directory for temporary files: blocks of long records are spooled there too.
        """
        tempfile.gettempdir()
        self._connection = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", "cache_size=-32000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(FILES + more)
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
