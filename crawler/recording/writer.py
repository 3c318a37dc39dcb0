"""The writer thread: it turns exchanges and verdicts into durable records, index lines, rows and state entries."""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import TypeVar

from crawler.model.capture import Capture
from crawler.model.listing import Verdict
from crawler.recording.commits import Commits
from crawler.recording.exchange import MEMORY_BYTES, Exchange
from crawler.recording.segments import Segment, Segments
from crawler.state import State
from crawler.system import clock

COMMIT_SECONDS = 0.2
COMMIT_BYTES = 8 << 20
IDLE_SECONDS = 1.0
ROOM_BYTES = 64 << 20
ROOM_JOBS = 2000
# The longest wait for the reactor to finish what it does.
HOLD_SECONDS = 0.05

T = TypeVar("T")


# A function is called after the commit of all earlier jobs.
Job = Exchange | Verdict | Callable[[], object]
Call = Callable[[Callable[[], None]], object]


class WriterFailed(Exception):
    """The writer thread has stopped on an error: it acknowledges nothing more."""


class Hold:
    """Keeps the reactor's thread waiting while the writer's encodes exchanges, a few milliseconds for dozens of them.

    Two threads that compete for the interpreter pass it to each other several times for each exchange, which takes the
    processor longer than the encoding.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._end: threading.Event | None = None

    def begin(self) -> None:
        if self._end is None:
            held, self._end = threading.Event(), threading.Event()
            self._call(partial(self._wait, held, self._end))
            held.wait(HOLD_SECONDS)

    def end(self) -> None:
        if self._end is not None:
            self._end.set()
            self._end = None

    def _wait(self, held: threading.Event, end: threading.Event) -> None:
        held.set()
        end.wait()


class Writer:
    """Takes jobs from the reactor's thread in order.

    `call(function)` calls a function in that thread, soon; `on_failure` is called in the writer's own with its error.
    """

    def __init__(
        self, segments: Segments, state: State, scope: str, call: Call, on_failure: Callable[[BaseException], None]
    ) -> None:
        self.segments = segments
        self.exchanges = 0
        self.commits = Commits(segments, state, scope)
        self._hold = Hold(call)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._submitted = 0
        self._done = 0
        self._taken: Exchange | None = None
        self._written: list[tuple[Exchange, Capture]] = []
        self._verdicts: list[Verdict] = []
        self._is_abandoned = False
        self._uncommitted = 0
        self._urgent = threading.Event()
        self._executor = ThreadPoolExecutor(1, "khobor-writer")
        # A thread pool of one, because its future keeps errors.
        self._work: Future[list[Segment]] = self._executor.submit(self._run)
        self._work.add_done_callback(lambda work: on_failure(error) if (error := work.exception()) else None)

    def submit(self, job: Job) -> None:
        """Hand over a job, whose error stops the writer. Raises WriterFailed if the writer has stopped."""
        if self._work.done():
            _discard(job)
            raise WriterFailed(str(self._work.exception() or "the writer has finished"))
        self._submitted += _weight(job)
        self._jobs.put(job)
        if self._submitted - self._done >= COMMIT_BYTES:
            self._urgent.set()

    @property
    def full(self) -> bool:
        waiting = self._submitted - self._done
        return not self._work.done() and (waiting > ROOM_BYTES or self._jobs.qsize() > ROOM_JOBS)

    @property
    def failure(self) -> BaseException | None:
        return self._work.exception() if self._work.done() else None

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Call a function in the writer's thread once all earlier jobs are committed; return the future of its result.

        The future is cancelled if the writer ends before.
        """
        result: Future[T] = Future()
        self._jobs.put(partial(_fulfil, result, function))
        self._urgent.set()
        self._work.add_done_callback(lambda _: result.cancel())
        return result

    def flush(self) -> Future[None]:
        """Return a future that resolves once all earlier jobs are committed, or is cancelled."""
        return self.call(lambda: None)

    def finish(self, is_abandoned: bool = False) -> list[Segment]:
        """Commit the rest and finish all segments, or leave them to recovery. Raises the writer's error.

        Returns the segments that the next run continues.
        """
        self._is_abandoned = is_abandoned
        self._jobs.put(None)
        self._urgent.set()
        try:
            return self._work.result()
        finally:
            self._executor.shutdown()
            self._abandon()

    def _run(self) -> list[Segment]:
        try:
            return self._work_off()
        finally:
            self._hold.end()

    def _work_off(self) -> list[Segment]:
        while True:
            first = self._first()
            # A thread that wakes for each job competes with the reactor for the interpreter, so jobs gather.
            self._urgent.wait(COMMIT_SECONDS)
            self._urgent.clear()
            for job in chain([first], self._others()):
                if job is None:
                    self._commit()
                    if not self._is_abandoned:
                        return self.segments.finish_all()
                    self.segments.abandon()
                    return []
                self._take(job)
                if self._uncommitted >= COMMIT_BYTES:
                    self._commit()
            self._commit()

    def _first(self) -> Job | None:
        """Wait for a job; meanwhile close a segment that is due."""
        while True:
            try:
                return self._jobs.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                self.segments.roll(self.segments.due(clock.now()))

    def _others(self) -> Iterator[Job | None]:
        with suppress(queue.Empty):
            while True:
                yield self._jobs.get_nowait()

    def _take(self, job: Job) -> None:
        if isinstance(job, Exchange):
            self._record(job)
        elif isinstance(job, Verdict):
            self._verdicts.append(job)
        else:
            self._commit()
            job()
        self._done += _weight(job)
        self._uncommitted += _weight(job)

    def _record(self, exchange: Exchange) -> None:
        if due := self.segments.due(exchange.started):
            self._commit()
            self.segments.roll(due)
        if exchange.received > MEMORY_BYTES:
            self._hold.end()
        self._taken = exchange
        self._written.append((exchange, self.segments.write(exchange)))
        self._taken = None
        self.exchanges += 1
        # Not before the first exchange: its file may have to be made, durably.
        if not self._jobs.empty():
            self._hold.begin()

    def _commit(self) -> None:
        self._hold.end()
        self.segments.sync(capture for _, capture in self._written)
        for exchange, capture in self._written:
            exchange.capture.set_result(capture)
        originals = [capture.original for _, capture in self._written if capture.original and capture.is_original]
        self.commits.commit(self._verdicts, {capture.file for _, capture in self._written}, originals)
        self._written, self._verdicts = [], []
        self._uncommitted = 0

    def _abandon(self) -> None:
        for exchange in (self._taken, *(exchange for exchange, _ in self._written)):
            if exchange is not None:
                exchange.capture.cancel()
        while not self._jobs.empty():
            _discard(self._jobs.get())


def _weight(job: Job) -> int:
    if isinstance(job, Exchange):
        return job.size
    return len(job.page.body) if isinstance(job, Verdict) else 0


def _fulfil(result: Future[T], function: Callable[[], T]) -> None:
    if result.set_running_or_notify_cancel():
        try:
            result.set_result(function())
        except BaseException as error:  # noqa: BLE001 (the caller of `call` gets it)
            result.set_exception(error)


def _discard(job: Job | None) -> None:
    if isinstance(job, Exchange):
        job.capture.cancel()
        job.close()
