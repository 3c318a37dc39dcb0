"""What a copy knows: what is at both ends, what manifests say of it, and what an earlier one that was cut off found.

All of it stands in a database beside the files on their way, so that memory stays flat; the part that an earlier copy
between the same two places left is what makes the next one go on instead of reading everything again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
-- What was found whole at the target, by this copy or an earlier one that did not come to its end.
CREATE TABLE IF NOT EXISTS verified (key TEXT PRIMARY KEY, bytes INTEGER) WITHOUT ROWID;
DROP TABLE IF EXISTS source;
DROP TABLE IF EXISTS target;
DROP TABLE IF EXISTS named;
DROP TABLE IF EXISTS replaced;
CREATE TABLE source (key TEXT PRIMARY KEY, kind TEXT, bytes INTEGER) WITHOUT ROWID;
CREATE TABLE target (key TEXT PRIMARY KEY, bytes INTEGER) WITHOUT ROWID;
-- What manifests say of files: a recovered one may stand in two.
CREATE TABLE named (key TEXT, sha256 TEXT, PRIMARY KEY (key, sha256)) WITHOUT ROWID;
CREATE TABLE replaced (key TEXT PRIMARY KEY) WITHOUT ROWID;
"""
PAGE = 1000
WANTED = """FROM source LEFT JOIN target USING (key) WHERE key NOT IN (SELECT key FROM replaced)
    AND NOT EXISTS (SELECT 1 FROM verified WHERE verified.key = source.key AND verified.bytes = source.bytes
    AND target.bytes = source.bytes)"""


class CopyItem(NamedTuple):
    """A file to be at the target: its bytes at both ends (None: it is not there yet), and the digests it may have."""

    key: str
    bytes: int
    there: int | None
    sha256: frozenset[str]


class CopyInventory:
    """The database of one copy; of one thread."""

    def __init__(self, path: Path) -> None:
        """Raises sqlite3.Error, OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        """Keep what was found for the next copy."""
        self._database.close()

    def remove(self) -> None:
        """Forget it all: the copy has come to its end."""
        self._database.close()
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()

    def enter_manifest(self, files: Iterable[dict[str, Any]], replaced: Iterable[dict[str, Any]]) -> None:
        """Take in what a manifest says."""
        self._many("INSERT OR IGNORE INTO named VALUES (?, ?)", ((one["file"], one["sha256"]) for one in files))
        self._many("INSERT OR IGNORE INTO replaced VALUES (?)", ((one["file"],) for one in replaced))

    def enter_source(self, files: Iterable[tuple[str, str, int]]) -> None:
        """Take in (key, kind, bytes) of what is to be copied."""
        self._many("INSERT OR REPLACE INTO source VALUES (?, ?, ?)", files)

    def enter_target(self, files: Iterable[tuple[str, int]]) -> None:
        """Take in (key, bytes) of what is there."""
        self._many("INSERT OR REPLACE INTO target VALUES (?, ?)", files)

    def enter_verified(self, key: str, size: int) -> None:
        """Remember that a file is whole at the target."""
        for table in ("verified", "target"):
            self._database.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (key, size))

    def wanted(self, kind: str) -> Iterator[CopyItem]:
        """Yield the files of a kind that were not found whole at the target yet, in the order of their keys."""
        last = ""
        query = f"SELECT key, source.bytes, target.bytes {WANTED} AND kind = ? AND key > ? ORDER BY key LIMIT {PAGE}"
        while page := self._database.execute(query, (kind, last)).fetchall():
            for last, size, there in page:
                yield CopyItem(last, size, there, self._digests(last))

    def sum_wanted(self) -> tuple[int, int]:
        """Return the number and bytes of the files that were not found whole at the target yet."""
        count, size = self._one(f"SELECT count(*), coalesce(sum(source.bytes), 0) {WANTED}")
        return int(count), int(size)

    def sum_source(self) -> tuple[int, int]:
        """Return the number and bytes of the files that are to be at the target."""
        query = "SELECT count(*), coalesce(sum(bytes), 0) FROM source WHERE key NOT IN (SELECT key FROM replaced)"
        count, size = self._one(query)
        return int(count), int(size)

    def missing(self) -> list[str]:
        """Return the files that manifests name and that are not at the source."""
        query = """SELECT DISTINCT key FROM named WHERE key NOT IN (SELECT key FROM source)
            AND key NOT IN (SELECT key FROM replaced) ORDER BY key"""
        return [key for (key,) in self._database.execute(query)]

    def outlived(self) -> list[str]:
        """Return the files at the target that a compaction has replaced at the source, where they are gone."""
        query = """SELECT key FROM target WHERE key IN (SELECT key FROM replaced)
            AND key NOT IN (SELECT key FROM source) ORDER BY key"""
        return [key for (key,) in self._database.execute(query)]

    def _digests(self, key: str) -> frozenset[str]:
        return frozenset(one for (one,) in self._database.execute("SELECT sha256 FROM named WHERE key = ?", (key,)))

    def _many(self, statement: str, values: Iterable[Any]) -> None:
        self._database.execute("BEGIN")
        self._database.executemany(statement, values)
        self._database.execute("COMMIT")

    def _one(self, query: str) -> Any:
        return self._database.execute(query).fetchone()
