"""A segment: its index, its WARC file and its rows, each read once and compared with the manifest.

In several processes, each has a database of its own in a temporary directory.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.archive.manifests import FinishedFile
from crawler.archive.storage.base import Storage
from crawler.system.files import Measured
from crawler.system.processes import end_with_parent, fork_server
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


Place = tuple[Callable[[], Storage], Path]


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
        warc = WarcCheck(self._files, self._facts, entry.file, index, segment.is_recovered)
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


def check_in_processes(
    processes: int, place: Place, segments: Iterable[PlannedSegment], facts: Facts, progress: Callable[[int], None]
) -> None:
    """Check segments in processes that open store and spool by themselves. Raises StorageError, OSError from any."""
    with TemporaryDirectory(prefix="khobor-verify-") as folder:
        # Never fork: this process has threads.
        with ProcessPoolExecutor(processes, fork_server(), _begin, (*place, Path(folder))) as pool:
            try:
                _submit(pool, processes, segments, progress)
            except BrokenProcessPool as error:
                raise ChildProcessError("a process of the verification was killed") from error
            except BaseException:
                for process in active_children():
                    process.terminate()
                raise
        for path in Path(folder).iterdir():
            facts.add_segments(path)


def _submit(
    pool: ProcessPoolExecutor, processes: int, segments: Iterable[PlannedSegment], progress: Callable[[int], None]
) -> None:
    waiting: set[Future[int]] = set()
    for segment in segments:
        # An interruption while a process starts would leave that one behind.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            waiting.add(pool.submit(_check_segment, segment))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        # One more than processes, so that none is idle; more would fill memory.
        if len(waiting) > processes:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            progress(sum(future.result() for future in done))
    for future in as_completed(waiting):
        progress(future.result())


class _Worker:
    """What a process of the pool holds: the archive, and the facts that it found."""

    facts: Facts
    files: ArchiveFiles


def _begin(open_storage: Callable[[], Storage], spool: Path, folder: Path) -> None:
    # The parent answers Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    _Worker.facts = Facts(folder / str(os.getpid()))
    _Worker.files = ArchiveFiles(open_storage(), spool, _Worker.facts)


def _check_segment(segment: PlannedSegment) -> int:
    """Check a segment and return its bytes."""
    for file, (size, place) in segment.places.items():
        _Worker.files.add(file, size, place)
    SegmentCheck(_Worker.files, _Worker.facts, lambda count: None).check(segment)
    _Worker.facts.run("DELETE FROM files")
    _Worker.facts.commit()
    return sum(size for size, _ in segment.places.values())
