"""Extraction in processes of its own, so that the reactor never waits and no page can take the crawl down."""

from __future__ import annotations

import gc
import importlib
import logging
import signal
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
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


class _Worker:
    """A process that extracts one page at a time, and is replaced after its share of pages or when it has died."""

    def __init__(self) -> None:
        self._executor: ProcessPoolExecutor | None = None
        self._taken = 0

    def extract(self, page: Page, outlet: type[Outlet], keep: frozenset[str], seconds: float) -> Article:
        """Return the page's article. Raises NotAnArticle, BrokenProcessPool if the process dies before its time."""
        if self._executor is None or self._taken >= PAGES_PER_WORKER:
            self.close(wait=False)
            # Never fork: the reactor's process has threads. The server from which workers fork has the extractor.
            self._executor, self._taken = ProcessPoolExecutor(1, fork_server(_PRELOADED), _begin), 0
        self._taken += 1
        begun = time.monotonic()
        try:
            return self._executor.submit(_work, page, outlet, keep, seconds).result()
        except BrokenProcessPool as error:
            self._executor = None
            if time.monotonic() - begun < seconds:
                raise
            # The worker's alarm ended it.
            logger.error("extraction of this page takes too long: %s", page.url)
            raise NotAnArticle("timeout", f"the page took more than {seconds:g} seconds") from error

    def close(self, wait: bool = True) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait)


class ExtractionPool:
    """Worker processes that extract pages; a page that reaches the time limit is refused as `timeout`.

    When a worker dies, its page is tried again. A page that kills its worker twice is refused as `crash`. After
    MOST_CRASHES such pages in a row, futures raise BrokenProcessPool.
    """

    def __init__(
        self, processes: int, keep: frozenset[str] = frozenset(), seconds_per_page: float = SECONDS_PER_PAGE
    ) -> None:
        """Make a pool of worker processes, which start with the first pages; `keep` is that of `extract`."""
        self._keep, self._seconds = keep, seconds_per_page
        # Each thread waits for one worker: a page that ends its process disturbs no other page.
        self._threads = ThreadPoolExecutor(processes, "extraction")
        self._workers = [_Worker() for _ in range(processes)]
        self._idle = [*self._workers]
        self._crashes = 0

    def submit(self, page: Page, outlet: type[Outlet]) -> Future[Article]:
        """Return the future of a page's article; it raises NotAnArticle. `close` cancels those that wait."""
        return self._threads.submit(self._extract, replace(page, capture=None, wanted=None), outlet)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.close()

    def _extract(self, page: Page, outlet: type[Outlet]) -> Article:
        worker, crashes = self._idle.pop(), 0
        try:
            return self._try_twice(worker, page, outlet)
        except BrokenProcessPool as error:
            crashes = self._crashes + 1
            if crashes >= MOST_CRASHES:
                raise BrokenProcessPool(f"extraction processes die, {crashes} pages in a row") from error
            logger.error("extraction of this page kills its process: %s", page.url)
            raise NotAnArticle("crash", "its extraction ended the process twice") from error
        finally:
            self._crashes = crashes
            self._idle.append(worker)

    def _try_twice(self, worker: _Worker, page: Page, outlet: type[Outlet]) -> Article:
        try:
            return worker.extract(page, outlet, self._keep, self._seconds)
        except BrokenProcessPool:
            logger.warning("an extraction process died; trying again: %s", page.url)
            return worker.extract(page, outlet, self._keep, self._seconds)


def _begin() -> None:
    """Prepare a worker, which ignores Ctrl-C (the parent answers it) and never outlives the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    load_extractor()


def load_extractor() -> None:
    """Load the extractor and keep Python's collector off it, which took 7 % of the time."""
    importlib.import_module(_PRELOADED)
    gc.freeze()
    # With Python's own 700, a page's elements are looked at several times while they are read.
    gc.set_threshold(10_000)


def _work(page: Page, outlet: type[Outlet], keep: frozenset[str], seconds: float) -> Article:
    """Extract a page in a worker; the alarm's default is to end the process, whatever C code it is in."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return extract(page, outlet, keep)
    except SystemExit as error:  # of an outlet's own code: it would end the thread that waits for the page
        raise RuntimeError(f"the outlet's code exits with {error}") from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
