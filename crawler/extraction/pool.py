"""Extraction in processes of its own, so that the reactor never waits and no page can take the crawl down."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import signal
import threading
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from crawler.extraction import NotAnArticle, extract
from crawler.items import Article, Page

if TYPE_CHECKING:
    from crawler.spider import NewsSpider

logger = logging.getLogger(__name__)

# A page that takes this long takes its worker with it.
SECONDS_PER_PAGE = 60
# Workers are replaced after so many pages each, against leaks. Not by max_tasks_per_child: the executor of
# Python 3.11 to 3.13 can come to stand still with it (python/cpython#115634).
PAGES_PER_WORKER = 500
_PRELOADED = "crawler.extraction.extractor"


@dataclass(slots=True)
class _Job:
    page: Page
    outlet: type[NewsSpider]
    promise: Future[Article] = field(default_factory=Future)


class ExtractionPool:
    """Worker processes that extract pages.

    When a worker dies, the pages under way are tried again one at a time in a process of their own: the page that
    kills this one too is refused as `crash`, the others lose nothing.
    """

    def __init__(self, processes: int, seconds_per_page: float = SECONDS_PER_PAGE) -> None:
        """Make a pool of so many processes; none starts before the first page comes."""
        self._processes = processes
        self._seconds = seconds_per_page
        self._lock = threading.Lock()
        self._executor: ProcessPoolExecutor | None = None
        self._pages = 0
        self._closed = False
        self._trials = ThreadPoolExecutor(1, "extraction-trial")
        self._trial_executor: ProcessPoolExecutor | None = None

    def submit(self, page: Page, outlet: type[NewsSpider]) -> Future[Article]:
        """Return the future of a page's article; it raises NotAnArticle, CancelledError when the pool was closed.

        `page.capture` stays in this process.
        """
        job = _Job(replace(page, capture=None), outlet)
        job.promise.set_running_or_notify_cancel()
        self._start(job)
        return job.promise

    def close(self) -> None:
        """End the workers; pages that have not begun are given up."""
        self._trials.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._closed = True
            executors = [executor for executor in (self._executor, self._trial_executor) if executor]
            self._executor = self._trial_executor = None
        for executor in executors:
            executor.shutdown(wait=True, cancel_futures=True)

    def _start(self, job: _Job) -> None:
        with self._lock:
            if self._closed:
                job.promise.set_exception(CancelledError())
                return
            executor = self._current()
            try:
                work = executor.submit(_work, job.page, job.outlet, self._seconds)
            except BrokenProcessPool:
                executor = self._executor = _executor(self._processes)
                work = executor.submit(_work, job.page, job.outlet, self._seconds)
        work.add_done_callback(lambda done: self._settle(job, done, executor))

    def _current(self) -> ProcessPoolExecutor:
        """Return the executor for the next page, a new one when the old one has done its share."""
        if self._executor is None or self._pages >= PAGES_PER_WORKER * self._processes:
            if self._executor is not None:
                self._executor.shutdown(wait=False)
            self._executor, self._pages = _executor(self._processes), 0
        self._pages += 1
        return self._executor

    def _settle(self, job: _Job, work: Future[Article], executor: ProcessPoolExecutor) -> None:
        if not work.cancelled() and isinstance(work.exception(), BrokenProcessPool):
            with self._lock:
                self._executor = None if self._executor is executor else self._executor
            logger.warning("an extraction process died; trying again alone: %s", job.page.url)
            self._trials.submit(self._try_alone, job)
        else:
            _keep(job.promise, work)

    def _try_alone(self, job: _Job) -> None:
        self._trial_executor = self._trial_executor or _executor(1)
        try:
            work = self._trial_executor.submit(_work, job.page, job.outlet, self._seconds)
            work.exception()
        except BrokenProcessPool:
            self._trial_executor = _executor(1)
            work = self._trial_executor.submit(_work, job.page, job.outlet, self._seconds)
        if isinstance(work.exception(), BrokenProcessPool):
            self._trial_executor = None
            logger.error("extraction of this page kills its process: %s", job.page.url)
            job.promise.set_exception(NotAnArticle("crash", "its extraction ended the process twice"))
        else:
            _keep(job.promise, work)


def _keep(promise: Future[Article], work: Future[Article]) -> None:
    """Give a promise what its work came to."""
    error = CancelledError() if work.cancelled() else work.exception()
    if error is None:
        promise.set_result(work.result())
    else:
        promise.set_exception(error)


def _executor(processes: int) -> ProcessPoolExecutor:
    # Never fork: the reactor's process has threads. The server from which workers fork has loaded the extractor once.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_PRELOADED])
    return ProcessPoolExecutor(processes, context, initializer=_begin)


def _begin() -> None:
    """Prepare a worker: deaf to Ctrl-C, which is the parent's to answer, and never outliving the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), name="parent", daemon=True).start()
    importlib.import_module(_PRELOADED)


def _end_with(parent: int) -> None:
    """End this process when its parent has ended, whichever way.

    Not by a death signal of the kernel: the parent by birth is the fork server, which lives as long as its children.
    """
    wait([parent])
    os._exit(1)


def _work(page: Page, outlet: type[NewsSpider], seconds: float) -> Article:
    """Extract a page in a worker; the alarm's default is to end the process, whatever C code it is in."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return extract(page, outlet)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
