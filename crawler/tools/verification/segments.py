"""A segment: its index, its WARC file and its rows, each read once and compared with the manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from crawler.archive.members import altered_member
from crawler.archive.storage.base import StorageError, fault_of_file
from crawler.system.files import Measured
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.findings import Facts, Findings
from crawler.tools.verification.measures import FileMeasures, ManifestEntry, compare
from crawler.tools.verification.rows import RowsCheck
from crawler.tools.verification.warcs import IndexCheck, WarcCheck

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """A segment to be checked: the entries of its manifest, and where its files are, with their bytes as listed.

    `has_counting_rows` is false if a compaction replaced its rows.
    """

    manifest: str
    runs: list[str]
    entries: list[ManifestEntry]
    places: dict[str, tuple[str, int]]
    is_recovered: bool
    has_counting_rows: bool

    def entry(self, kind: str) -> ManifestEntry | None:
        """Return the entry of a kind of file, if it is there."""
        found = (one for one in self.entries if one.file.startswith(f"{kind}/") and one.file in self.places)
        return next(found, None)

    @property
    def bytes(self) -> int:
        return sum(size for _, size in self.places.values())


class SegmentCheck:
    """Checks segments one by one; `progress` receives the bytes just read."""

    def __init__(self, files: ArchiveFiles, facts: Facts, progress: Callable[[int], None]) -> None:
        self._files = files
        self._facts = facts
        self._findings = Findings(facts)
        self._rows = RowsCheck(facts, self._findings)
        self._progress = progress

    def check(self, segment: PlannedSegment) -> None:
        """Check a segment. Raises StorageError, OSError if the store or this machine is at fault."""
        self._findings.located.clear()
        index = None
        if entry := segment.entry("index"):
            index = IndexCheck(self._files.database, self._findings, entry.file)
            self._read(segment, entry, index.load)
        if entry := segment.entry("warc"):
            self._read_warc(segment, entry, index)
        if entry := segment.entry("articles"):
            self._read(segment, entry, partial(self._check_rows, entry.file, segment.has_counting_rows))

    def _check_rows(self, key: str, counts: bool, stream: Measured) -> Counts:
        return {"rows": self._rows.check(key, stream, counts)}

    def _read(self, segment: PlannedSegment, entry: ManifestEntry, check: Callable[[Measured], Counts | None]) -> None:
        with self._reading(segment, entry.file), self._files.open(entry.file) as stream:
            measured = Measured(stream, self._progress)
            counts = check(measured)
            measured.drain()
            measures = FileMeasures(measured.bytes, measured.sha256, counts or {})
            compare(entry, measures, segment.manifest, self._findings)
            self._facts.add("amounts", 1, 0, measured.bytes)

    def _read_warc(self, segment: PlannedSegment, entry: ManifestEntry, index: IndexCheck | None) -> None:
        warc = WarcCheck(self._files, self._facts, self._findings, entry.file, index, segment.is_recovered)
        with self._reading(segment, entry.file):
            measures = warc.check(self._progress, segment.places[entry.file][1])
            self._facts.add("amounts", 1, len(warc.places), measures.bytes)
            is_same = compare(entry, measures, segment.manifest, self._findings)
            if not is_same and entry.file not in self._findings.located:
                self._find_alteration(entry.file, warc.places)
            if warc.runs != segment.runs and not measures.damaged:
                found, stated = (", ".join(runs) or "none" for runs in (warc.runs, segment.runs))
                self._findings.add(segment.manifest, None, f"runs are {stated}, the warcinfo records are of {found}")
            if index is not None:
                index.finish(measures.damaged, measures.bytes)

    def _find_alteration(self, key: str, places: list[tuple[int, int]]) -> None:
        """Report where a WARC was altered although each of its records is readable and sound."""
        with self._files.open(key) as stream:
            offset = altered_member(stream, places)
        if offset is not None:
            self._findings.add(key, offset, "the gzip member was altered, though not its content")

    @contextmanager
    def _reading(self, segment: PlannedSegment, key: str) -> Iterator[None]:
        try:
            yield
        except (OSError, StorageError) as error:
            reason = fault_of_file(error)
            if isinstance(error, FileNotFoundError) and not self._files.is_link(key):
                self._facts.add("gone", key, segment.manifest)
            else:
                self._findings.add(key, None, f"the file cannot be read: {reason}", is_cause=True)
