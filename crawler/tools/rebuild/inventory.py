"""The files to be read, of the archive and of closed runs in the spool, and the facts looked up across them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crawler.archive.cdxj import offset_of
from crawler.archive.names import index_of, outlet_of
from crawler.archive.storage.base import Storage, StorageError, fault_of_file
from crawler.recording.push import finished_files
from crawler.tools.verification.database import ScratchDatabase
from crawler.tools.verification.files import ArchiveFiles

MOST_PROBLEMS = 1000
TABLES = """
CREATE TABLE wanted (run TEXT PRIMARY KEY, facts TEXT) WITHOUT ROWID;
-- Rows whose article key is not derived from their addresses but from the listing that is with their record.
CREATE TABLE unplaced (record TEXT PRIMARY KEY, seen TEXT) WITHOUT ROWID;
"""


class Inventory(ArchiveFiles):
    """The files by kind, in a scratch database, and their problems; `in` says whether a file is in the archive."""

    def __init__(self, storage: Storage, spool: Path, progress: Callable[[int, int], None]) -> None:
        super().__init__(storage, spool, ScratchDatabase())
        self.problems: list[str] = []
        for statement in TABLES.split(";"):
            self.database.run(statement)
        self._progress = progress
        self._done = 0
        self._total = 0

    def __contains__(self, file: object) -> bool:
        return self.database.one("SELECT 1 FROM files WHERE key = ? AND place = 'archive'", file) is not None

    def find(self) -> None:
        """List the files, except those of killed runs, which the outlet's next crawl recovers. Raises StorageError."""
        self.survey()
        waiting = {key for (key,) in self.database.run("SELECT key FROM files WHERE place = 'spool'")}
        for outlet in {outlet_of(key) for key in waiting} - {None}:
            waiting -= {path.relative_to(self.spool).as_posix() for path in finished_files(self.spool, str(outlet))}
        for key in waiting:
            self.database.run("DELETE FROM files WHERE key = ?", key)
        self._total = sum(self.count(kind)[1] for kind in ("runs", "articles", "warc"))

    def files(self, kind: str) -> Iterator[str]:
        """Yield the files of a kind, outlet by outlet, oldest first, with progress."""
        for key in self.database.keys("kind = ?", kind):
            yield key
            self._done += self.size(key)
            self._progress(self._done, self._total)

    def count(self, kind: str) -> tuple[int, int]:
        count, size = self.database.one("SELECT count(*), coalesce(sum(bytes), 0) FROM files WHERE kind = ?", kind)
        return int(count), int(size)

    def size(self, key: str) -> int:
        return int(self.database.one("SELECT coalesce(sum(bytes), 0) FROM files WHERE key = ?", key)[0])

    def advance(self, offset: int) -> None:
        self._progress(self._done + offset, self._total)

    @contextmanager
    def reading(self, key: str) -> Iterator[None]:
        """Add a problem for a file that cannot be read; raise if the store or this machine is at fault."""
        try:
            yield
        except (OSError, StorageError) as error:
            self.add_problem(f"{key} cannot be read: {fault_of_file(error)}")

    def add_problem(self, problem: str) -> None:
        if problem not in self.problems and len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def add_unknown_outlet(self, outlet: str) -> None:
        self.add_problem(f"there is no spider for outlet {outlet}: the keys of its articles are unknown")

    def add_wanted(self, run: str, facts: dict[str, Any]) -> None:
        """Keep the parameters of a run, and whether it extracted nothing."""
        self.database.run("INSERT OR REPLACE INTO wanted VALUES (?, ?)", run, json.dumps(facts))

    def wanted(self, run: str | None) -> dict[str, Any]:
        """Return the parameters of a run, empty if its run file has none."""
        found = self.database.one("SELECT facts FROM wanted WHERE run = ?", run)
        return json.loads(found[0]) if found else {}

    def add_named(self, files: Iterable[str]) -> None:
        """Keep the files that a run file or manifest names."""
        for file in files:
            self.database.run("INSERT INTO named (file) VALUES (?)", file)

    def unnamed_warcs(self) -> set[str]:
        """Return the WARCs that no run file or manifest read so far names."""
        return set(self.database.keys("kind = 'warc' AND key NOT IN (SELECT file FROM named)"))

    def offset_after(self, warc: str, offset: int) -> int | None:
        """Return the next offset in the index of a WARC, None after the last one."""
        index = index_of(warc)
        if not self.is_listed(index):
            return None
        with self.reading(index), self.open(index) as stream:
            return min((at for line in stream if (at := offset_of(line)) is not None and at > offset), default=None)
        return None
