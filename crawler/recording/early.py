"""WARC files go up as they are finished, beside the crawl: at its end little is left, and small disks don't fill."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path

from crawler.archive_identity import claim
from crawler.background import in_background
from crawler.push import leave
from crawler.recording.files import FinishedFile
from crawler.state import State
from crawler.storage import Storage, StoreUnreachable

logger = logging.getLogger(__name__)

# How long a store that gives no answer is left alone.
AGAIN_SECONDS = 30.0


class Ended(Exception):
    """The crawl has ended: what is on its way goes on with the run's other files."""


class EarlyPush:
    """Brings a run's WARC files up, one after the other, and takes them out of the spool.

    State knows whose they are: when the run dies they are fetched back. That they are archived it is told with the
    run's other files. `on_failure` is called, in a thread of ours, with what can't be waited for.
    """

    def __init__(
        self,
        spool: Path,
        storage: Storage,
        state: State,
        keep_days: int,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._spool = spool
        self._storage = storage
        self._state = state
        self._keep_days = keep_days
        self._on_failure = on_failure
        self._has_ended = threading.Event()
        self._files: queue.SimpleQueue[FinishedFile | None] = queue.SimpleQueue()
        self._work = in_background("khobor-push", self._run)
        self._work.add_done_callback(self._judge)

    def add(self, file: FinishedFile) -> None:
        """Have a finished file brought up when its turn comes."""
        self._files.put(file)

    def end(self) -> None:
        """Send no more than is on its way."""
        self._has_ended.set()
        self._files.put(None)

    def close(self, seconds: float | None = None) -> None:
        """Wait until nothing is on its way, no longer than so many seconds."""
        self.end()
        wait([self._work], seconds)

    def _run(self) -> None:
        while (file := self._files.get()) is not None:
            while not self._is_brought_up(file):
                self._has_ended.wait(AGAIN_SECONDS)

    def _is_brought_up(self, file: FinishedFile) -> bool:
        """Bring a file up; return False when the store gives no answer. Raises Ended, StorageError, OSError."""
        path = self._spool / file.file
        try:
            self._go_on()
            claim(self._storage, self._state)
            self._storage.put(path, file.file, self._go_on, file.sha256)
        except StoreUnreachable as error:
            logger.info("%s waits in the spool: %s", file.file, error)
            return False
        # Whose file it is must outlive a power cut before it is here no more.
        self._state.sync()
        leave(self._spool, path, self._keep_days)
        return True

    def _go_on(self, count: int = 0) -> None:
        if self._has_ended.is_set():
            raise Ended

    def _judge(self, work: Future[None]) -> None:
        error = work.exception()
        # What is wrong after the end is met again when all goes up; another process may have brought it up meanwhile.
        if error is not None and not self._has_ended.is_set():
            self._on_failure(error)
