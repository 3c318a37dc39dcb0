"""The re-extraction of outlets: segments in processes, their rows numbered in order and handed to where they belong."""

from __future__ import annotations

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

    def remove(self, segment: Segment) -> None:
        """Remove the rows of a segment, if they are there. Raises StorageError."""

    def take(self, segment: Segment, found: Extracted, rows: Iterable[str]) -> None:
        """Take the rows of a segment, as JSON. Raises StorageError, OSError."""


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
        # Of the outlet: groups to come, groups that processes read, and groups before them that stay as they are.
        self._later: deque[list[Segment]] = deque()
        self._under_way: deque[list[Segment]] = deque()
        self._kept: list[list[Segment]] = []
        self._waiting: deque[tuple[Segment, Future[Extracted]]] = deque()
        self._is_made = False

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
        """Make what is not there, and all that follows it: the numbers of versions depend on earlier segments."""
        self._later = deque(overlapping(segments))
        self._kept, self._is_made = [], False
        while self._later:
            if self._is_there(self._later[0]):
                self._finish_all()  # which may remove it
            group = self._later.popleft()
            if self._is_there(group):
                self._keep(group)
                self._advance(sum(one.bytes for one in group))
                continue
            self._under_way.append(group)
            self._waiting.extend((segment, self._submit(segment)) for segment in group)
            while len(self._waiting) > AHEAD * self._jobs:
                self._finish(self._under_way.popleft())
        self._finish_all()

    def _finish_all(self) -> None:
        while self._under_way:
            self._finish(self._under_way.popleft())

    def _is_there(self, group: list[Segment]) -> bool:
        return all(map(self._destination.has, group))

    def _keep(self, group: list[Segment]) -> None:
        self._kept.append(group)
        self.totals.there += sum(map(self._destination.has, group))

    def _finish(self, group: list[Segment]) -> None:
        results = {segment: self._result() for segment in group}
        read = [segment for segment in group if not results[segment].problem]
        problems = dict.fromkeys(one.problem for one in results.values() if one.problem)
        self.totals.problems += [problem for problem in problems if problem not in self.totals.problems]
        self.totals.has_failed |= any(one.is_ours for one in results.values())
        if all(map(self._destination.has, read)):
            self._keep(group)
        else:
            self._begin_numbers()
            self._write({segment: results[segment] for segment in read})
        for segment in group:
            self._place(segment).unlink(missing_ok=True)
            self._advance(segment.bytes)

    def _begin_numbers(self) -> None:
        """Go on numbering after the segments that are there; make all that follow again."""
        for segment in chain.from_iterable(self._kept):
            for row in self._destination.rows(segment) if self._destination.has(segment) else ():
                self._numbering.know(row["id"], row["version"], row["text_digest"])
        self._kept = []
        if not self._is_made:
            for segment in chain.from_iterable((*self._under_way, *self._later)):
                self._destination.remove(segment)
        self._is_made = True

    def _write(self, results: Mapping[Segment, Extracted]) -> None:
        for segment in results:
            self._numbering.take(segment.stem, (capture for *capture, _ in self._lines(segment)))
        self._numbering.number()
        for segment, found in results.items():
            rows = self._numbering.numbered(segment.stem, (row for *_, row in self._lines(segment)))
            self._destination.take(segment, found, self._counted(rows))
            self.totals.segments += 1
            self.totals.pages += found.pages
            self.totals.rejected.update(found.rejected)

    def _counted(self, rows: Iterable[str]) -> Iterator[str]:
        for row in rows:
            self.totals.rows += 1
            yield row

    def _lines(self, segment: Segment) -> Iterator[list[str]]:
        """Yield ID, time, text digest and row of each capture that gave an article."""
        with self._place(segment).open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield line.rstrip("\n").split("\t", 3)

    def _place(self, segment: Segment) -> Path:
        return self._folder / f"{segment.stem}.jsonl"

    def _result(self) -> Extracted:
        """Return the first result; if a page has ended a process, what was under way is read again with care."""
        try:
            self._waiting[0][1].result()
        except BrokenProcessPool:
            self._close()
            for number, (segment, work) in enumerate(self._waiting):
                if isinstance(work.exception(), BrokenProcessPool):
                    self._waiting[number] = segment, self._submit(segment, is_careful=True)
        _, work = self._waiting.popleft()
        try:
            return work.result()
        except BrokenProcessPool as error:
            raise ChildProcessError("a process of the re-extraction was killed") from error

    def _submit(self, segment: Segment, is_careful: bool = False) -> Future[Extracted]:
        if self._processes is None:
            # Never fork: this process has threads.
            context = fork_server("crawler.tools.reextraction.pages")
            self._processes = ProcessPoolExecutor(self._jobs, context, begin, (self._storage.url, self._settings))
        return self._processes.submit(extract_segment, segment, self._place(segment), is_careful)

    def _close(self) -> None:
        if self._processes is not None:
            self._processes.shutdown()
            self._processes = None
