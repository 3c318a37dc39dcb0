"""WARC files go up as they are finished, beside the crawl: at its end little is left to be sent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from crawler.recording.files import FinishedFile
from crawler.storage import Storage, StorageError, StoreUnreachable, digest_of

logger = logging.getLogger(__name__)


class Ended(Exception):
    """The crawl has ended: what is on its way goes on with the run's other files."""


class EarlyPush:
    """Brings a run's WARC files up, one after the other; every copy here stays until the run is closed.

    So recovery finds what it always finds when the run dies: files in the spool that no manifest names. State is told
    when they are put again with the others, which finds them there. `on_failure` is called, in a thread of ours, with
    what can't be waited for.
    """

    def __init__(self, spool: Path, storage: Storage, on_failure: Callable[[BaseException], None]) -> None:
        self.bytes = 0
        self._spool = spool
        self._storage = storage
        self._on_failure = on_failure
        self._is_ended = threading.Event()
        self._pool = ThreadPoolExecutor(1, "khobor-push")

    def add(self, file: FinishedFile) -> None:
        """Have a finished file brought up when its turn comes."""
        if not self._is_ended.is_set():
            self._pool.submit(self._bring_up, file).add_done_callback(self._judge)

    def end(self) -> None:
        """Send no more than is on its way."""
        self._is_ended.set()

    def close(self) -> None:
        """Wait until nothing is on its way."""
        self.end()
        self._pool.shutdown(cancel_futures=True)

    def _bring_up(self, file: FinishedFile) -> None:
        path = self._spool / file.file
        try:
            self._go_on()
            if digest_of(path) != file.sha256:
                raise StorageError(f"{path} is not what was written: the disk has changed it")
            self._storage.put(path, file.file, self._go_on)
        except StoreUnreachable as error:
            logger.info("%s waits in the spool: %s", file.file, error)
        else:
            self.bytes += file.bytes

    def _go_on(self, count: int = 0) -> None:
        if self._is_ended.is_set():
            raise Ended

    def _judge(self, work: Future[None]) -> None:
        error = None if work.cancelled() else work.exception()
        # What is wrong after the end is met again when all goes up; another process may have brought it up meanwhile.
        if error is not None and not self._is_ended.is_set():
            self._on_failure(error)
