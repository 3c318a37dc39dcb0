"""Processes that check segments at the same time, each with a database of its own in a temporary directory."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.archive.storage.base import Storage
from crawler.system.processes import end_with_parent, fork_server
from crawler.tools.verification.facts import Facts
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.segments import PlannedSegment, SegmentCheck

Place = tuple[Callable[[], Storage], Path]


def check_in_processes(
    processes: int, place: Place, segments: Iterable[PlannedSegment], facts: Facts, progress: Callable[[int], None]
) -> None:
    """Check segments in processes that open store and spool by themselves. Raises StorageError, OSError from any."""
    with TemporaryDirectory(prefix="khobor-verify-") as folder:
        # Never fork: this process has threads.
        with ProcessPoolExecutor(processes, fork_server(), _begin, (*place, Path(folder))) as pool:
            try:
                _check(pool, processes, segments, progress)
            except BrokenProcessPool as error:
                raise ChildProcessError("a process of the verification was killed") from error
            except BaseException:
                for process in active_children():
                    process.terminate()
                raise
        for path in Path(folder).iterdir():
            facts.add_segments(path)


def _check(
    pool: ProcessPoolExecutor, processes: int, segments: Iterable[PlannedSegment], progress: Callable[[int], None]
) -> None:
    waiting: set[Future[int]] = set()

    def settle(most: int) -> None:
        nonlocal waiting
        while len(waiting) > most:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                progress(future.result())

    for segment in segments:
        waiting.add(pool.submit(_check_segment, segment))
        # One more, so that no process waits; more would fill memory.
        settle(processes)
    settle(0)


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
    return segment.bytes
