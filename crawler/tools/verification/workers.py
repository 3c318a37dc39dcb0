"""Processes that check segments at the same time; what they find arrives in any order."""

from __future__ import annotations

import signal
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from crawler.archive.storage.base import Storage, StorageError
from crawler.system.processes import end_with_parent, fork_server
from crawler.tools.verification.database import LINES, ScratchDatabase
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.findings import Facts
from crawler.tools.verification.segments import PlannedSegment, SegmentCheck

# Facts that are sent together; memory holds one batch of each process.
BATCH = 1000


class SegmentWorkers:
    """Checks segments in processes that open the archive by themselves; `progress` receives the bytes just read."""

    def __init__(
        self,
        processes: int,
        open_storage: Callable[[], Storage],
        spool: Path,
        facts: Facts,
        progress: Callable[[int], None],
    ) -> None:
        self._facts = facts
        self._progress = progress
        self._processes: list[BaseProcess] = []
        self._idle: list[Connection] = []
        self._busy: list[Connection] = []
        # Never fork: this process has threads.
        context = fork_server()
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, open_storage, spool), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
            self._idle.append(ours)

    def submit(self, segment: PlannedSegment) -> None:
        """Give a segment to an idle process. Raises StorageError, OSError from any process."""
        while not self._idle:
            self._receive()
        connection = self._idle.pop()
        connection.send(segment)
        self._busy.append(connection)

    def finish(self) -> None:
        """Wait for all segments. Raises StorageError, OSError from any process."""
        while self._busy:
            self._receive()

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()
        for connection in (*self._idle, *self._busy):
            connection.close()

    def _receive(self) -> None:
        for connection in wait(self._busy):
            assert isinstance(connection, Connection)
            try:
                message = connection.recv()
            except EOFError as error:
                raise ChildProcessError("a process of the verification was killed") from error
            if isinstance(message, Exception):
                raise message
            if message is None:
                self._busy.remove(connection)
                self._idle.append(connection)
                continue
            facts, count = message
            for table, values in facts:
                self._facts.add(table, *values)
            self._progress(count)


class _SentFacts:
    """Sends facts and progress in batches."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._facts: list[tuple[str, tuple[Any, ...]]] = []
        self._bytes = 0

    def add(self, table: str, *values: Any) -> None:
        self._facts.append((table, values))
        if len(self._facts) >= BATCH:
            self.send()

    def advance(self, count: int) -> None:
        self._bytes += count

    def send(self) -> None:
        self._connection.send((self._facts, self._bytes))
        self._facts, self._bytes = [], 0


def _work(connection: Connection, open_storage: Callable[[], Storage], spool: Path) -> None:
    """Check segments until the parent closes the connection; it answers Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    facts = _SentFacts(connection)
    try:
        files = ArchiveFiles(open_storage(), spool, ScratchDatabase(LINES))
        check = SegmentCheck(files, facts, facts.advance)
        while True:
            segment: PlannedSegment = connection.recv()
            for file, (place, size) in segment.places.items():
                files.add(file, size, place)
            check.check(segment)
            files.database.run("DELETE FROM files")
            facts.send()
            connection.send(None)
    except EOFError:
        return
    except (OSError, StorageError) as error:
        connection.send(error)
