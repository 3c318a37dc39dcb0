"""Extraction in processes of its own, so that the reactor never waits and no page can take the crawl down."""

from __future__ import annotations

import ctypes
import gc
import importlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from crawler.extraction import NotAnArticle, extract
from crawler.model.article import Article
from crawler.model.listing import Page

if TYPE_CHECKING:
    from crawler.outlets.outlet import Outlet

logger = logging.getLogger(__name__)

SECONDS_PER_PAGE = 20
# Workers are replaced after so many pages each, against leaks. Not by max_tasks_per_child: the executor of
# Python 3.11 to 3.13 can come to stand still with it (python/cpython#115634).
PAGES_PER_WORKER = 500
# So many pages in a row that end their process twice each, with none read between: it is the processes.
MOST_CRASHES = 5
_PRELOADED = "crawler.extraction.extractor"
# Python's own 700 has it look at a page's elements several times while they are read.
_COLLECTION_OBJECTS = 10_000


@contextmanager
def _deaf_to_hang_up() -> Iterator[None]:
    """Have processes that start meanwhile, and their children, not hear that a terminal has ended: the parent does."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(slots=True)
class _Job:
    page: Page
    outlet: type[Outlet]
    promise: Future[Article] = field(default_factory=Future)


class _Workers:
    """Processes for so many pages at most, and when each of these pages was begun, which outlives its worker."""

    def __init__(self, processes: int, seconds: float, pages: int) -> None:
        # Never fork: the reactor's process has threads. The server from which workers fork has loaded the extractor.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([_PRELOADED])
        with _deaf_to_hang_up():
            forkserver.ensure_running()
        self._seconds = seconds
        self._begun = context.RawArray("d", pages)
        self._taken = 0
        self.executor = ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(self._begun, seconds))

    @property
    def full(self) -> bool:
        return self._taken >= len(self._begun)

    def submit(self, job: _Job) -> tuple[int, Future[Article]]:
        """Return the page's number and its work. Raises BrokenProcessPool."""
        number, self._taken = self._taken, self._taken + 1
        return number, self.executor.submit(_work, number, job.page, job.outlet)

    def overran(self, number: int) -> bool:
        """Tell whether a page was under way for as long as a page may be: its alarm ended the worker."""
        begun = float(self._begun[number])
        return begun > 0 and time.monotonic() - begun >= self._seconds


class ExtractionPool:
    """Worker processes that extract pages; a page that reaches the time limit is refused as `timeout`.

    When a worker dies, its pages are tried again one at a time in a process of their own. A page that kills this one
    too is refused as `crash`. After MOST_CRASHES such pages in a row, futures raise BrokenProcessPool.
    """

    def __init__(self, processes: int, seconds_per_page: float = SECONDS_PER_PAGE) -> None:
        """Make a pool of so many processes; none starts before the first page comes."""
        self._processes = processes
        self._seconds = seconds_per_page
        self._lock = threading.Lock()
        self._workers: _Workers | None = None
        self._closed = False
        self._crashes = 0
        self._trials = ThreadPoolExecutor(1, "extraction-trial")
        self._trial_workers: _Workers | None = None

    def submit(self, page: Page, outlet: type[Outlet]) -> Future[Article]:
        """Return the future of a page's article; it raises NotAnArticle, or CancelledError after `close`."""
        job = _Job(replace(page, capture=None, wanted=None), outlet)
        job.promise.set_running_or_notify_cancel()
        self._start(job)
        return job.promise

    def close(self) -> None:
        self._trials.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._closed = True
            groups = [workers for workers in (self._workers, self._trial_workers) if workers]
            self._workers = self._trial_workers = None
        for workers in groups:
            workers.executor.shutdown(wait=True, cancel_futures=True)

    def _start(self, job: _Job) -> None:
        with self._lock:
            if self._closed:
                job.promise.set_exception(CancelledError())
                return
            workers = self._current()
            try:
                number, work = workers.submit(job)
            except BrokenProcessPool:
                workers = self._workers = self._new(self._processes)
                number, work = workers.submit(job)
        work.add_done_callback(lambda done: self._settle(job, done, workers, number))

    def _new(self, processes: int) -> _Workers:
        return _Workers(processes, self._seconds, PAGES_PER_WORKER * processes)

    def _current(self) -> _Workers:
        if self._workers is None or self._workers.full:
            if self._workers is not None:
                self._workers.executor.shutdown(wait=False)
            self._workers = self._new(self._processes)
        return self._workers

    def _settle(self, job: _Job, work: Future[Article], workers: _Workers, number: int) -> None:
        if work.cancelled() or not isinstance(work.exception(), BrokenProcessPool):
            self._crashes = 0
            _keep(job.promise, work)
            return
        with self._lock:
            self._workers = None if self._workers is workers else self._workers
            closed = self._closed
        if closed:
            job.promise.set_exception(CancelledError())
        elif workers.overran(number):
            self._give_up(job)
        else:
            logger.warning("an extraction process died; trying again alone: %s", job.page.url)
            self._trials.submit(self._try_alone, job)

    def _give_up(self, job: _Job) -> None:
        logger.error("extraction of this page takes too long: %s", job.page.url)
        job.promise.set_exception(NotAnArticle("timeout", f"its extraction took more than {self._seconds:g} seconds"))

    def _try_alone(self, job: _Job) -> None:
        if self._trial_workers is None or self._trial_workers.full:
            self._trial_workers = self._new(1)
        try:
            number, work = self._trial_workers.submit(job)
        except BrokenProcessPool:
            self._trial_workers = self._new(1)
            number, work = self._trial_workers.submit(job)
        if not isinstance(work.exception(), BrokenProcessPool):
            self._crashes = 0
            _keep(job.promise, work)
            return
        workers, self._trial_workers = self._trial_workers, None
        if workers.overran(number):
            self._give_up(job)
        else:
            self._crash(job)

    def _crash(self, job: _Job) -> None:
        self._crashes += 1
        if self._crashes >= MOST_CRASHES:
            job.promise.set_exception(BrokenProcessPool(f"extraction processes die, {self._crashes} pages in a row"))
            return
        logger.error("extraction of this page kills its process: %s", job.page.url)
        job.promise.set_exception(NotAnArticle("crash", "its extraction ended the process twice"))


def _keep(promise: Future[Article], work: Future[Article]) -> None:
    error = CancelledError() if work.cancelled() else work.exception()
    if error is None:
        promise.set_result(work.result())
    else:
        promise.set_exception(error)


_begun: ctypes.Array[ctypes.c_double]
_limit: float


def _begin(begun: ctypes.Array[ctypes.c_double], seconds: float) -> None:
    """Prepare a worker: deaf to Ctrl-C, which the parent answers, and never outliving the parent."""
    global _begun, _limit
    _begun, _limit = begun, seconds
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), name="parent", daemon=True).start()
    load_extractor()


def load_extractor() -> None:
    """Load the extractor and keep Python's collector off it, which took 7 % of the time."""
    importlib.import_module(_PRELOADED)
    gc.freeze()
    gc.set_threshold(_COLLECTION_OBJECTS)


def _end_with(parent: int) -> None:
    # The kernel's death signal does not serve: the parent by birth is the fork server, which lives as long as they do.
    wait([parent])
    os._exit(1)


def _work(number: int, page: Page, outlet: type[Outlet]) -> Article:
    """Extract a page in a worker; the alarm's default is to end the process, whatever C code it is in."""
    _begun[number] = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, _limit)
    try:
        return extract(page, outlet)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _begun[number] = 0
