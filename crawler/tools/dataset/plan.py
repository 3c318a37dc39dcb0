"""The plan of a data set: a database in the spool, which a later process continues after a crash; and its sources.

It is filled row file by row file, each in a transaction. A plan of other sources or another purpose is started anew.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Self

from crawler.archive.names import stem_of
from crawler.archive.storage.base import Storage
from crawler.archive.withdrawals import Withdrawals
from crawler.archive.withheld import withheld_ids
from crawler.model.listing import GIVEN
from crawler.system.files import make_directory
from crawler.tools.dataset.facts import FileFacts
from crawler.tools.dataset.options import DatasetOptions
from crawler.tools.dataset.selection import ArticleSelection, PlannedArticle
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import RowFile, file_rows, named_rows, runs_in

COLUMNS = ", ".join(PlannedArticle._fields)
NOTES = "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT)"
# The note of a plan that is started.
DIGEST = "digest"
TABLES = f"""
-- In the order of the archive: by the time of the segment. `replaced` are spans of lines as JSON.
CREATE TABLE file (
    number INTEGER PRIMARY KEY, key TEXT, sha256 TEXT, replaced TEXT, is_read INTEGER DEFAULT 0
);
-- The newest row of each article in the files that are read.
CREATE TABLE article ({COLUMNS.replace("id,", "id BLOB UNIQUE,", 1)});
-- The articles of the data set in the order of publication, and their splits.
CREATE TABLE kept (
    number INTEGER PRIMARY KEY, article INTEGER, file INTEGER, line INTEGER, split INTEGER
);
-- The articles of clusters, and the first one and the size of each cluster.
CREATE TABLE copy (number INTEGER PRIMARY KEY, first INTEGER, size INTEGER);
CREATE INDEX by_place ON kept (split, file, line);
-- The files of the data set that are at their place.
CREATE TABLE shard (path TEXT PRIMARY KEY, rows INTEGER, bytes INTEGER, sha256 TEXT);
"""
VALUES = ", ".join("?" * len(PlannedArticle._fields))
NEWER = ", ".join(f"{name} = excluded.{name}" for name in PlannedArticle._fields[1:])
TAKE = f"""INSERT INTO article ({COLUMNS}) VALUES ({VALUES})
    ON CONFLICT (id) DO UPDATE SET {NEWER} WHERE excluded.fetched >= fetched"""
SUFFIX = ".sqlite"


class PlanSources:
    """The files of an archive that concern the options of a data set.

    `files` are the row files in their order. `requested` has the first day that a run requested of each outlet.
    """

    def __init__(self, storage: Storage, options: DatasetOptions, archived: Sequence[str]) -> None:
        """Read manifests, decisions and run files. Raises ExportFailed, StorageError, OSError."""
        days, outlets = options.days, options.outlets
        # Addresses given by hand may be of any outlet.
        folders = [name for name in archived if not outlets or name in outlets or name == GIVEN]
        named = (file for folder in folders for file in named_rows(storage, folder, days.first_month)[0])
        self.files = in_order(named)
        self.withheld = withheld_ids(storage)
        self.withdrawals = Withdrawals()
        self.requested: dict[str, date] = {}
        for run in runs_in(storage, outlets, days):
            run.take(self._take)

    @property
    def digest(self) -> str:
        """A digest of everything here. A run that changes nothing of it is not in it."""
        files = [(file.key, file.sha256, file.replaced) for file in self.files]
        withdrawn = sorted((one.id, one.since) for one in self.withdrawals)
        requested = {outlet: str(first) for outlet, first in self.requested.items()}
        return digest_of_json([files, sorted(self.withheld), withdrawn, requested])

    def _take(self, run: Any) -> None:
        self.withdrawals.take(run)
        if run["outlet"] != GIVEN and (since := (run.get("wanted") or {}).get("since")):
            first = date.fromisoformat(since)
            self.requested[run["outlet"]] = min(self.requested.get(run["outlet"], first), first)


class Plan:
    def __init__(self, path: Path, purpose: str, files: Iterable[RowFile]) -> None:
        """Open the plan of a purpose, which a digest gives, or start it with these row files."""
        # Other columns make another plan.
        self.digest = digest_of_json([purpose, TABLES])
        make_directory(path.parent)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        # A killed process leaves a whole database; no commit waits for the disk.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=FILE", "cache_size=-32000"):
            self.run(f"PRAGMA {pragma}")
        self.run(NOTES)
        if self.note(DIGEST) != self.digest:
            self._start(files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _start(self, files: Iterable[RowFile]) -> None:
        with self.transaction():
            for (name,) in self.run("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                self.run(f"DROP TABLE {name}")
            for statement in (NOTES, *TABLES.split(";")):
                self.run(statement)
            values = ((file.key, file.sha256, json.dumps(file.replaced)) for file in files)
            self._connection.executemany("INSERT INTO file (key, sha256, replaced) VALUES (?, ?, ?)", values)
            self.take_note(DIGEST, self.digest)

    def run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def run_all(self, statement: str, values: Iterable[tuple[Any, ...]]) -> None:
        self._connection.executemany(statement, values)

    def count(self, statement: str, *values: Any) -> int:
        """Return the number that a query finds."""
        return int(self.run(statement, *values).fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def note(self, name: str) -> str | None:
        """Return a fact about the plan itself, None without it."""
        found = self.run("SELECT value FROM about WHERE name = ?", name).fetchone()
        return found[0] if found else None

    def take_note(self, name: str, value: str) -> None:
        self.run("INSERT OR REPLACE INTO about VALUES (?, ?)", name, value)

    def read(self, storage: Storage, selection: ArticleSelection, on_file: Callable[[], None]) -> None:
        """Read the row files that were not read yet. Raises ExportFailed, StorageError."""
        unread = self.run("SELECT number, key, sha256, replaced FROM file WHERE NOT is_read ORDER BY number").fetchall()
        for number, key, sha256, replaced in unread:
            with self.transaction():
                rows = file_rows(storage, RowFile(key, sha256, json.loads(replaced)))
                self.run_all(TAKE, (selection.article(row, number) for row in rows))
                self.run("UPDATE file SET is_read = 1 WHERE number = ?", number)
            on_file()

    @property
    def unread(self) -> int:
        return self.count("SELECT count(*) FROM file WHERE NOT is_read")

    def file(self, number: int) -> RowFile:
        key, sha256, replaced = self.run("SELECT key, sha256, replaced FROM file WHERE number = ?", number).fetchone()
        return RowFile(key, sha256, json.loads(replaced))

    def shard(self, path: str) -> FileFacts | None:
        """Return a file of the data set that is at its place, by this plan."""
        found = self.run("SELECT * FROM shard WHERE path = ?", path).fetchone()
        return FileFacts(**dict(found)) if found else None

    def keep_shard(self, file: FileFacts) -> None:
        self.run("INSERT OR REPLACE INTO shard VALUES (?, ?, ?, ?)", file.path, file.rows, file.bytes, file.sha256)


@contextmanager
def naming_plan(path: Path) -> Iterator[None]:
    """Raise ExportFailed in place of an error of the database."""
    try:
        yield
    except sqlite3.Error as error:
        raise ExportFailed(f"{path} (SPOOL_DIR) or scratch space (TMPDIR) can't be used: {error}") from error


def remove_plan(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def in_order(files: Iterable[RowFile]) -> list[RowFile]:
    """Return row files in the order in which their segments were opened."""
    return sorted(files, key=lambda file: (stem_of(file.key).split("-")[2], stem_of(file.key), file.key))


def digest_of_json(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
