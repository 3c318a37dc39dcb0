"""A segment: its index, its WARC file and its rows, each read once and compared with the manifest."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from crawler.archive.manifests import FinishedFile
from crawler.archive.names import REEXTRACTED, ROWS, index_of, is_decision, warc_of
from crawler.archive.storage.base import Storage
from crawler.model.exit_codes import FAILED, Refused
from crawler.system.files import Measured
from crawler.system.processes import end_with_parent, fork_server, kill_children, starting
from crawler.system.terminal import printable
from crawler.tools.verification.database import ScratchDatabase
from crawler.tools.verification.facts import Findings
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.index import IndexCheck
from crawler.tools.verification.manifests import read_decision, read_manifest, read_reextracted, read_run
from crawler.tools.verification.rows import check_rows
from crawler.tools.verification.warcs import WarcCheck


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """A segment to be checked, with the entries of its manifest by kind."""

    manifest: str
    runs: list[str]
    is_recovered: bool
    entries: dict[str, FinishedFile]

    @classmethod
    def planned(cls, manifest: str, facts: str) -> PlannedSegment:
        """Return the segment of a manifest that was read, by its facts as JSON."""
        known = json.loads(facts)
        files = [FinishedFile(**fields) for fields in known["files"]]
        entries = {entry.file.partition("/")[0]: entry for entry in files}
        return cls(manifest, known["runs"], known["is_recovered"], entries)


class SegmentCheck:
    """Checks one segment; `progress` receives the bytes just read."""

    def __init__(
        self, files: ArchiveFiles, facts: Findings, progress: Callable[[int], None], segment: PlannedSegment
    ) -> None:
        self._files = files
        self._facts = facts
        self._progress = progress
        self._segment = segment

    def check(self) -> None:
        """Check the segment. Raises StorageError, OSError if the store or this machine is at fault."""
        facts, segment = self._facts, self._segment
        if segment.manifest.startswith(f"{REEXTRACTED}/"):
            self._check_file(REEXTRACTED, partial(check_rows, facts))
            return
        index = IndexCheck(facts, index_of(segment.manifest))
        is_indexed = self._check_file("index", index.read)
        key = warc_of(segment.manifest)
        warc = WarcCheck(self._files, facts, key, index if is_indexed else None, segment.is_recovered)
        if self._check_file("warc", warc.read) and warc.runs != segment.runs and not warc.is_damaged:
            own, stated = (", ".join(runs) or "none" for runs in (warc.runs, segment.runs))
            facts.find(segment.manifest, None, f"runs are {stated}, the warcinfo records are of {own}")
        self._check_file("articles", partial(check_rows, facts))

    def _check_file(self, kind: str, check: Callable[[Measured, FinishedFile], bool | None]) -> bool:
        """Check the file of a kind, if the manifest names one, and return whether it could be read.

        `check` adds counts and dates to the second argument, and returns whether the file is damaged within.
        """
        entry = self._segment.entries.get(kind)
        if entry is None:
            return False
        found = FinishedFile(entry.file, 0, "")
        with self._facts.reading(entry.file, self._segment.manifest), self._files.open(entry.file) as stream:
            measured = Measured(stream, self._progress)
            is_damaged = bool(check(measured, found))
            measured.drain()
            found.bytes, found.sha256 = measured.bytes, measured.sha256
            self._facts.add("amounts", 1, 0, found.bytes)
            self._compare(entry, found, is_damaged)
            return True
        return False

    def _compare(self, entry: FinishedFile, found: FinishedFile, is_damaged: bool) -> None:
        """Report the differences of a file from its manifest. If the digest is equal, the manifest is wrong."""
        manifest = self._segment.manifest
        for problem in _differences(entry, found, is_damaged):
            if entry.sha256 == found.sha256:
                self._facts.find(manifest, None, f"{entry.file}: {problem}")
                continue
            self._facts.add("altered", printable(entry.file))
            is_cut = problem.startswith("the file ends")
            # In row files, offsets are those of decompressed lines.
            offset = found.bytes if is_cut and not entry.file.endswith(ROWS) else None
            self._facts.find(entry.file, offset, f"{problem} ({manifest})", is_cut)


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


def document_fits(
    files: ArchiveFiles,
    key: str,
    data: bytes,
    progress: Callable[[int], None],
    is_replaced: Callable[[str], bool],
) -> bool:
    """Return whether the content of a manifest, run file or decision is right; a manifest agrees with its files.

    `is_replaced` says whether a compaction has replaced a row file. Raises StorageError, OSError.
    """
    findings, stream = Findings(), Measured(BytesIO(data), progress)
    if is_decision(key):
        read_decision(findings, key, stream)
    elif key.startswith("runs/"):
        read_run(findings, files, key, stream)
    elif key.startswith(f"{REEXTRACTED}/"):
        read_reextracted(findings, key, stream)
    else:
        read_manifest(findings, files, key, stream)
    for manifest, facts in findings.rows["manifests"]:
        SegmentCheck(files, findings, progress, PlannedSegment.planned(manifest, facts)).check()
    problems = [file for _, _, file, *_ in findings.rows["findings"] if file == printable(key)]
    gone = [file for file, _ in findings.rows["gone"] if not is_replaced(file)]
    return not (problems or findings.rows["altered"] or gone)


def _counted(records: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(records.items())) or "nothing"


def check_in_processes(
    processes: int, open_storage: Callable[[], Storage], spool: Path, segments: Iterable[PlannedSegment]
) -> Iterator[Findings]:
    """Check segments in processes that open store and spool by themselves. Raises Refused, StorageError, OSError."""
    # Never fork: this process has threads.
    with ProcessPoolExecutor(processes, fork_server(), _begin, (open_storage, spool)) as pool:
        try:
            for future in _submitted(pool, processes, segments):
                yield future.result()
        except BrokenProcessPool as error:
            raise Refused("a process was killed, perhaps for memory; try fewer --jobs", FAILED) from error
        finally:
            kill_children()


def _submitted(
    pool: ProcessPoolExecutor, processes: int, segments: Iterable[PlannedSegment]
) -> Iterator[Future[Findings]]:
    waiting: set[Future[Findings]] = set()
    for segment in segments:
        with starting():
            waiting.add(pool.submit(_check_segment, segment))
        # One more than processes, so that none is idle; more would fill memory.
        if len(waiting) > processes:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from done
    yield from as_completed(waiting)


class _Worker:
    """What a process of the pool holds."""

    files: ArchiveFiles


def _begin(open_storage: Callable[[], Storage], spool: Path) -> None:
    # The parent answers Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    _Worker.files = ArchiveFiles(open_storage(), spool, ScratchDatabase())


def _check_segment(segment: PlannedSegment) -> Findings:
    facts = Findings()
    SegmentCheck(_Worker.files, facts, lambda count: None, segment).check()
    return facts
