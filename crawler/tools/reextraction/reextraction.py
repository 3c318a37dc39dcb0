"""The re-extraction of outlets: segments in processes, their rows numbered in order and put into a tree."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from scrapy.settings import Settings

from crawler.archive.storage.base import Storage
from crawler.system.processes import fork_server, kill_children, starting
from crawler.tools.reextraction.numbering import Numbering
from crawler.tools.reextraction.pages import Extracted, begin, extract_segment
from crawler.tools.reextraction.segments import Segment, overlapping
from crawler.tools.reextraction.tree import Tree

# Groups of segments that are read or wait for their turn, for each process: one before them may take long.
AHEAD = 3


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
    """Re-extracts segments of one archive into a tree, through the tree's folder; one process at a time."""

    def __init__(
        self, storage: Storage, settings: Settings, tree: Tree, jobs: int, advance: Callable[[int], None]
    ) -> None:
        """Use `jobs` processes, and call `advance` with the bytes of each WARC file that is done."""
        self.totals = Totals()
        self._storage = storage
        self._settings = settings
        self._tree = tree
        self._jobs = jobs
        self._advance = advance
        self._numbering = Numbering()
        self._processes: ProcessPoolExecutor | None = None
        self._work: dict[Segment, Future[Extracted]] = {}

    def run(self, outlets: Mapping[str, list[Segment]]) -> None:
        """Re-extract the segments of outlets. Raises StorageError, OSError."""
        try:
            for outlet, segments in outlets.items():
                self._numbering.forget()
                self._tree.begin(outlet)
                self._run(deque(overlapping(segments)))
        finally:
            self._close()
            self._numbering.close()

    def _run(self, groups: deque[list[Segment]]) -> None:
        """Make what is not there, and all that follows it: the numbers of versions depend on earlier segments."""
        kept: list[Segment] = []
        is_made = False
        while groups:
            self._read_ahead(groups)
            group = groups.popleft()
            found = self._results(group)
            missing = [segment for segment in found if not self._tree.has(segment)]
            if missing and not is_made:
                self._go_on_after(kept)
                for segment in chain(*groups):
                    self._tree.remove(segment)
                is_made = True
            if missing:
                self._write(found)
            else:
                kept += [segment for segment in group if self._tree.has(segment)]
            for segment in group:
                self._place(segment).unlink(missing_ok=True)
                self._advance(segment.bytes)
        self.totals.there += len(kept)

    def _read_ahead(self, groups: deque[list[Segment]]) -> None:
        """Let processes read the next groups, but not those that are there."""
        for group in islice(groups, AHEAD * self._jobs):
            if not all(map(self._tree.has, group)):
                self._work |= {segment: self._submit(segment) for segment in group if segment not in self._work}

    def _results(self, group: list[Segment]) -> dict[Segment, Extracted]:
        """Return what the segments of a group gave, but those with a problem; empty for a group that is there."""
        results = {segment: self._result(segment) for segment in group if segment in self._work}
        problems = dict.fromkeys(one.problem for one in results.values() if one.problem)
        self.totals.problems += [problem for problem in problems if problem not in self.totals.problems]
        self.totals.has_failed |= any(one.is_ours for one in results.values())
        return {segment: one for segment, one in results.items() if not one.problem}

    def _go_on_after(self, segments: list[Segment]) -> None:
        """Go on numbering after the rows of segments that are there."""
        for row in chain.from_iterable(map(self._tree.rows, segments)):
            self._numbering.know(row["id"], row["version"], row["text_digest"])

    def _write(self, results: Mapping[Segment, Extracted]) -> None:
        self._numbering.number({segment.stem: self._captures(segment) for segment in results})
        for segment, found in results.items():
            rows = (row for *_, row in self._lines(segment))
            self.totals.rows += self._tree.put(segment, found, self._numbering.numbered(segment.stem, rows))
            self.totals.segments += 1
            self.totals.pages += found.pages
            self.totals.rejected.update(found.rejected)

    def _captures(self, segment: Segment) -> Iterator[list[str]]:
        return (capture for *capture, _ in self._lines(segment))

    def _lines(self, segment: Segment) -> Iterator[list[str]]:
        """Yield ID, time, text digest and row of each capture that gave an article."""
        with self._place(segment).open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield line.rstrip("\n").split("\t", 3)

    def _place(self, segment: Segment) -> Path:
        return self._tree.folder / f"{segment.stem}.jsonl"

    def _result(self, segment: Segment) -> Extracted:
        """Return what a segment gave; if a process was killed, it is read again alone, its pages in another process."""
        if not isinstance(self._work[segment].exception(), BrokenProcessPool):
            return self._work.pop(segment).result()
        self._close()
        del self._work[segment]
        try:
            found = self._submit(segment, is_careful=True).result()
        except BrokenProcessPool:
            self._close()
            found = Extracted(problem=f"{segment.warc}: its extraction ended the process twice", is_ours=True)
        for one, work in self._work.items():
            if isinstance(work.exception(), BrokenProcessPool):
                self._work[one] = self._submit(one)
        return found

    def _submit(self, segment: Segment, is_careful: bool = False) -> Future[Extracted]:
        if self._processes is None:
            # Never fork: this process has threads.
            context = fork_server("crawler.tools.reextraction.pages")
            self._processes = ProcessPoolExecutor(self._jobs, context, begin, (self._storage.url, self._settings))
        try:
            with starting():
                return self._processes.submit(extract_segment, segment, self._place(segment), is_careful)
        except BrokenProcessPool as error:  # by a segment whose turn has not come: `_result` begins anew
            broken: Future[Extracted] = Future()
            broken.set_exception(error)
            return broken

    def _close(self) -> None:
        if self._processes is not None:
            kill_children()
            self._processes.shutdown()
            self._processes = None
