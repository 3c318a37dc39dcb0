"""The re-extraction of outlets: segments in processes, their rows numbered in order and handed to where they belong."""

from __future__ import annotations

import json
import shutil
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing import active_children
from pathlib import Path
from typing import Any, Protocol

from scrapy.settings import Settings

from crawler.archive.storage.base import Storage
from crawler.system.processes import fork_server
from crawler.tools.reextraction.numbering import Numbering
from crawler.tools.reextraction.pages import Extracted, begin, extract_segment
from crawler.tools.reextraction.segments import Segment, overlapping

# Segments that are read or wait for their turn, for each process: one before them may take long.
AHEAD = 3


class Destination(Protocol):
    """Where numbered rows go: into an archive, or to a comparison."""

    def begin(self, outlet: str, segments: Sequence[Segment]) -> None:
        """Prepare for these segments of an outlet. Raises StorageError."""

    def has(self, segment: Segment) -> bool:
        """Return whether the rows of a segment are there already."""

    def rows(self, segment: Segment) -> Iterable[dict[str, Any]]:
        """Yield the rows of a segment that is there."""

    def take(self, segment: Segment, found: Extracted, rows: Iterable[dict[str, Any]]) -> None:
        """Take the rows of a segment. Raises StorageError, OSError."""


@dataclass
class Totals:
    """What was done: segments, pages, rows, and pages without an article by reason; `problems` in one line each."""

    segments: int = 0
    there: int = 0
    pages: int = 0
    rows: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    has_failed: bool = False


class Reextraction:
    """Re-extracts segments of one archive through a folder of the spool; one process at a time."""

    def __init__(
        self,
        storage: Storage,
        settings: Settings,
        folder: Path,
        destination: Destination,
        jobs: int,
        advance: Callable[[int], None],
    ) -> None:
        """Use `jobs` processes, and call `advance` with the bytes of each WARC file that is done."""
        self.totals = Totals()
        self._storage = storage
        self._settings = settings
        self._folder = folder
        self._destination = destination
        self._jobs = jobs
        self._advance = advance
        self._numbering = Numbering()
        self._processes: ProcessPoolExecutor | None = None

    def run(self, outlets: Mapping[str, list[Segment]]) -> None:
        """Re-extract the segments of outlets. Raises StorageError, OSError."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        try:
            for outlet, segments in outlets.items():
                self._numbering.forget()
                self._destination.begin(outlet, segments)
                self._run(segments)
        except BaseException:
            for process in active_children():
                process.terminate()
            raise
        finally:
            self._close()
            self._numbering.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, segments: list[Segment]) -> None:
        groups = [(group, all(map(self._destination.has, group))) for group in overlapping(segments)]
        last = max((number for number, (_, is_there) in enumerate(groups) if not is_there), default=-1)
        found = self._extracted(chain.from_iterable(group for group, is_there in groups if not is_there))
        for number, (group, is_there) in enumerate(groups):
            if not is_there:
                self._finish([next(found) for _ in group])
                continue
            if number < last:
                self._number_from(group)
            self.totals.there += len(group)
            self._advance(sum(one.bytes for one in group))

    def _number_from(self, group: list[Segment]) -> None:
        """Go on numbering after segments that are there."""
        for segment in group:
            for row in self._destination.rows(segment):
                self._numbering.know(row["id"], row["version"], row["text_digest"])

    def _finish(self, group: list[tuple[Segment, Extracted]]) -> None:
        for segment, found in group:
            if not found.problem:
                self._numbering.take(segment.stem, self._lines(segment))
        self._numbering.number()
        for segment, found in group:
            self._count(found)
            if not found.problem:
                rows = self._numbering.numbered(segment.stem, self._lines(segment))
                self._destination.take(segment, found, self._counted(rows))
            self._place(segment).unlink(missing_ok=True)
            self._advance(segment.bytes)

    def _count(self, found: Extracted) -> None:
        totals = self.totals
        totals.pages += found.pages
        totals.rejected.update(found.rejected)
        if found.problem:
            totals.problems.append(found.problem)
            totals.has_failed = totals.has_failed or found.is_ours
        else:
            totals.segments += 1

    def _counted(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for row in rows:
            self.totals.rows += 1
            yield row

    def _lines(self, segment: Segment) -> Iterator[dict[str, Any]]:
        with self._place(segment).open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)

    def _place(self, segment: Segment) -> Path:
        return self._folder / f"{segment.stem}.jsonl"

    def _extracted(self, segments: Iterable[Segment]) -> Iterator[tuple[Segment, Extracted]]:
        """Yield segments in order with what they gave."""
        waiting: deque[tuple[Segment, Future[Extracted]]] = deque()
        for segment in segments:
            waiting.append((segment, self._submit(segment)))
            if len(waiting) > AHEAD * self._jobs:
                yield self._result(waiting)
        while waiting:
            yield self._result(waiting)

    def _result(self, waiting: deque[tuple[Segment, Future[Extracted]]]) -> tuple[Segment, Extracted]:
        """Return the first result; if a page has ended a process, what was under way is read again with care."""
        try:
            waiting[0][1].result()
        except BrokenProcessPool:
            self._close()
            for number, (segment, work) in enumerate(waiting):
                if isinstance(work.exception(), BrokenProcessPool):
                    waiting[number] = segment, self._submit(segment, is_careful=True)
        segment, work = waiting.popleft()
        try:
            return segment, work.result()
        except BrokenProcessPool as error:
            raise ChildProcessError("a process of the re-extraction was killed") from error

    def _submit(self, segment: Segment, is_careful: bool = False) -> Future[Extracted]:
        if self._processes is None:
            # Never fork: this process has threads.
            context = fork_server("crawler.tools.reextraction.pages")
            self._processes = ProcessPoolExecutor(self._jobs, context, begin, (self._storage.url, self._settings))
        return self._processes.submit(extract_segment, segment.warc, self._place(segment), is_careful)

    def _close(self) -> None:
        if self._processes is not None:
            self._processes.shutdown()
            self._processes = None
