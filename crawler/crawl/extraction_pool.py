"""Extraction in processes of its own, so that the reactor never waits and no page can take the crawl down."""

from __future__ import annotations

import ctypes
import gc
import importlib
import logging
import signal
import threading
import time
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crawler.extraction import NotAnArticle, extract
from crawler.model.article import Article
from crawler.model.listing import Page
from crawler.system.processes import end_with_parent, fork_server

if TYPE_CHECKING:
    from crawler.outlets.outlet import Outlet

logger = logging.getLogger(__name__)

SECONDS_PER_PAGE = 20
# Workers are replaced after this many pages each, against leaks. Not by max_tasks_per_child: the executor of
# Python 3.11 to 3.13 can hang with it (python/cpython#115634).
PAGES_PER_WORKER = 500
# If as many pages in a row end their process twice each, the cause is the processes.
MOST_CRASHES = 5
_PRELOADED = "crawler.extraction.extractor"


@dataclass(slots=True)
class _Job:
    page: Page
    outlet: type[Outlet]
    keep: frozenset[str]
    promise: Future[Article] = field(default_factory=Future)


@dataclass(slots=True)
class _Attempt:
    """The work on a page, and the moments at which pages were begun, which outlive their worker."""

    work: Future[Article]
    number: int
    begun: ctypes.Array[ctypes.c_double]


class _Workers:
    """Processes that are replaced when they have taken their share of pages or one of them died."""

    def __init__(self, processes: int, seconds: float) -> None:
        self._processes, self._seconds = processes, seconds
        self._executor: ProcessPoolExecutor | None = None
        self._taken = 0

    def submit(self, job: _Job) -> _Attempt:
        if self._executor is None or self._taken >= PAGES_PER_WORKER * self._processes:
            self.close(wait=False)
            self._executor = self._start()
        try:
            return self._attempt(self._executor, job)
        except BrokenProcessPool:
            self._executor = self._start()
            return self._attempt(self._executor, job)

    def close(self, wait: bool = True) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=wait, cancel_futures=wait)

    def _start(self) -> ProcessPoolExecutor:
        # Never fork: the reactor's process has threads. The server from which workers fork has loaded the extractor.
        context = fork_server(_PRELOADED)
        self._taken, self._begun = 0, context.RawArray("d", PAGES_PER_WORKER * self._processes)
        return ProcessPoolExecutor(self._processes, context, _begin, (self._begun,))

    def _attempt(self, executor: ProcessPoolExecutor, job: _Job) -> _Attempt:
        number, self._taken = self._taken, self._taken + 1
        work = executor.submit(_work, job.page, job.outlet, job.keep, number, self._seconds)
        return _Attempt(work, number, self._begun)


class ExtractionPool:
    """Worker processes that extract pages; a page that reaches the time limit is refused as `timeout`.

    When a worker dies, its pages are tried again one at a time in a process of their own. A page that kills this one
    too is refused as `crash`. After MOST_CRASHES such pages in a row, futures raise BrokenProcessPool.
    """

    def __init__(
        self, processes: int, keep: frozenset[str] = frozenset(), seconds_per_page: float = SECONDS_PER_PAGE
    ) -> None:
        """Make a pool of worker processes, which start with the first page; `keep` is that of `extract`."""
        self._keep, self._seconds = keep, seconds_per_page
        self._lock = threading.Lock()
        self._workers, self._trial_worker = _Workers(processes, seconds_per_page), _Workers(1, seconds_per_page)
        self._trials = ThreadPoolExecutor(1, "extraction-trial")
        self._closed, self._crashes = False, 0

    def submit(self, page: Page, outlet: type[Outlet]) -> Future[Article]:
        """Return the future of a page's article; it raises NotAnArticle, or CancelledError after `close`."""
        job = _Job(replace(page, capture=None, wanted=None), outlet, self._keep)
        job.promise.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                job.promise.set_exception(CancelledError())
                return job.promise
            attempt = self._workers.submit(job)
        attempt.work.add_done_callback(lambda _: self._settle(job, attempt))
        return job.promise

    def close(self) -> None:
        self._trials.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._closed = True
        self._workers.close()
        self._trial_worker.close()

    def _settle(self, job: _Job, attempt: _Attempt) -> None:
        if not self._is_settled(job, attempt):
            logger.warning("an extraction process died; trying again alone: %s", job.page.url)
            self._trials.submit(self._try_alone, job)

    def _try_alone(self, job: _Job) -> None:
        if self._is_settled(job, self._trial_worker.submit(job)):
            return
        self._crashes += 1
        if self._crashes >= MOST_CRASHES:
            job.promise.set_exception(BrokenProcessPool(f"extraction processes die, {self._crashes} pages in a row"))
            return
        logger.error("extraction of this page kills its process: %s", job.page.url)
        job.promise.set_exception(NotAnArticle("crash", "its extraction ended the process twice"))

    def _is_settled(self, job: _Job, attempt: _Attempt) -> bool:
        """Put the outcome of an attempt into the job's promise; return False if its process died early."""
        error = CancelledError() if attempt.work.cancelled() else attempt.work.exception()
        if isinstance(error, BrokenProcessPool) and self._closed:
            error = CancelledError()
        if error is None:
            job.promise.set_result(attempt.work.result())
        elif not isinstance(error, BrokenProcessPool):
            job.promise.set_exception(error)
        elif 0 < attempt.begun[attempt.number] <= time.monotonic() - self._seconds:
            # The worker's alarm ended it.
            logger.error("extraction of this page takes too long: %s", job.page.url)
            job.promise.set_exception(NotAnArticle("timeout", f"the page took more than {self._seconds:g} seconds"))
        else:
            return False
        self._crashes = 0
        return True


_BEGUN: list[ctypes.Array[ctypes.c_double]] = []


def _begin(begun: ctypes.Array[ctypes.c_double]) -> None:
    """Prepare a worker, which ignores Ctrl-C (the parent answers it) and never outlives the parent."""
    _BEGUN.append(begun)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    load_extractor()


def load_extractor() -> None:
    """Load the extractor and keep Python's collector off it, which took 7 % of the time."""
    importlib.import_module(_PRELOADED)
    gc.freeze()
    # With Python's own 700, a page's elements are looked at several times while they are read.
    gc.set_threshold(10_000)


def _work(page: Page, outlet: type[Outlet], keep: frozenset[str], number: int, seconds: float) -> Article:
    """Extract a page in a worker; the alarm's default is to end the process, whatever C code it is in."""
    _BEGUN[0][number] = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return extract(page, outlet, keep)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _BEGUN[0][number] = 0
