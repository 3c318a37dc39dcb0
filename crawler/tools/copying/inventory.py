"""The inventory of a copy: the files at both ends, the entries of manifests, and the files that are verified.

It is a database in the spool, so that memory stays flat. The next copy between the same two stores skips the files
that an interrupted one verified.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
-- Files that this copy, or an earlier one that did not complete, has verified at the target.
CREATE TABLE IF NOT EXISTS verified (key TEXT PRIMARY KEY, bytes INTEGER) WITHOUT ROWID;
DROP TABLE IF EXISTS source;
DROP TABLE IF EXISTS target;
DROP TABLE IF EXISTS named;
DROP TABLE IF EXISTS replaced;
CREATE TABLE source (key TEXT PRIMARY KEY, kind TEXT, bytes INTEGER) WITHOUT ROWID;
CREATE TABLE target (key TEXT PRIMARY KEY, bytes INTEGER) WITHOUT ROWID;
-- Entries of manifests.
CREATE TABLE named (key TEXT PRIMARY KEY, sha256 TEXT) WITHOUT ROWID;
CREATE TABLE replaced (key TEXT PRIMARY KEY) WITHOUT ROWID;
"""
WHOLE = "FROM source WHERE key NOT IN (SELECT key FROM replaced)"
WANTED = """FROM source LEFT JOIN target USING (key) WHERE key NOT IN (SELECT key FROM replaced)
    AND NOT EXISTS (SELECT 1 FROM verified WHERE verified.key = source.key AND verified.bytes = source.bytes
    AND target.bytes = source.bytes)"""


class PlannedFile(NamedTuple):
    """A file to copy or compare: its bytes at both ends (`there` is None if missing), and its digest, if known."""

    key: str
    bytes: int
    there: int | None
    sha256: str | None


class CopyInventory:
    """The database of one copy, for one thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        self._database.close()

    def remove(self) -> None:
        self._database.close()
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()

    def enter_manifest(self, files: Iterable[dict[str, Any]], replaced: Iterable[dict[str, Any]]) -> None:
        self._many("INSERT OR IGNORE INTO named VALUES (?, ?)", ((one["file"], one["sha256"]) for one in files))
        self._many("INSERT OR IGNORE INTO replaced VALUES (?)", ((one["file"],) for one in replaced))

    def enter_source(self, files: Iterable[tuple[str, str, int]]) -> None:
        self._many("INSERT OR REPLACE INTO source VALUES (?, ?, ?)", files)

    def enter_target(self, files: Iterable[tuple[str, int]]) -> None:
        self._many("INSERT OR REPLACE INTO target VALUES (?, ?)", files)

    def enter_verified(self, key: str, size: int) -> None:
        for table in ("verified", "target"):
            self._database.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (key, size))

    def wanted(self, kind: str) -> Iterator[PlannedFile]:
        """Yield the files of a kind that are not verified, in order; they may be entered as verified meanwhile."""
        digest = "(SELECT sha256 FROM named WHERE named.key = source.key)"
        query = f"SELECT key, source.bytes, target.bytes, {digest} {WANTED} AND kind = ? ORDER BY key"
        return map(PlannedFile._make, self._database.execute(query, (kind,)))

    def missing(self) -> list[str]:
        return self._keys("""SELECT key FROM named WHERE key NOT IN (SELECT key FROM source)
            AND key NOT IN (SELECT key FROM replaced) ORDER BY key""")

    def outlived(self) -> list[str]:
        """Return the target's files that a compaction replaced and the source no longer has."""
        return self._keys("""SELECT key FROM target WHERE key IN (SELECT key FROM replaced)
            AND key NOT IN (SELECT key FROM source) ORDER BY key""")

    def _keys(self, query: str, *values: str) -> list[str]:
        return [one for (one,) in self._database.execute(query, values)]

    def sum(self, files: str) -> tuple[int, int]:
        """Return the number and bytes of the source's files in WHOLE, or in WANTED."""
        count, size = self._database.execute(f"SELECT count(*), coalesce(sum(source.bytes), 0) {files}").fetchone()
        return int(count), int(size)

    def _many(self, statement: str, values: Iterable[Any]) -> None:
        self._database.execute("BEGIN")
        self._database.executemany(statement, values)
        self._database.execute("COMMIT")
