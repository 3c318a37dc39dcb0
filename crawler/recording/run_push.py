"""Uploads of a run's files: WARC files during the crawl, the rest at its end."""

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

# Pause after an unreachable store.
AGAIN_SECONDS = 30.0

# A part of the time in which a stopped crawl must end (crawler.jobs.crew.ENDING).
STEP_SECONDS, STOP_SECONDS = 0.5, 13.0


class Ended(Exception):
    """The crawl has ended: the upload goes on with its other files."""


class EarlyPush:
    """Uploads a run's WARC files one by one, and removes them from the spool.

    State knows their run: if it dies, its files are fetched back. They count as archived once the run's other files
    are. `on_failure` is called in another thread with errors that waiting does not mend.
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
        self._files.put(file)

    def end(self) -> None:
        """Finish the current upload only."""
        self._has_ended.set()
        self._files.put(None)

    def close(self, seconds: float | None = None) -> None:
        """Wait for the current upload, at most `seconds`."""
        self.end()
        wait([self._work], seconds)

    def _run(self) -> None:
        while (file := self._files.get()) is not None:
            while not self._is_brought_up(file):
                self._has_ended.wait(AGAIN_SECONDS)

    def _is_brought_up(self, file: FinishedFile) -> bool:
        """Upload a file; return False if the store is unreachable. Raises Ended, StorageError, OSError."""
        path = self._spool / file.file
        try:
            if self._has_ended.is_set():
                raise Ended
            claim(self._storage, self._state)
            self._storage.put(path, file.file, sha256=file.sha256)
        except StoreUnreachable as error:
            logger.info("%s waits in the spool: %s", file.file, error)
            return False
        # State must name the run of the file durably before the file leaves the spool.
        self._state.sync()
        leave(self._spool, path, self._keep_days)
        return True

    def _judge(self, work: Future[None]) -> None:
        error = work.exception()
        # The push at the end reports later errors; another process may have uploaded the file meanwhile.
        if error is not None and not self._has_ended.is_set():
            self._on_failure(error)


class RunPush:
    """Uploads a run's files, to a directory only at the end; `on_failure` is called in another thread."""

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
        self._early: EarlyPush | None = None
        if not isinstance(push.storage, DirectoryStorage):
            self._early = EarlyPush(files.spool, push.storage, state, push.keep_days, on_failure)
            files.on_finished = self._early.add

    def end_early(self) -> None:
        if self._early is not None:
            self._early.end()

    def finish(self) -> None:
        """Upload all, a stopped crawl for STOP_SECONDS at most. Raises StorageError, OSError, SQLAlchemyError."""
        work, end = in_background("khobor-push", self._bring_up), math.inf
        while not wait([work], STEP_SECONDS).done:
            if self._is_stopping():
                end = min(end, time.monotonic() + STOP_SECONDS)
            if time.monotonic() > end:
                logger.warning("the run was stopped; files that are not uploaded wait in the spool")
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
