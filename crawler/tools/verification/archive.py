"""The verification of an archive: each file is read once, then the relations between files are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

from crawler.archive.members import altered_member
from crawler.archive.names import folder_problem, index_of, outlet_of, warc_of
from crawler.archive.rows import is_compaction
from crawler.archive.storage.base import Storage, StorageError, fault_of_file
from crawler.system.files import Measured
from crawler.tools.verification.database import ScratchDatabase
from crawler.tools.verification.files import MANIFESTS, STRAY, ArchiveFiles
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.known_records import KnownRecords
from crawler.tools.verification.manifests import FileFacts, ManifestCheck
from crawler.tools.verification.rows import RowsCheck
from crawler.tools.verification.warcs import IndexCheck, WarcCheck

# The record counts of a file that was read, for the comparison with its manifest.
Counts = dict[str, int] | None

UNNAMED = """kind <> 'manifest' AND checked AND NOT bare
    AND NOT EXISTS (SELECT 1 FROM named WHERE named.file = files.key)"""


class Verification:
    """Checks the selected files of an archive and its spool. Every method raises StorageError."""

    def __init__(self, storage: Storage, spool: Path, progress: Callable[[int, int], None]) -> None:
        self.report = Verdicts()
        self._database = ScratchDatabase()
        self._files = ArchiveFiles(storage, spool, self._database)
        self._manifests = ManifestCheck(self._files, self.report)
        self._known = KnownRecords(self._files)
        self._rows = RowsCheck(self._known, self.report)
        self._progress = progress
        self._total = 0
        self._done = 0
        self._dead: list[str] = []
        # Row files that a compaction added after the listing.
        self._late: list[str] = []

    def close(self) -> None:
        self._database.close()

    def survey(self) -> set[str]:
        """List all files and return their outlets."""
        self._dead = self._files.survey()
        found = {outlet for (outlet,) in self._database.run("SELECT DISTINCT outlet FROM files") if outlet}
        return found | {outlet for key in self._dead if (outlet := outlet_of(key))}

    def check(self, outlets: list[str], since: date | None) -> Verdicts:
        """Check the listed files of some outlets, or of all if none is given, and of runs since a day, if given."""
        self._select(outlets, since)
        for key in self._dead:
            if not outlets or outlet_of(key) in outlets:
                self.report.add(key, None, "left by a killed run; the outlet's next crawl recovers it")
        self._read_manifests()
        self._total = self._database.one("SELECT coalesce(sum(bytes), 0) FROM files WHERE checked")[0]
        self._check_places()
        self._read_each("runs", self._manifests.read_run)
        self._read_warcs()
        self._check_counterparts()
        self._known.check_revisits(self.report)
        self._read_each("articles", self._check_rows)
        for key in self._late:
            self._read(key, partial(self._check_rows, key))
        # A run that is running or was killed may hold the version before in an open file.
        is_growing = self._dead or self._database.one("SELECT 1 FROM running")
        self._rows.check_versions(all_read=not (outlets or since or is_growing))
        self._manifests.check_counts()
        self._check_unnamed()
        return self.report

    def _select(self, outlets: list[str], since: date | None) -> None:
        """Mark the files to be checked. A file without one of our names counts as of every day."""
        marks = ", ".join("?" * len(outlets))
        where = f"outlet IN ({marks})" if outlets else "1"
        first = f"{since:%Y%m%d}" if since else ""
        self._database.run(f"UPDATE files SET checked = 1 WHERE {where} AND coalesce(stamp, '9') >= ?", *outlets, first)

    def _read_manifests(self) -> None:
        self._read_each("manifest", self._manifests.read)
        # Earlier manifests may name selected files: those of a long run, and of runs that it recovered.
        while self._database.one(f"SELECT 1 FROM files WHERE {UNNAMED} AND kind <> 'runs'"):
            older = self._database.one(
                """SELECT key FROM files WHERE kind = 'manifest' AND NOT checked AND NOT consulted
                AND outlet IN (SELECT outlet FROM files WHERE checked) ORDER BY stamp DESC LIMIT 1"""
            )
            if older is None:
                break
            self._database.run("UPDATE files SET consulted = 1 WHERE key = ?", older[0])
            self._consult(older[0])
        self._database.run(
            """UPDATE files SET checked = 1 WHERE key IN (SELECT file FROM named
            JOIN files AS manifests ON manifests.key = manifest WHERE manifests.checked)"""
        )
        if self._manifests.missing():
            # A compaction whose manifest was not there yet may have removed them.
            self._read_new_manifests()
        self._manifests.check_missing()

    def _check_places(self) -> None:
        for key in self._database.keys(f"checked AND kind <> '{STRAY}'"):
            if problem := folder_problem(key):
                self.report.add(key, None, problem)
        for key in self._database.keys("checked AND key IN (SELECT key FROM twins)"):
            with self._reading(key):
                if self._files.differs(key):
                    self.report.add(key, None, "the copies in spool and archive differ")

    def _read_each(self, kind: str, check: Callable[[str, Measured], Counts]) -> None:
        for key in self._files.prefetched(self._database.keys("checked AND kind = ?", kind), lambda key: [key]):
            self._read(key, partial(check, key))

    def _read(self, key: str, check: Callable[[Measured], Counts]) -> None:
        with self._reading(key), self._files.open(key) as stream:
            measured = Measured(stream, self._advance)
            counts = check(measured)
            measured.drain()
            self._manifests.compare(key, FileFacts(measured.bytes, measured.sha256, counts or {}))
        self.report.files += 1

    def _consult(self, key: str) -> None:
        with self._reading(key), self._files.open(key) as stream:
            self._manifests.read(key, Measured(stream, self._advance))

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        try:
            yield
        except (OSError, StorageError) as error:
            reason = fault_of_file(error)
            if isinstance(error, FileNotFoundError) and not key.startswith(MANIFESTS):
                self._read_new_manifests()
            # A compaction may have removed it.
            if not isinstance(error, FileNotFoundError) or not self._manifests.is_replaced(key):
                self.report.add(key, None, f"the file cannot be read: {reason}", is_cause=True)

    def _check_rows(self, key: str, stream: Measured) -> Counts:
        return {"rows": self._rows.check(key, stream, self._manifests.counts(key))}

    def _check_counterparts(self) -> None:
        for key in self._database.keys("checked AND kind = 'warc'"):
            if not self._files.exists(index_of(key)) and not self._is_running(key):
                self.report.add(key, None, "the WARC has no index")
        for key in self._database.keys("checked AND kind = 'index'"):
            if not self._files.exists(warc_of(key)):
                self.report.add(key, None, "the index has no WARC")

    def _read_warcs(self) -> None:
        warcs = self._database.keys("checked AND kind = 'warc'")
        for key in self._files.prefetched(warcs, lambda key: [index_of(key), key]):
            index = self._load_index(index_of(key))
            warc = WarcCheck(self._known, self.report, key, index, *self._manifests.recovery_of(key))
            size = self._database.one("SELECT bytes FROM files WHERE key = ?", key)[0]
            with self._reading(key):
                facts = warc.check(self._advance, size)
                self._manifests.compare(key, facts)
                if not self.report.is_explained(key):
                    self._find_alteration(key)
                if index is not None:
                    index.finish(facts.damaged, facts.bytes)
            self.report.files += 1

    def _find_alteration(self, key: str) -> None:
        """Report where a WARC was altered although each of its records is readable and sound."""
        places = self._database.run("SELECT offset, length FROM records WHERE file = ? ORDER BY offset", key).fetchall()
        with self._files.open(key) as stream:
            offset = altered_member(stream, places)
        if offset is not None:
            self.report.add(key, offset, "the gzip member was altered, though not its content")

    def _load_index(self, key: str) -> IndexCheck | None:
        if not self._files.is_listed(key):
            return None
        index = IndexCheck(self._database, self.report, key)
        self._read(key, index.load)
        return index

    def _check_unnamed(self) -> None:
        """Report files that no manifest names, unless a running run will."""
        found = [key for key in self._database.keys(UNNAMED) if not self._is_running(key) and not is_compaction(key)]
        if found:
            self._read_new_manifests()
        for key in found:
            if row := self._database.one(f"SELECT place FROM files WHERE key = ? AND {UNNAMED}", key):
                left = "left by a killed run; " if row[0] == "spool" else ""
                self.report.add(key, None, f"{left}no manifest names the file")
                if row[0] == "archive":
                    self._manifests.check_run_named(key)

    def _read_new_manifests(self) -> None:
        """Read the manifests of runs and compactions that ended after the listing."""
        archived = (key for key, _ in self._files.storage.list(MANIFESTS))
        for key in chain(self._files.finished("manifest"), archived):
            if not self._files.is_listed(key):
                self._consult(key)
                self._late += self._files.add_compacted(key)

    def _is_running(self, key: str) -> bool:
        warc = warc_of(key) if key.startswith("index/") else key
        found = self._database.one("SELECT run FROM files WHERE key = ?", warc)
        return found is not None and self._files.is_running(found[0])

    def _advance(self, count: int) -> None:
        self.report.bytes += count
        self._done += count
        self._progress(self._done, self._total)
