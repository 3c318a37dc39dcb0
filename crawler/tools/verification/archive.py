"""The verification of an archive: manifests, then segment by segment, then the relations between segments."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from crawler.archive.names import outlet_of
from crawler.archive.rows import is_compaction
from crawler.archive.storage.base import Storage, StorageError, fault_of_file
from crawler.system.files import Measured
from crawler.tools.verification.database import FACTS, LINES, ScratchDatabase
from crawler.tools.verification.files import MANIFESTS, ArchiveFiles
from crawler.tools.verification.findings import Findings, Verdicts, verdicts_of
from crawler.tools.verification.manifests import ManifestCheck
from crawler.tools.verification.measures import ManifestEntry
from crawler.tools.verification.relations import RelationsCheck
from crawler.tools.verification.segments import PlannedSegment, SegmentCheck
from crawler.tools.verification.workers import SegmentWorkers

ENTRIES = "SELECT file, bytes, sha256, records, first, last FROM named WHERE manifest = ? ORDER BY file"
MISSING = """SELECT file, manifest FROM named LEFT JOIN files ON key = file WHERE key IS NULL
    AND file NOT IN (SELECT file FROM replaced)"""
LOST = "SELECT file, manifest FROM gone WHERE file NOT IN (SELECT file FROM replaced)"
CONTRADICTIONS = """SELECT replaced.file, named.manifest, replaced.manifest FROM replaced JOIN named USING (file)
    WHERE replaced.sha256 <> named.sha256"""
WRONG_SIZES = """SELECT file, named.bytes, files.bytes, manifest FROM named JOIN files ON key = file
    WHERE named.bytes <> files.bytes"""
UNNAMED = """SELECT count(*) FROM files WHERE checked AND place = 'archive' AND kind NOT IN ('manifest', 'runs')
    AND key NOT IN (SELECT file FROM named)"""


class Verification:
    """Checks the selected files of an archive and its spool. Every method raises StorageError."""

    def __init__(
        self,
        open_storage: Callable[[], Storage],
        spool: Path,
        progress: Callable[[int, int], None],
        continued: timedelta = timedelta(),
        jobs: int = 1,
    ) -> None:
        """Check segments in `jobs` processes, which call `open_storage` again if they are several.

        Later runs go on with an unfinished segment that is younger than `continued`.
        """
        self._open_storage = open_storage
        self._jobs = jobs
        self._database = ScratchDatabase(FACTS + LINES)
        self._files = ArchiveFiles(open_storage(), spool, self._database, continued)
        self._findings = Findings(self._database)
        self._manifests = ManifestCheck(self._files, self._findings)
        self._relations = RelationsCheck(self._files, self._findings)
        self._progress = progress
        self._total = 0
        self._done = 0
        self._dead: list[str] = []

    def close(self) -> None:
        self._database.close()

    def survey(self) -> set[str]:
        """List all files and return their outlets."""
        self._dead = self._files.survey()
        found = {outlet for (outlet,) in self._database.run("SELECT DISTINCT outlet FROM files") if outlet}
        return found | {outlet for key in self._dead if (outlet := outlet_of(key))}

    def check(self, outlets: list[str], since: date | None) -> Verdicts:
        """Check the listed segments and runs of some outlets, or of all if none is given, and since a day, if given."""
        self._begin(outlets, since)
        self._check_twins()
        self._read_each("runs", self._manifests.read_run)
        waiting: Iterable[str] = self._database.keys("checked AND kind = 'manifest'")
        while waiting:
            self._check_segments(waiting)
            waiting = self._read_compactions() if self._lost() else []
        self._report_missing()
        # An unfinished segment may hold the version before.
        self._relations.check(all_read=not (outlets or since or self._files.is_growing))
        return self._verdicts(self._relations.repeated)

    def check_quickly(self, outlets: list[str], since: date | None) -> Verdicts:
        """Check manifests, and by the listing the sizes of the files that they name."""
        self._begin(outlets, since)
        self._report_missing()
        for file, wanted, found, manifest in self._database.run(WRONG_SIZES):
            self._findings.add_altered(file)
            self._findings.add(file, None, f"the file has {found} bytes, {manifest} says {wanted}")
        self._database.run("INSERT INTO amounts SELECT count(*), 0, 0 FROM named JOIN files ON key = file")
        return self._verdicts(0)

    def _verdicts(self, repeated: int) -> Verdicts:
        return verdicts_of(self._database, repeated, self._database.one(UNNAMED)[0])

    def _begin(self, outlets: list[str], since: date | None) -> None:
        self._select(outlets, since)
        for key in self._dead:
            if not outlets or outlet_of(key) in outlets:
                self._findings.add(key, None, "left by a killed run; the outlet's next crawl recovers it")
        self._total = self._database.one("SELECT coalesce(sum(bytes), 0) FROM files WHERE checked")[0]
        self._read_each("manifest", self._manifests.read)
        self._find_missing()

    def _select(self, outlets: list[str], since: date | None) -> None:
        """Mark the files to be checked. A file without one of our names counts as of every day."""
        marks = ", ".join("?" * len(outlets))
        where = f"outlet IN ({marks})" if outlets else "1"
        first = f"{since:%Y%m%d}" if since else ""
        self._database.run(f"UPDATE files SET checked = 1 WHERE {where} AND coalesce(stamp, '9') >= ?", *outlets, first)

    def _read_each(self, kind: str, check: Callable[[str, Measured], None]) -> None:
        for key in self._files.prefetched(self._database.keys("checked AND kind = ?", kind), lambda key: [key]):
            self._read(key, partial(check, key))

    def _read(self, key: str, check: Callable[[Measured], None]) -> None:
        with self._reading(key), self._files.open(key) as stream:
            measured = Measured(stream, self._advance)
            check(measured)
            measured.drain()
            self._database.add("amounts", 1, 0, measured.bytes)

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        try:
            yield
        except (OSError, StorageError) as error:
            self._findings.add(key, None, f"the file cannot be read: {fault_of_file(error)}", is_cause=True)

    def _find_missing(self) -> None:
        """Add the named files that the listing lacks to those that are gone, unless they appeared since."""
        for file, manifest in self._database.run(MISSING).fetchall():
            if not self._files.has_appeared(file):
                self._database.add("gone", file, manifest)
        if self._lost():
            # A compaction whose manifest was not there yet may have removed them.
            self._read_compactions()

    def _lost(self) -> list[tuple[str, str]]:
        """Return the files that are gone though no compaction replaced them, each with its manifest."""
        return self._database.run(LOST).fetchall()

    def _report_missing(self) -> None:
        for file, manifest in self._lost():
            self._findings.add(file, None, f"the file is missing; {manifest} names it", is_cause=True)
        for file, one, other in self._database.run(CONTRADICTIONS):
            self._findings.add(file, None, f"{one} and {other} give different digests of the file")

    def _read_compactions(self) -> list[str]:
        """Read and return the manifests of compactions that appeared after the listing."""
        listed = [(key, size) for key, size in self._files.storage.list(MANIFESTS) if is_compaction(key)]
        new = [(key, size) for key, size in listed if not self._files.is_listed(key)]
        for key, size in new:
            self._files.add(key, size, "archive", is_checked=True)
            self._read(key, partial(self._manifests.read, key))
        for (file,) in self._database.run(f"SELECT file FROM ({MISSING})").fetchall():
            self._files.has_appeared(file)
        # Their rows are in the compacted files too.
        self._database.run("DELETE FROM rows WHERE file IN (SELECT file FROM replaced)")
        return [key for key, _ in new]

    def _check_twins(self) -> None:
        for key in self._database.keys("checked AND key IN (SELECT key FROM twins)"):
            with self._reading(key):
                if self._files.differs(key):
                    self._findings.add(key, None, "the copies in spool and archive differ")

    def _check_segments(self, manifests: Iterable[str]) -> None:
        if self._jobs == 1:
            check = SegmentCheck(self._files, self._database, self._advance)
            for segment in self._planned(self._files.prefetched(iter(manifests), self._named)):
                check.check(segment)
            return
        workers = SegmentWorkers(self._jobs, self._open_storage, self._files.spool, self._database, self._advance)
        with closing(workers):
            for segment in self._planned(manifests):
                workers.submit(segment)
            workers.finish()

    def _named(self, manifest: str) -> list[str]:
        return [file for (file,) in self._database.run("SELECT file FROM named WHERE manifest = ?", manifest)]

    def _planned(self, manifests: Iterable[str]) -> Iterator[PlannedSegment]:
        """Yield the segments of the manifests that could be read."""
        for key in manifests:
            if found := self._database.one("SELECT runs, recovered FROM manifests WHERE manifest = ?", key):
                yield self._segment(key, json.loads(found[0]), bool(found[1]))

    def _segment(self, manifest: str, runs: list[str], is_recovered: bool) -> PlannedSegment:
        found = self._database.run(ENTRIES, manifest).fetchall()
        entries = [
            ManifestEntry(file, size, sha, json.loads(counts), *dates) for file, size, sha, counts, *dates in found
        ]
        places = {
            entry.file: place
            for entry in entries
            if (place := self._database.one("SELECT place, bytes FROM files WHERE key = ?", entry.file))
        }
        replaced = "SELECT 1 FROM replaced JOIN named USING (file) WHERE named.manifest = ?"
        counts = self._database.one(replaced, manifest) is None
        return PlannedSegment(manifest, runs, entries, places, is_recovered, counts)

    def _advance(self, count: int) -> None:
        self._done += count
        self._progress(self._done, self._total)
