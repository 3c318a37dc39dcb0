"""WARC files go up as they are finished, beside the crawl: at its end little is left, and small disks don't fill.

How a run's files go up: WARC files as they are finished, beside the crawl; all that waits, at its end."""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path

from crawler.archive.manifests import FinishedFile
from crawler.archive.storage.base import Storage, StoreUnreachable
from crawler.archive.storage.directory import DirectoryStorage
from crawler.recording.archive_identity import claim
from crawler.recording.files import RunFiles
from crawler.recording.push import Push, leave
from crawler.state import State
from crawler.system.locks import Locked
from crawler.system.processes import in_background

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


# Of the time in which a crawl ends that was told to stop (crawler.jobs.crew.ENDING).
STEP_SECONDS, STOP_SECONDS = 0.5, 13.0


class RunPush:
    """The way of a run's files into the archive; into a directory of this machine they all go at the end.

    `on_failure` is called, in a thread of ours, with what ends the crawl. Raises StorageError.
    """

    def __init__(
        self,
        push: Push,
        state: State,
        files: RunFiles,
        is_stopping: Callable[[], bool],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._push = push
        self._is_stopping = is_stopping
        self._outlet = files.outlet
        self._early = self._begin_early(state, files, on_failure)

    def _begin_early(
        self, state: State, files: RunFiles, on_failure: Callable[[BaseException], None]
    ) -> EarlyPush | None:
        if isinstance(self._push.storage, DirectoryStorage):
            return None
        early = EarlyPush(files.spool, self._push.storage, state, self._push.keep_days, on_failure)
        files.on_finished = early.add
        return early

    def end_early(self) -> None:
        """Send no more beside the crawl than is on its way."""
        if self._early is not None:
            self._early.end()

    def finish(self) -> None:
        """Bring everything up; once the crawl was told to stop, only for a while: a store may let us wait for ever.

        Raises StorageError, OSError, SQLAlchemyError.
        """
        work, end = in_background("khobor-push", self._bring_up), math.inf
        while not wait([work], STEP_SECONDS).done:
            if self._is_stopping():
                end = min(end, time.monotonic() + STOP_SECONDS)
            if time.monotonic() > end:
                logger.warning("told to stop: what has not gone up waits in the spool")
                return
        try:
            work.result()
        except StoreUnreachable as error:
            logger.warning("the store is unreachable, finished files wait in the spool: %s", error)
        except Locked as error:
            logger.warning("finished files wait in the spool: %s", error)

    def _bring_up(self) -> None:
        if self._early is not None:
            self._early.close()
        self._push.bring_up(self._outlet)
