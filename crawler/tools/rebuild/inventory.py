"""The files to be read, of the archive and of finished segments in the spool, and the facts looked up across them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crawler.archive.cdxj import offset_of
from crawler.archive.manifests import document_in
from crawler.archive.names import index_of, outlet_of, stem_of, warc_of
from crawler.archive.rows import is_compaction
from crawler.archive.storage.base import Storage, StorageError, fault_of_file
from crawler.state.facts import Seen
from crawler.tools.verification.database import ScratchDatabase
from crawler.tools.verification.files import ArchiveFiles

MOST_PROBLEMS = 1000
TABLES = """
CREATE TABLE wanted (run TEXT PRIMARY KEY, facts TEXT) WITHOUT ROWID;
-- Rows whose article key is not derived from their addresses but from the listing that is with their record.
CREATE TABLE unplaced (record TEXT PRIMARY KEY, seen TEXT) WITHOUT ROWID;
-- The last run of each segment, none of a compaction.
CREATE TABLE segment (stem TEXT PRIMARY KEY, run TEXT) WITHOUT ROWID;
-- The segments that archived manifests name in `after`.
CREATE TABLE former (stem TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Inventory(ArchiveFiles):
    """The files by kind, in a scratch database, and their problems; `in` says whether a file is in the archive."""

    def __init__(self, storage: Storage, spool: Path, on_bytes: Callable[[int], None]) -> None:
        """`on_bytes` is called with the bytes of each file that was read."""
        super().__init__(storage, spool, ScratchDatabase(TABLES))
        self.problems: list[str] = []
        self.bytes = 0
        self._on_bytes = on_bytes

    def __contains__(self, file: object) -> bool:
        return self.database.one("SELECT 1 FROM files WHERE key = ? AND place = 'archive'", file) is not None

    def find(self) -> str:
        """List the files that manifests name, as others do not count; return their numbers. Raises StorageError."""
        self.survey()
        for key in self.database.keys("kind = 'manifest'"):
            with self.reading(key):
                self._read_manifest(key)
        self.database.run("DELETE FROM files WHERE kind IN ('warc', 'index', 'articles') AND NOT checked")
        runs, articles, warcs = (self._count(kind) for kind in ("runs", "articles", "warc"))
        self.bytes = runs[1] + articles[1] + warcs[1]
        return f"reading {articles[0]:,} row files and {warcs[0]:,} WARC files, {warcs[1] / 1e6:,.0f} MB"

    def close(self) -> None:
        self.database.close()

    def files(self, kind: str) -> Iterator[str]:
        """Yield the files of a kind, outlet by outlet, oldest first."""
        for key in self.database.keys("kind = ?", kind):
            yield key
            self._on_bytes(self.size(key))

    def archived_segments(self) -> Iterator[dict[str, Any]]:
        """Yield the values of the archived segments for state, also of those whose manifest can't be read."""
        for key in self.database.keys("kind = 'manifest' AND place = 'archive'"):
            if not is_compaction(key):
                is_named = self.database.one("SELECT 1 FROM former WHERE stem = ?", stem_of(key)) is not None
                yield {"file": warc_of(key), "outlet": outlet_of(key), "is_named": is_named}

    def _count(self, kind: str) -> tuple[int, int]:
        count, size = self.database.one("SELECT count(*), coalesce(sum(bytes), 0) FROM files WHERE kind = ?", kind)
        return int(count), int(size)

    def size(self, key: str) -> int:
        return int(self.database.one("SELECT coalesce(sum(bytes), 0) FROM files WHERE key = ?", key)[0])

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

    def wanted(self, run: str | None) -> dict[str, Any]:
        """Return the parameters of a run, empty if its run file has none."""
        found = self.database.one("SELECT facts FROM wanted WHERE run = ?", run)
        return json.loads(found[0]) if found else {}

    def add_unplaced(self, seen: Seen) -> None:
        self.database.run("INSERT OR REPLACE INTO unplaced VALUES (?, ?)", seen.record_id, json.dumps(asdict(seen)))

    def unplaced(self, record_id: str) -> Seen | None:
        """Return the article of a row whose key is not derived from its addresses, by the row's record."""
        found = self.database.one("SELECT seen FROM unplaced WHERE record = ?", record_id)
        return Seen(**json.loads(found[0])) if found else None

    def run_of(self, key: str) -> str | None:
        """Return the last run of a file's segment, None for a compaction."""
        found = self.database.one("SELECT run FROM segment WHERE stem = ?", stem_of(key))
        return found[0] if found else None

    def _read_manifest(self, key: str) -> None:
        with self.open(key) as stream:
            try:
                manifest = document_in(stream.read(), key)
                run = next(reversed(manifest.get("runs") or []), None)
            except (ValueError, TypeError) as error:
                self.add_problem(str(error))
                return
        self.database.add("segment", stem_of(key), run and str(run))
        for stem in manifest["after"] if key in self else ():
            self.database.add("former", stem)
        for entry in manifest["files"]:
            self.database.run("UPDATE files SET checked = 1 WHERE key = ?", entry["file"])
        for entry in manifest["replaces"]:
            self.database.run("DELETE FROM files WHERE key = ?", entry["file"])

    def offset_after(self, warc: str, offset: int) -> int | None:
        """Return the next offset in the index of a WARC, None after the last one."""
        index = index_of(warc)
        if not self.is_listed(index):
            return None
        with self.reading(index), self.open(index) as stream:
            return min((at for line in stream if (at := offset_of(line)) is not None and at > offset), default=None)
        return None
