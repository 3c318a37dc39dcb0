"""What there is to read: the files of the archive, and those of closed runs that wait in the spool."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from crawler.archive.names import index_of, outlet_of
from crawler.archive.storage.base import NoAccess, Storage, StorageError, StoreUnreachable
from crawler.recording.push import finished_files
from crawler.tools.verification.holdings import Holdings
from crawler.tools.verification.scratch import Scratch

# In the order of reading: rows are of runs, and records are compared with rows.
KINDS = ("runs", "articles", "warc")
MOST_PROBLEMS = 1000
TABLES = """
CREATE TABLE wanted (run TEXT PRIMARY KEY, facts TEXT) WITHOUT ROWID;
-- Rows whose key their addresses do not tell: the listing does, which stands with their record.
CREATE TABLE unplaced (record TEXT PRIMARY KEY, seen TEXT) WITHOUT ROWID;
"""


class Inventory:
    """The files by kind, and what must be looked up across them; on disk, so that memory stays flat.

    `told(done, total)` is told bytes.
    """

    def __init__(self, storage: Storage, spool: Path, told: Callable[[int, int], None]) -> None:
        self.problems: list[str] = []
        self.scratch = Scratch()
        for statement in TABLES.split(";"):
            self.scratch.run(statement)
        self._holdings = Holdings(storage, spool, self.scratch)
        self._told = told
        self._done = 0
        self._total = 0

    def __contains__(self, file: object) -> bool:
        """Tell whether a file is in the archive."""
        return self._place_of(file) == "archive"

    def survey(self) -> None:
        """List what there is. Raises StorageError."""
        list(self._holdings.survey())
        spool = self._holdings.spool
        waiting = {row[0] for row in self.scratch.run("SELECT key FROM files WHERE place = 'spool'").fetchall()}
        for outlet in {outlet_of(key) for key in waiting} - {None}:
            waiting -= {path.relative_to(spool).as_posix() for path in finished_files(spool, str(outlet))}
        for key in waiting:  # of dead runs: the outlet's next crawl recovers them
            self.scratch.run("DELETE FROM files WHERE key = ? AND place = 'spool'", key)
        kinds = ", ".join(f"'{kind}'" for kind in KINDS)
        self._total = self.scratch.one(f"SELECT coalesce(sum(bytes), 0) FROM files WHERE kind IN ({kinds})")[0]

    def files(self, kind: str) -> Iterator[str]:
        """Yield the files of a kind, outlet by outlet, oldest first."""
        for key in self.scratch.keys("kind = ?", kind):
            yield key
            self._done += self.size(key)
            self._told(self._done, self._total)

    def keys(self, kind: str) -> Iterator[str]:
        """Yield the files of a kind, whether they are read next or not."""
        return self.scratch.keys("kind = ?", kind)

    def count(self, kind: str) -> tuple[int, int]:
        """Return how many files of a kind there are, and their bytes."""
        count, size = self.scratch.one("SELECT count(*), coalesce(sum(bytes), 0) FROM files WHERE kind = ?", kind)
        return int(count), int(size)

    def size(self, key: str) -> int:
        """Return the bytes of a file, 0 for one that is not there."""
        found = self.scratch.one("SELECT bytes FROM files WHERE key = ?", key)
        return int(found[0]) if found else 0

    def is_there(self, file: str) -> bool:
        """Tell whether a file is in the archive or waits for it."""
        return self._place_of(file) is not None

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Open a file where it stands. Raises OSError, StorageError."""
        return self._holdings.open(key, offset)

    def advance(self, offset: int) -> None:
        """Tell how far the file is read that is being read."""
        self._told(self._done + offset, self._total)

    @contextmanager
    def reading(self, key: str) -> Iterator[None]:
        """Name a file that can't be read, and go on. A store that is away or shut is another matter: that is raised."""
        try:
            yield
        except (StoreUnreachable, NoAccess):
            raise
        except (OSError, StorageError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            self.name(f"{key} can't be read: {reason or error}")

    def name(self, problem: str) -> None:
        """Keep a problem for the report, each once."""
        if problem not in self.problems and len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def name_stranger(self, outlet: str) -> None:
        """Name an outlet that has no spider here."""
        self.name(f"there is no outlet {outlet} here: the keys of its articles can't be told")

    def note_wanted(self, run: str, facts: dict[str, Any]) -> None:
        """Keep what a run wanted, and whether it extracted nothing."""
        self.scratch.run("INSERT OR REPLACE INTO wanted VALUES (?, ?)", run, json.dumps(facts))

    def wanted(self, run: str | None) -> dict[str, Any]:
        """Return what a run wanted, empty when its run file doesn't tell."""
        found = self.scratch.one("SELECT facts FROM wanted WHERE run = ?", run)
        return json.loads(found[0]) if found else {}

    def note_named(self, files: Iterable[str]) -> None:
        """Keep which files a run file or manifest names."""
        for file in files:
            self.scratch.run("INSERT INTO named (file) VALUES (?)", file)

    def unnamed(self, kind: str) -> set[str]:
        """Return the files of a kind that none of those names."""
        return set(self.scratch.keys("kind = ? AND key NOT IN (SELECT file FROM named)", kind))

    def offset_after(self, warc: str, offset: int) -> int | None:
        """Return where the next exchange of a WARC begins by its index, None when it has none."""
        index, found = index_of(warc), None
        if not self.is_there(index):
            return None
        with self.reading(index), self.open(index) as stream:
            for line in stream:
                at = _offset_in(line)
                if at is not None and at > offset and (found is None or at < found):
                    found = at
        return found

    def close(self) -> None:
        """Remove what was noted."""
        self.scratch.close()

    def _place_of(self, file: object) -> str | None:
        found = self.scratch.one("SELECT place FROM files WHERE key = ?", file)
        return str(found[0]) if found else None


def _offset_in(line: bytes) -> int | None:
    try:
        return int(json.loads(line.split(b" ", 2)[2])["offset"])
    except (ValueError, KeyError, IndexError, TypeError):
        return None
