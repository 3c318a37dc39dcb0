"""The scratch database: what must be looked up across files, on disk so that memory stays flat."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from typing import Any

PAGE = 500
SCHEMA = """
-- Every file found in spool and archive; `checked` when it is among those asked for, `consulted` when it was read
-- for their sake, `bare` when it is the only file of its run.
CREATE TABLE files (key TEXT PRIMARY KEY, bytes INTEGER, place TEXT, kind TEXT, outlet TEXT, stamp TEXT, run TEXT,
    checked INTEGER DEFAULT 0, consulted INTEGER DEFAULT 0,
    bare INTEGER DEFAULT 0) WITHOUT ROWID;
-- Files that are in spool and archive.
CREATE TABLE twins (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE living (run TEXT PRIMARY KEY) WITHOUT ROWID;
-- What manifests say of files.
CREATE TABLE named (file TEXT, manifest TEXT, bytes, sha256, records, first, last, recovered INTEGER,
    mended INTEGER);
CREATE INDEX named_file ON named (file);
CREATE INDEX named_manifest ON named (manifest, file);
-- What manifests of compactions say of the files that theirs replaces.
CREATE TABLE replaced (file TEXT, manifest TEXT, sha256);
CREATE INDEX replaced_file ON replaced (file);
-- What run files say that they kept in the files of a folder, and how many rows or exchanges each file has.
CREATE TABLE claimed (run TEXT, manifest TEXT, stat TEXT, folder TEXT, told);
CREATE TABLE counted (file TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;
CREATE TABLE records (id TEXT PRIMARY KEY, file TEXT, offset INTEGER, length INTEGER, kind TEXT, uri TEXT, date TEXT,
    entity TEXT, body TEXT, status INTEGER, codings TEXT) WITHOUT ROWID;
CREATE TABLE revisits (file TEXT, offset INTEGER, date TEXT, refers TEXT, refers_uri TEXT, refers_date TEXT,
    entity TEXT, payload TEXT, codings TEXT);
CREATE INDEX revisits_refers ON revisits (refers);
CREATE INDEX revisits_file ON revisits (file, offset);
CREATE TABLE rows (id TEXT, version INTEGER, record TEXT, run TEXT, digest TEXT, previous TEXT, extractor TEXT,
    file TEXT, position INTEGER, line INTEGER, PRIMARY KEY (id, version, file, position)) WITHOUT ROWID;
-- Lines of indexes outside of what was asked for, read when a revisit refers to what they name.
CREATE TABLE older (uri TEXT, second TEXT, file TEXT, offset INTEGER);
CREATE INDEX older_uri ON older (uri, second);
-- Of the WARC that is being read: its records, what they are concurrent to, the lines of its index.
-- `line` is the index line that told the entity of a revisit, `cut` why a response is said not to be whole,
-- `confirms` whether a 304 stands in the metadata, or must; `security` TLS and cipher suite, NULL of metadata.
CREATE TABLE members (id TEXT PRIMARY KEY, offset INTEGER, kind TEXT, uri TEXT, date TEXT, entity TEXT, line INTEGER,
    cut TEXT, address TEXT, confirms INTEGER, security TEXT) WITHOUT ROWID;
CREATE INDEX members_offset ON members (offset);
CREATE TABLE links (source TEXT, target TEXT, PRIMARY KEY (source, target)) WITHOUT ROWID;
CREATE TABLE lines (position INTEGER PRIMARY KEY, offset INTEGER, line BLOB);
CREATE INDEX lines_offset ON lines (offset);
"""


class Scratch:
    """A private database in SQLite's own temporary file, which has no name and is gone with the process."""

    def __init__(self) -> None:
        """Raises OSError when there is no place for temporary files: the blocks of long records go there too."""
        tempfile.gettempdir()
        self._connection = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", "cache_size=-32000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(SCHEMA)
        self.run("BEGIN")

    def run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        """Execute one statement."""
        return self._connection.execute(statement, values)

    def one(self, statement: str, *values: Any) -> Any:
        """Return the first row of a query, or None."""
        return self.run(statement, *values).fetchone()

    def keys(self, condition: str, *values: Any) -> Iterator[str]:
        """Yield the keys of files that meet a condition, in order; the table may change meanwhile."""
        last = ""
        while page := self.run(
            f"SELECT key FROM files WHERE key > ? AND ({condition}) ORDER BY key LIMIT {PAGE}", last, *values
        ).fetchall():
            for (last,) in page:
                yield last

    def close(self) -> None:
        """Remove the database."""
        self._connection.close()
