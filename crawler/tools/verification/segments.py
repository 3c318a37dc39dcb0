"""A segment: its index, its WARC file and its rows, each read once and compared with the manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from crawler.archive.manifests import FinishedFile
from crawler.system.files import Measured
from crawler.system.terminal import printable
from crawler.tools.verification.facts import Facts
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.index import IndexCheck
from crawler.tools.verification.rows import check_rows
from crawler.tools.verification.warcs import WarcCheck


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """A segment to be checked: the entries of its manifest, by kind, of files that are there, and their places.

    `has_counting_rows` is false if a compaction replaced its rows.
    """

    manifest: str
    runs: list[str]
    is_recovered: bool
    has_counting_rows: bool
    entries: dict[str, FinishedFile] = field(default_factory=dict)
    places: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(size for size, _ in self.places.values())


class SegmentCheck:
    """Checks segments one by one; `progress` receives the bytes just read."""

    def __init__(self, files: ArchiveFiles, facts: Facts, progress: Callable[[int], None]) -> None:
        self._files = files
        self._facts = facts
        self._progress = progress

    def check(self, segment: PlannedSegment) -> None:
        """Check a segment. Raises StorageError, OSError if the store or this machine is at fault."""
        index = None
        if entry := segment.entries.get("index"):
            index = IndexCheck(self._facts, entry.file)
            with self._facts.reading(entry.file, segment.manifest):
                self._compare(segment, entry, self._read(entry, index.read))
        if entry := segment.entries.get("warc"):
            with self._facts.reading(entry.file, segment.manifest):
                self._read_warc(segment, entry, index)
        if entry := segment.entries.get("articles"):
            check = partial(check_rows, self._facts, segment.has_counting_rows)
            with self._facts.reading(entry.file, segment.manifest):
                self._compare(segment, entry, self._read(entry, check))

    def _read_warc(self, segment: PlannedSegment, entry: FinishedFile, index: IndexCheck | None) -> None:
        size, _ = segment.places[entry.file]
        warc = WarcCheck(self._files, self._facts, entry.file, size, index, segment.is_recovered)
        found = self._read(entry, warc.read)
        self._compare(segment, entry, found, warc.is_damaged)
        if warc.runs != segment.runs and not warc.is_damaged:
            own, stated = (", ".join(runs) or "none" for runs in (warc.runs, segment.runs))
            self._facts.find(segment.manifest, None, f"runs are {stated}, the warcinfo records are of {own}")
        if index is not None:
            index.finish(warc.is_damaged, found.bytes)

    def _read(self, entry: FinishedFile, check: Callable[[Measured, FinishedFile], None]) -> FinishedFile:
        """Check a file and return its measures; it is read once."""
        found = FinishedFile(entry.file, 0, "")
        with self._files.open(entry.file) as stream:
            measured = Measured(stream, self._progress)
            check(measured, found)
            measured.drain()
        found.bytes, found.sha256 = measured.bytes, measured.sha256
        self._facts.add("amounts", 1, 0, found.bytes)
        return found

    def _compare(
        self, segment: PlannedSegment, entry: FinishedFile, found: FinishedFile, is_damaged: bool = False
    ) -> None:
        """Report the differences of a file from its manifest. If the digest is equal, the manifest is wrong."""
        for problem in _differences(entry, found, is_damaged):
            if entry.sha256 == found.sha256:
                self._facts.find(segment.manifest, None, f"{entry.file}: {problem}")
                continue
            self._facts.add("altered", printable(entry.file))
            is_cut = problem.startswith("the file ends")
            # In row files, offsets are those of decompressed lines.
            offset = found.bytes if is_cut and not entry.file.startswith("articles/") else None
            self._facts.find(entry.file, offset, f"{problem} ({segment.manifest})", is_cut)


def _differences(entry: FinishedFile, found: FinishedFile, is_damaged: bool) -> Iterator[str]:
    if found.bytes < entry.bytes and not is_damaged:
        yield f"the file ends after {found.bytes} bytes, its manifest says {entry.bytes}"
    elif entry.bytes != found.bytes:
        yield f"the file has {found.bytes} bytes, its manifest says {entry.bytes}"
    if entry.sha256 != found.sha256:
        yield "the file's SHA-256 differs from its manifest"
    if is_damaged:
        return
    if entry.records != found.records:
        yield f"the file holds {_counted(found.records)}, its manifest says {_counted(entry.records)}"
    if (entry.first, entry.last) != (found.first, found.last):
        yield f"the file goes from {found.first} to {found.last}, its manifest says {entry.first} to {entry.last}"


def _counted(records: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(records.items())) or "nothing"
