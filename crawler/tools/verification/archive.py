"""The verification of an archive: manifests, then segment by segment, then the relations between segments."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from crawler.archive.names import REEXTRACTED, WITHHELD, moment_of, stem_of
from crawler.archive.rows import is_compaction
from crawler.archive.storage import MANIFESTS
from crawler.archive.storage.base import MARK, Storage
from crawler.recording.archive_identity import has, id_of
from crawler.system.files import Measured
from crawler.tools.verification.facts import Facts, Verdicts
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.manifests import read_decision, read_manifest, read_reextracted, read_run
from crawler.tools.verification.relations import RelationsCheck
from crawler.tools.verification.segments import PlannedSegment, SegmentCheck, check_in_processes

DEAD = """SELECT key, NULL, 'left by a killed run; the outlet''s next crawl recovers it' FROM files
    WHERE checked AND place = 'dead'"""
MISSING = """SELECT file, manifest FROM named LEFT JOIN files ON key = file WHERE key IS NULL
    AND file NOT IN (SELECT file FROM replaced) AND file NOT IN (SELECT file FROM gone)"""
LOST = """SELECT file, NULL, printf('the file is missing; %s names it', manifest) FROM gone
    WHERE file NOT IN (SELECT file FROM replaced)"""
CONTRADICTIONS = """SELECT file, NULL, printf('%s and %s give different digests of the file', named.manifest,
    replaced.manifest) FROM replaced JOIN named USING (file) WHERE replaced.sha256 <> named.sha256"""
WRONG_SIZES = """SELECT file, NULL, printf('the file has %d bytes, %s says %d', files.bytes, manifest, named.bytes)
    FROM named JOIN files ON key = file WHERE named.bytes <> files.bytes"""


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
        self._facts = Facts()
        self._files = ArchiveFiles(open_storage(), spool, self._facts, continued)
        self._progress = progress
        self._lacking: list[str] = []
        self._total = 0
        self._done = 0

    def close(self) -> None:
        self._facts.close()

    def survey(self) -> set[str]:
        """List all files and return their outlets."""
        self._files.survey()
        return {outlet for (outlet,) in self._facts.run("SELECT DISTINCT outlet FROM files") if outlet}

    def lack(self, manifests: Iterable[str], since: date | None) -> None:
        """Take the manifests that state calls archived and the archive lacks; those since a day, if given, count."""
        self._lacking = [key for key in manifests if since is None or moment_of(stem_of(key)).date() >= since]

    def check(self, outlets: list[str], since: date | None) -> Verdicts:
        """Check the listed segments and runs of some outlets, or of all if none is given, and since a day, if given."""
        self._begin(outlets, since)
        self._check_marker()
        self._check_twins()
        self._read_each("runs", partial(read_run, self._facts, self._files))
        self._read_each(WITHHELD, partial(read_decision, self._facts))
        waiting: Iterable[str] = self._facts.keys("checked AND kind IN ('manifest', ?)", REEXTRACTED)
        while waiting:
            self._check_segments(waiting)
            waiting = self._find_missing()
        self._report_missing()
        # They are in the compacted file too.
        self._facts.run("DELETE FROM rows WHERE file IN (SELECT file FROM replaced)")
        # An unfinished segment may hold the version before.
        all_read = not (outlets or since or self._files.is_growing)
        RelationsCheck(self._files, self._facts).check(all_read)
        return self._facts.verdicts()

    def check_quickly(self, outlets: list[str], since: date | None) -> Verdicts:
        """Check manifests, and by the listing the sizes of the files that they name."""
        self._begin(outlets, since)
        self._report_missing()
        self._facts.find_all(WRONG_SIZES)
        self._facts.run("INSERT INTO amounts SELECT count(*), 0, 0 FROM named JOIN files ON key = file")
        return self._facts.verdicts()

    def _begin(self, outlets: list[str], since: date | None) -> None:
        """Select files, and read their manifests. A file without one of our names counts as of every day."""
        where = f"outlet IN ({', '.join('?' * len(outlets))})" if outlets else "1"
        first = f"{since:%Y%m%d}" if since else ""
        self._facts.run(f"UPDATE files SET checked = 1 WHERE {where} AND coalesce(stamp, '9') >= ?", *outlets, first)
        self._facts.find_all(DEAD)
        self._total = self._facts.one("SELECT coalesce(sum(bytes), 0) FROM files WHERE checked")[0]
        self._read_each("manifest", partial(read_manifest, self._facts, self._files))
        self._read_each(REEXTRACTED, partial(read_reextracted, self._facts))
        # A compaction whose manifest was not there yet may have removed files before they were listed.
        self._find_missing()

    def _check_marker(self) -> None:
        """An archive without a marker gets one from the next run, but no run replaces a marker."""
        storage = self._files.storage
        if id_of(storage) is None and has(storage, MARK):
            self._facts.find(MARK, None, "the marker has no ID: remove it, and the next run writes it")

    def _read_each(self, kind: str, check: Callable[[str, Measured], None]) -> None:
        for key in self._files.prefetched(self._facts.keys("checked AND kind = ?", kind), lambda key: [key]):
            self._read(key, check)

    def _read(self, key: str, check: Callable[[str, Measured], None]) -> None:
        with self._facts.reading(key), self._files.open(key) as stream:
            measured = Measured(stream, self._advance)
            check(key, measured)
            measured.drain()
            self._facts.add("amounts", 1, 0, measured.bytes)

    def _find_missing(self) -> list[str]:
        """Note the named files that are gone; return the manifests of compactions that appeared since the listing.

        A compaction may have removed the files that it replaced.
        """
        for file, manifest in self._facts.run(MISSING).fetchall():
            if not self._files.has_appeared(file):
                self._facts.add("gone", file, manifest)
        if self._facts.one(LOST) is None:
            return []
        listed = [key for key, _ in self._files.storage.list(MANIFESTS) if is_compaction(key)]
        new = [key for key in listed if not self._files.is_listed(key) and self._files.has_appeared(key)]
        for key in new:
            self._read(key, partial(read_manifest, self._facts, self._files))
        return new + self._find_missing() if new else []

    def _report_missing(self) -> None:
        for key in self._lacking:
            # A run file or a later manifest may have named it.
            if self._facts.one("SELECT 1 FROM findings WHERE file = ?", key) is None:
                self._facts.find(key, None, "the manifest is missing; state calls its segment archived", is_cause=True)
        self._facts.find_all(LOST, is_cause=True)
        self._facts.find_all(CONTRADICTIONS)

    def _check_twins(self) -> None:
        for key in self._facts.keys("checked AND is_twin"):
            with self._facts.reading(key):
                if self._files.differs(key):
                    self._facts.find(key, None, "the copies in spool and archive differ")

    def _check_segments(self, manifests: Iterable[str]) -> None:
        if self._jobs > 1:
            planned = self._planned(manifests)
            for found in check_in_processes(self._jobs, self._open_storage, self._files.spool, planned):
                self._facts.take(found)
                self._advance(sum(size for _, _, size in found.rows["amounts"]))
            return
        for segment in self._planned(self._files.prefetched(iter(manifests), self._named)):
            SegmentCheck(self._files, self._facts, self._advance, segment).check()

    def _named(self, manifest: str) -> list[str]:
        return [file for (file,) in self._facts.run("SELECT file FROM named WHERE manifest = ?", manifest)]

    def _planned(self, manifests: Iterable[str]) -> Iterator[PlannedSegment]:
        """Yield the segments of the manifests that could be read."""
        for manifest in manifests:
            if found := self._facts.one("SELECT facts FROM manifests WHERE manifest = ?", manifest):
                yield PlannedSegment.planned(manifest, found[0])

    def _advance(self, count: int) -> None:
        self._done += count
        self._progress(self._done, self._total)
