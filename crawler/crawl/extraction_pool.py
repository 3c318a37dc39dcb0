"""Extraction in processes of its own, so that the reactor never waits and no page can take the crawl down."""

from __future__ import annotations

import atexit
import gc
import importlib
import logging
import os
import pickle
import resource
import signal
import threading
import traceback
from collections import deque
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from crawler.extraction import NotAnArticle, extract
from crawler.model.article import Article
from crawler.model.failures import BREAKING
from crawler.model.listing import Page
from crawler.outlets.outlet import own_exit
from crawler.system.processes import end_with_parent, fork_server
from crawler.system.terminal import Interrupted

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

    from crawler.outlets.outlet import Outlet

logger = logging.getLogger(__name__)

SECONDS_PER_PAGE = 20
# Processes are replaced after this many pages each, or when they have grown, against leaks.
PAGES_PER_PROCESS, MOST_KILOBYTES = 500, 400 << 10
# Pages that a process has: the one that it extracts, and the next, for which it need not wait.
AHEAD = 2
# A page that waits longer behind another one goes to a process that is idle.
SLOW_SECONDS = 0.5
_PRELOADED = "crawler.extraction.extractor"
# A thread that starts a process polls all others: two threads would read one exit code, and one gets 255.
_polling = threading.Lock()


@dataclass(slots=True, eq=False)
class _Job:
    """A page to extract, its `message` for a process, and the number of processes that it has ended."""

    page: Page
    outlet: type[Outlet]
    work: Future[Article] = field(default_factory=Future)
    message: bytes = b""
    deaths: int = 0


class ExtractionPool:
    """Processes that extract pages; a page that reaches the time limit is refused as `timeout`.

    When a process dies, its page is tried again. A page that kills its process twice is refused as `crash`. If no
    process can be started, futures raise BrokenProcessPool.
    """

    def __init__(
        self, processes: int, keep: frozenset[str] = frozenset(), seconds_per_page: float = SECONDS_PER_PAGE
    ) -> None:
        """Make a pool of processes, started when they are needed; `keep` is that of `extract`."""
        self.keep, self.seconds = keep, seconds_per_page
        self.jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._most = processes
        self._feeders: list[_Feeder] = []
        self._open = 0
        self._lock = threading.Lock()
        self._is_closed = False

    def submit(self, page: Page, outlet: type[Outlet]) -> Future[Article]:
        """Return the future of a page's article; it raises NotAnArticle. `close` cancels those that wait."""
        job = _Job(replace(page, capture=None, wanted=None), outlet)
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the pool is closed")
            self._open += 1
            if self._open > len(self._feeders) < self._most:
                self._feeders.append(_Feeder(self))
            job.work.add_done_callback(self._count_down)
            self.jobs.put(job)
        return job.work

    def close(self) -> None:
        """Cancel the pages that no process has, and wait for the others."""
        with self._lock:
            self._is_closed = True
        with suppress(Empty):
            while True:
                job = self.jobs.get_nowait()
                # One that was handed on can't be cancelled: it runs.
                if job and not job.work.cancel():
                    job.work.set_exception(CancelledError())
        for _ in self._feeders:
            self.jobs.put(None)
        for feeder in self._feeders:
            feeder.join()

    @property
    def has_idle(self) -> bool:
        """Whether a process waits for a page."""
        return any(feeder.is_idle for feeder in self._feeders)

    def hand_on(self, job: _Job) -> bool:
        """Give a page to a process that is idle; return whether there is one."""
        with self._lock:
            if is_taken := self.has_idle and not self._is_closed:
                self.jobs.put(job)
            return is_taken

    def _count_down(self, work: Future[Article]) -> None:
        with self._lock:
            self._open -= 1


class _Feeder(threading.Thread):
    """Feeds one process, which extracts its pages in their order, and replaces it."""

    def __init__(self, pool: ExtractionPool) -> None:
        super().__init__(name="extraction", daemon=True)
        self.is_idle = True
        self._pool = pool
        self._sent: deque[_Job] = deque()
        self._process: ForkServerProcess | None = None
        self._pipe: Connection[Any, Any] | None = None
        self._taken = 0
        self._is_worn = self._is_ending = False
        # Whether the process has a page that another one extracts too.
        self._has_foreign = False
        self.start()

    def run(self) -> None:
        while not (self._is_ending and not self._sent):
            try:
                self._fill()
                if self._sent:
                    self._receive()
                elif self._is_worn:
                    self._end_process()
            except Exception as error:  # noqa: BLE001 (such as that no process can be started)
                self._fail(error)
        self._end_process()

    def _fill(self) -> None:
        """Send pages until the process has enough; wait for one if it has none."""
        while not (self._is_worn or self._is_ending):
            # A page that waits here would be extracted at once by an idle process.
            if self._sent and (len(self._sent) >= AHEAD or self._pool.has_idle):
                return
            self.is_idle = not self._sent
            try:
                job = self._pool.jobs.get(block=self.is_idle)
            except Empty:
                return
            finally:
                self.is_idle = False
            if job is None:
                self._is_ending = True
            elif job.message or job.work.set_running_or_notify_cancel():
                self._send(job)

    def _send(self, job: _Job) -> None:
        try:
            job.message = pickle.dumps((job.page, job.outlet))
        except Exception as error:  # noqa: BLE001 (whatever an outlet does wrong: that of this page)
            job.work.set_exception(error)
            return
        self._sent.append(job)
        self._transmit(job)

    def _transmit(self, job: _Job) -> None:
        if self._pipe is None:
            self._begin_process()
        assert self._pipe is not None
        self._taken += 1
        self._is_worn = self._is_worn or self._taken >= PAGES_PER_PROCESS
        # A process that has died is noticed when its answer is awaited.
        with suppress(OSError):
            self._pipe.send_bytes(job.message)

    def _receive(self) -> None:
        """Wait for the answer on the first page."""
        assert self._pipe is not None
        try:
            while len(self._sent) > 1 and not self._pipe.poll(SLOW_SECONDS):
                self._hand_on()
            answer = self._pipe.recv_bytes()
        except (EOFError, OSError):
            self._bury()
            return
        article, error, trace, has_grown = pickle.loads(answer)
        job = self._sent.popleft()
        if self._has_foreign:
            assert self._process is not None
            self._process.kill()
        self._is_worn = self._is_worn or has_grown
        if error is not None:
            error.__cause__ = _InProcess(trace) if trace else None
            job.work.set_exception(error)
        else:
            job.work.set_result(article)

    def _hand_on(self) -> None:
        """Let an idle process extract the last page; this one, which has it too, ends after the page before."""
        if self._pool.hand_on(self._sent[-1]):
            self._sent.pop()
            self._is_worn = self._has_foreign = True

    def _bury(self) -> None:
        """Go on in another process after one has died on its first page; the next one has done nothing."""
        is_alarm = self._end_process() == -signal.SIGALRM
        if not threading.main_thread().is_alive():
            # Python ends, and has ended the process.
            self._sent.clear()
            self._is_ending = True
            return
        job = self._sent[0]
        job.deaths += 1
        if is_alarm:
            logger.error("extraction of this page takes too long: %s", job.page.url)
            sentence = f"the page took more than {self._pool.seconds:g} seconds"
            self._sent.popleft().work.set_exception(NotAnArticle("timeout", sentence))
        elif job.deaths > 1:
            logger.error("extraction of this page kills its process: %s", job.page.url)
            refusal = NotAnArticle("crash", "its extraction ended the process twice")
            self._sent.popleft().work.set_exception(refusal)
        else:
            logger.warning("an extraction process died; trying again: %s", job.page.url)
        for one in self._sent:
            self._transmit(one)

    def _fail(self, error: Exception) -> None:
        """Let the pages of a process fail that can't be used."""
        failed, self._sent = [*self._sent], deque()
        self._end_process()
        for job in failed:
            job.work.set_exception(BrokenProcessPool(f"extraction processes can't be used: {error!r}"))

    def _begin_process(self) -> None:
        # Never fork: the reactor's process has threads. The server from which processes fork has the extractor.
        context = fork_server(_PRELOADED)
        ours, theirs = context.Pipe()
        target = (theirs, self._pool.keep, self._pool.seconds)
        process = context.Process(target=_serve, args=target, name="extraction", daemon=True)
        try:
            with _polling:
                process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        # Python, when it ends, would wait for a process that receives no SIGTERM.
        atexit.register(process.kill)
        self._pipe, self._process = ours, process
        self._taken, self._is_worn, self._has_foreign = 0, False, False

    def _end_process(self) -> int | None:
        """End the process once it is done, and return its exit code, if there is a process."""
        pipe, process = self._pipe, self._process
        self._pipe = self._process = None
        self._is_worn = False
        if pipe is None or process is None:
            return None
        pipe.close()
        wait([process.sentinel])
        with _polling:
            process.join()
            atexit.unregister(process.kill)
            code = process.exitcode
            process.close()
        return code


class _InProcess(Exception):
    """The traceback of an error, as text from the process where it was raised."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def _serve(pipe: Connection[Any, Any], keep: frozenset[str], seconds: float) -> None:
    """Extract the pages that come until the pipe is closed; ignore Ctrl-C, which the parent answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    os.nice(5)  # the process of the crawl goes first: it keeps these busy
    load_extractor()
    waiting: SimpleQueue[bytes | None] = SimpleQueue()
    # The parent's next page is taken off its hands while a page is extracted.
    threading.Thread(target=_take, args=(pipe, waiting), daemon=True).start()
    while (message := waiting.get()) is not None:
        answer = _answer(message, keep, seconds)
        with suppress(OSError):  # the parent has gone
            pipe.send_bytes(answer)


def _take(pipe: Connection[Any, Any], waiting: SimpleQueue[bytes | None]) -> None:
    with suppress(EOFError, OSError):
        while True:
            waiting.put(pipe.recv_bytes())
    waiting.put(None)


def _answer(message: bytes, keep: frozenset[str], seconds: float) -> bytes:
    """Return the article of a page, or its error and traceback, and whether the process has grown, as one pickle."""
    article, failure, trace = None, None, ""
    try:
        page, outlet = pickle.loads(message)
        article = extract_in_time(page, outlet, keep, seconds)
    except Exception as error:  # noqa: BLE001 (the future has it)
        failure, trace = error, "" if isinstance(error, NotAnArticle) else traceback.format_exc()
    has_grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > MOST_KILOBYTES
    try:
        answer = pickle.dumps((article, failure, trace, has_grown))
        pickle.loads(answer)  # it may not come back from its pickle
    except Exception:  # noqa: BLE001 (whatever an outlet's article or error does)
        answer = pickle.dumps(
            (None, RuntimeError("the answer can't be sent"), trace or traceback.format_exc(), has_grown)
        )
    return answer


def load_extractor() -> None:
    """Load the extractor and keep Python's collector off it, which took 7 % of the time."""
    importlib.import_module(_PRELOADED)
    gc.freeze()
    # With Python's own 700, a page's elements are looked at several times while they are read.
    gc.set_threshold(10_000)


def extract_in_time(
    page: Page, outlet: type[Outlet], keep: frozenset[str], seconds: float = SECONDS_PER_PAGE
) -> Article:
    """Extract a page in this process; the alarm's default is to end the process, whatever C code it is in."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return extract(page, outlet, keep)
    except BaseException as error:
        # Extraction itself uses no file, process or state, and no future takes a StopIteration.
        if isinstance(error, (*BREAKING, StopIteration)) or not isinstance(error, (Exception, Interrupted)):
            raise own_exit(error) from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
