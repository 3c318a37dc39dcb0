"""The upload beside a crawl: each segment goes to the archive once it is finished."""

import logging
import math
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future, wait
from dataclasses import dataclass, field

from crawler.archive.storage.base import StorageError, StoreUnreachable
from crawler.recording.push import Push
from crawler.system.locks import Locked
from crawler.system.processes import in_background

logger = logging.getLogger(__name__)

# Pause after an unreachable store.
AGAIN_SECONDS = 30.0

# A part of the time in which a stopped crawl must end (crawler.jobs.crew.ENDING).
STEP_SECONDS, STOP_SECONDS = 0.5, 13.0


@dataclass(eq=False)
class Upload:
    """Uploads the finished segments of a crawl's outlets, a set that grows, whenever `begin` is called.

    `on_failure` is called in another thread with errors that waiting does not mend.
    """

    push: Push
    outlets: Collection[str]
    is_stopping: Callable[[], bool]
    on_failure: Callable[[BaseException], None]
    _failure: StorageError | None = None
    _has_work: threading.Event = field(default_factory=threading.Event)
    _has_ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._work = in_background("khobor-push", self._run)
        self._work.add_done_callback(self._judge)

    def begin(self, _finished: object = None) -> None:
        """Upload what is finished, soon."""
        self._has_work.set()

    def finish(self) -> None:
        """Upload all, a stopped crawl for STOP_SECONDS at most. Raises StorageError, OSError, SQLAlchemyError."""
        self._has_ended.set()
        self._has_work.set()
        self._wait()
        if self._failure is not None:
            raise self._failure

    def _wait(self) -> None:
        end = math.inf
        while not wait([self._work], STEP_SECONDS).done:
            if self.is_stopping():
                end = min(end, time.monotonic() + STOP_SECONDS)
            if time.monotonic() > end:
                logger.warning("the run was stopped; files that are not uploaded wait in the spool")
                return
        try:
            self._work.result()
        except StoreUnreachable as error:
            logger.warning("the store is unreachable, finished files wait in the spool: %s", error)
        except Locked as error:
            logger.warning("finished files wait in the spool: %s", error)

    def _bring_up(self) -> None:
        """Upload what each outlet has finished, whatever becomes of another's. Raises StoreUnreachable, Locked."""
        locked: Locked | None = None
        for outlet in sorted(self.outlets):
            try:
                self.push.bring_up(outlet)
            except StoreUnreachable:
                raise
            except Locked as error:
                locked = error
            except StorageError as error:
                self._failure = self._failure or error
                # `finish` raises later ones.
                if not self._has_ended.is_set():
                    self.on_failure(error)
        if locked is not None:
            raise locked

    def _run(self) -> None:
        while True:
            self._has_work.wait()
            self._has_work.clear()
            if self._has_ended.is_set():
                break
            try:
                self._bring_up()
            except (StoreUnreachable, Locked) as error:
                logger.info("finished files wait in the spool: %s", error)
                self._has_work.set()
                self._has_ended.wait(AGAIN_SECONDS)
        self._bring_up()

    def _judge(self, work: Future[None]) -> None:
        error = work.exception()
        # `finish` raises later errors.
        if error is not None and not self._has_ended.is_set():
            self.on_failure(error)
