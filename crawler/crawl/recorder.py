"""The recorder: the extension through which a crawl records, and which ends the crawl when recording fails."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.utils.asyncio import run_in_thread
from sqlalchemy.exc import SQLAlchemyError
from twisted.python.failure import Failure

from crawler.archive.names import run_name
from crawler.archive.records import software
from crawler.archive.storage.base import StorageError
from crawler.crawl.component import Component
from crawler.crawl.discovery.lost_articles import LostArticles
from crawler.crawl.ending import Ending
from crawler.crawl.health.facts import facts_of
from crawler.crawl.identity import warcinfo_fields
from crawler.crawl.memory import Memory
from crawler.crawl.settings import Deployment, run_command
from crawler.crawl.spider import NewsSpider
from crawler.crawl.stored_pages import StoredPages, stored_pages
from crawler.crawl.withdrawing import Withdrawing
from crawler.model.exit_codes import BrokenOutlet
from crawler.model.listing import GIVEN, Verdict
from crawler.model.span import rfc3339
from crawler.outlets.loader import Outlets, account_of, is_of_an_outlet
from crawler.recording.exchange import Exchange
from crawler.recording.push import waiting_outlets
from crawler.recording.recovery.segments import unfinished
from crawler.recording.run import CrawlFacts, Run
from crawler.recording.segments import Segments
from crawler.recording.writer import Writer, WriterFailed
from crawler.state import State
from crawler.state.facts import StateError
from crawler.state.leases import Leases
from crawler.state.withdrawn import WithdrawnArticles
from crawler.system import clock

logger = logging.getLogger(__name__)
ROOM_SECONDS = 0.05

# Another process may upload the outlet's files for hours, such as those of a backfill.
PATIENCE_SECONDS = 15.0

# How often a closed segment is asked whether a capture of it is under way.
DRAIN_SECONDS = 1.0

# How often the spool is measured, and how many times longer than that takes it waits: many files take long.
INTERVAL_SECONDS, LEISURE = 2.0, 50


class Recorder(Component):
    """Records every exchange of a crawl; a failure or a full spool ends the crawl with exit 1.

    `name` is that of the run, empty before there is one. It exists before `run`: a crawl that is stopped between the
    two leaves no trace.
    `failure` is the first error, `spider_failure` the first one of the spider's own code, which does not end the crawl
    but makes it exit with 1 too. `reason` is why the crawl ended, `is_finished` true after all files are finished.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.name = ""
        self.run: Run | None = None
        self.failure: str | None = None
        self.spider_failure: str | None = None
        self.reason: str | None = None
        self.is_finished = False
        self._lost: LostArticles | None = None
        self._withdrawing: Withdrawing | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._deployment = Deployment.from_settings(crawler.settings)
        self._ending = threading.Lock()
        self.listen("spider_opened", "spider_closed", "spider_error")

    async def spider_opened(self, spider: Spider) -> None:
        """Start the writer and recover the files of dead runs, before anything is fetched."""
        if self._deployment.max_waiting_bytes:
            self._tasks.append(asyncio.ensure_future(self._watch_room()))
        try:
            started = clock.now()
            leases = await run_in_thread(self._claim, spider, started)
            await self._begin(spider, started, leases).recover()
            self._tasks.append(asyncio.ensure_future(self._finish_drained()))
            if isinstance(spider, NewsSpider):
                withdrawn = await run_in_thread(WithdrawnArticles(self._state.engine).keys, spider.name)
                self._withdrawing = Withdrawing(self.crawler, spider, withdrawn)
            if isinstance(spider, NewsSpider) and spider.backfill != "count":
                lost = await run_in_thread(self._state.lost, spider.name)
                self._lost = LostArticles(self.crawler, spider.discovery, lost)
        except CloseSpider:
            raise
        except Exception as error:
            # Scrapy would log it and crawl on, without a recorder.
            self._report("recording failed, the crawl stops", error)
            raise CloseSpider("recording_failed") from error

    @property
    def has_lost_articles(self) -> bool:
        """Whether lost articles wait to be requested."""
        return self._lost is not None and self._lost.is_waiting

    @property
    def _state(self) -> State:
        return Memory.of(self.crawler).state

    def _claim(self, spider: Spider, started: datetime) -> Leases:
        """Name the run, which state then knows. Raises OSError, SQLAlchemyError."""
        with self._unless_ended():
            outlet, command, wanted = spider.name, run_command(self.crawler.settings), _wanted(spider)
            while not self._state.run_started(name := run_name(outlet, started), outlet, command, wanted):
                # Another run of `urls` used this millisecond.
                started += timedelta(milliseconds=1)
            self.name = name
            return self._deployment.leases(self._state.engine)

    def _begin(self, spider: Spider, started: datetime, leases: Leases) -> Run:
        from twisted.internet import reactor  # importing it installs it

        settings, state, deployment = self.crawler.settings, self._state, self._deployment
        about = {"run": self.name, "command": run_command(settings), "wanted": _wanted(spider)}
        fields = warcinfo_fields(settings, spider.name) | {name: value for name, value in about.items() if value}
        # The reactor does not wait here for long work: a run that has not begun is given up quickly.
        with self._unless_ended():
            segments = Segments(deployment.spool, leases.spool, self.name, spider.name, fields, deployment.limits)
            push, facts = deployment.push(state, PATIENCE_SECONDS), self._facts(spider, started)
            on_failure = partial(reactor.callFromThread, self.fail)
            self.run = Run(started, segments, state, leases, push, facts, on_failure)
            return self.run

    def _facts(self, spider: Spider, started: datetime) -> CrawlFacts:
        stats, settings = self.crawler.stats, self.crawler.settings
        return CrawlFacts(
            facts={
                "outlet": spider.name,
                "command": run_command(settings),
                "started": rfc3339(started),
                "software": software(),
                "wanted": spider.assignment.wanted.as_json() if isinstance(spider, NewsSpider) else None,
            },
            scope=getattr(spider, "scope", "all"),
            is_dry=getattr(spider, "backfill", None) == "count",
            decisions=partial(self._decisions, spider),
            is_left=partial(self._is_left, spider),
            stats=self._stats,
            health=lambda started, ended: facts_of(stats.get_stats(), started, ended),
            settle=self._settle,
            is_stopping=lambda: not self.crawler.crawling,
        )

    def _decisions(self, spider: Spider) -> Iterator[tuple[str, AbstractContextManager[StoredPages | None]]]:
        """Yield the outlets to recover: that of the crawl; with addresses given by hand all with files in the spool."""
        settings = self.crawler.settings
        if not isinstance(spider, NewsSpider):
            yield spider.name, nullcontext()
            return
        yield spider.name, stored_pages(type(spider), settings)
        if spider.name != GIVEN:
            return
        outlets, spool = Outlets.from_settings(settings), self._deployment.spool
        for name in waiting_outlets(spool):
            if name == GIVEN:
                continue
            if outlet := outlets.named(name):
                yield name, stored_pages(outlet, settings)
            elif unfinished(spool, name):
                logger.error("%s: no spider declares this outlet; its segments of killed runs wait for it", name)

    def _is_left(self, spider: Spider, outlet: str, error: BaseException) -> bool:
        """Return whether segments wait for another crawl, because the code of their outlet fails."""
        if outlet == spider.name or not is_of_an_outlet(error):
            return False
        logger.error("%s; segments of killed runs wait for its next crawl", BrokenOutlet(outlet, account_of(error)))
        return True

    def _stats(self) -> dict[str, Any]:
        if self.run is not None:
            self.crawler.stats.set_value("khobor/exchanges", self.run.writer.exchanges)
            if self.run.recovered:
                self.crawler.stats.set_value("khobor/recovered", self.run.recovered)
            for name in ("rows", "unchanged"):
                self.crawler.stats.set_value(f"khobor/{name}", getattr(self.run.writer.commits, name))
        return self.crawler.stats.get_stats()

    def _settle(self) -> dict[str, Any]:
        return self._withdrawing.settle() if self._withdrawing is not None else {}

    @contextmanager
    def _unless_ended(self) -> Iterator[None]:
        with self._ending:
            if self.reason is not None:
                raise CloseSpider("shutdown")
            yield

    def record(self, job: Exchange | Verdict) -> None:
        """Queue an exchange for writing, whose `capture` resolves once it is durable, or the verdict on its page."""
        spider = self.crawler.spider
        if isinstance(job, Exchange) and job.listing is not None and isinstance(spider, NewsSpider):
            job.listing = spider.known.confirmed(job.listing)
            # As the page's own: a row and its record are in one segment.
            job.outlet = spider.outlet_of(job.url, job.listing)
        try:
            self._writer.submit(job)
        except WriterFailed as error:
            self.fail(self._writer.failure or error)

    async def room(self) -> None:
        """Wait until the writer's backlog is short enough for more."""
        while self._writer.full:
            await asyncio.sleep(ROOM_SECONDS)

    async def _watch_room(self) -> None:
        while True:
            began = time.monotonic()
            try:
                await run_in_thread(self._deployment.check_room)
            except OSError as error:
                self.fail(error)
                return
            await asyncio.sleep(max(INTERVAL_SECONDS, LEISURE * (time.monotonic() - began)))

    async def _finish_drained(self) -> None:
        while self.run is not None:
            await asyncio.sleep(DRAIN_SECONDS)
            try:
                self.run.finish_drained(self._files_under_way)
            except WriterFailed as error:
                self.fail(self._writer.failure or error)
                return

    async def spider_closed(self, reason: str) -> None:
        for task in self._tasks:
            task.cancel()
        await run_in_thread(self.finish, reason)

    def spider_error(self, failure: Failure, response: Response | None, spider: Spider) -> None:
        """Stop if state can't be read: known articles would be fetched again. Note an error of the spider's code."""
        if isinstance(failure.value, SQLAlchemyError) and not is_of_an_outlet(failure.value):
            self.fail(failure.value)
        elif failure.value and self.spider_failure is None:
            self.spider_failure = account_of(failure.value, type(spider))

    @property
    def _writer(self) -> Writer:
        if self.run is None:
            raise AssertionError("nothing can be recorded before the spider is open")
        return self.run.writer

    def fail(self, error: BaseException) -> None:
        if self._report("recording failed, the crawl stops", error):
            Ending.of(self.crawler).end("recording_failed")

    @contextmanager
    def failing_with_state(self) -> Iterator[None]:
        """Stop the crawl if state fails here: Scrapy would log a signal handler's error and go on."""
        try:
            yield
        except SQLAlchemyError as error:
            self.fail(error)

    def _report(self, what: str, error: BaseException) -> bool:
        if self.failure is not None:
            return False
        self.failure = one_line(error)
        self.crawler.stats.set_value("khobor/failure", self.failure)
        logger.critical("%s: %s", what, self.failure)
        return True

    def finish(self, reason: str) -> None:
        """Finish files, write run and manifest, and push; only the first call does so. Errors go to `failure`."""
        with self._ending:
            if self.reason is not None:
                return
            self.reason = reason
            try:
                self._finish(reason)
                self._stats()
                self.is_finished = bool(self.name)
                self.crawler.stats.set_value("khobor/finished", self.is_finished)
            except (OSError, SQLAlchemyError, StorageError) as error:
                self._report("finishing the run failed", error)
            finally:
                if self.run is not None:
                    self.run.end()

    def _finish(self, reason: str) -> None:
        if self.run is not None:
            self.run.finish(reason, has_undecided=any(self._requests_under_way()))
            if self._lost is not None:
                self._state.forget_lost(self.run.writer.segments.outlet, self._lost.answered)
        elif self.name:
            # It was stopped before it could record: no trace is left.
            self._state.run_finished(self.name, reason=reason, rows=0, requests=0, bytes=0, files=0)

    def _files_under_way(self) -> set[str]:
        """Return the WARC files of the durable captures whose pages have no verdict yet."""
        captures = (request.meta["capture"] for request in self._requests_under_way())
        return {capture.result().file for capture in captures if capture.done() and not capture.cancelled()}

    def _requests_under_way(self) -> Iterator[Request]:
        slot = self.crawler.engine._slot if self.crawler.engine else None
        requests = slot.inprogress if slot is not None else ()
        return (request for request in requests if {"listing", "capture"} <= request.meta.keys())


def _wanted(spider: Spider) -> str | None:
    return json.dumps(spider.assignment.wanted.as_json()) if isinstance(spider, NewsSpider) else None


def one_line(error: BaseException) -> str:
    """Return an error's kind and first line, or the sentence of one that has one."""
    text = " ".join(str(error).split("\n")[0].split())
    if isinstance(error, StorageError | StateError) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
