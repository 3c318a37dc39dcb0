"""The recorder: the extension through which a crawl records, and which ends the crawl when recording fails."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import run_in_thread
from sqlalchemy.exc import SQLAlchemyError
from twisted.python.failure import Failure

from crawler.archive.records import software
from crawler.archive.storage.base import StorageError
from crawler.crawl.component import Component
from crawler.crawl.discovery.lost_articles import LostArticles
from crawler.crawl.ending import Ending
from crawler.crawl.health.facts import facts_of
from crawler.crawl.identity import warcinfo_fields
from crawler.crawl.memory import Memory
from crawler.crawl.settings import Deployment, RecordingLimits, run_command
from crawler.crawl.spider import NewsSpider
from crawler.crawl.stored_pages import StoredPages
from crawler.model.failures import BREAKING, reason_of
from crawler.model.listing import Listing, Verdict
from crawler.model.span import rfc3339
from crawler.recording.claims import Claim, TakenOver, claim_run
from crawler.recording.exchange import Exchange
from crawler.recording.files import RunFiles
from crawler.recording.run import CrawlFacts, Run
from crawler.recording.writer import Writer, WriterFailed
from crawler.state import State

logger = logging.getLogger(__name__)
ROOM_SECONDS = 0.05

# Another process may upload the outlet's files for hours, such as those of a backfill.
PATIENCE_SECONDS = 15.0

# How often the spool is measured, and how many times longer than that takes it waits: many files take long.
INTERVAL_SECONDS, LEISURE = 2.0, 50


class Recorder(Component):
    """Records every exchange of a crawl; a failure or a full spool ends the crawl with exit 1.

    `claim` exists before `run`: a crawl that is stopped between the two leaves no trace. `failure` is the first error,
    `reason` why the crawl ended, `is_finished` true after all files are finished.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.claim: Claim | None = None
        self.run: Run | None = None
        self.failure: str | None = None
        self.reason: str | None = None
        self.is_finished = False
        self._confirm: Callable[[Listing], Listing] | None = None
        self._lost: LostArticles | None = None
        self._watch: asyncio.Task[None] | None = None
        self._deployment = Deployment.from_settings(crawler.settings)
        self._limits = RecordingLimits.from_settings(crawler.settings)
        self._ending = threading.Lock()
        self.listen("spider_opened", "spider_closed", "spider_error", "item_error")

    async def spider_opened(self, spider: Spider) -> None:
        """Start the writer and recover the files of dead runs, before anything is fetched."""
        if self._deployment.max_waiting_bytes:
            self._watch = asyncio.ensure_future(self._watch_room())
        try:
            claim = await run_in_thread(self._claim, spider)
            lost = await self._begin(spider, claim).recover()
            if isinstance(spider, NewsSpider):
                self._confirm = spider.known.confirmed
                self._lost = LostArticles(self.crawler, spider.discovery, lost)
        except CloseSpider:
            raise
        except Exception as error:
            # Scrapy would log it and crawl on, without a recorder.
            self._report("recording failed, the crawl stops", error)
            raise CloseSpider("recording_failed") from error

    @property
    def _state(self) -> State:
        return Memory.of(self.crawler).state

    def _claim(self, spider: Spider) -> Claim:
        """Claim the name of the run in spool and state. Raises OSError, SQLAlchemyError."""
        with self._unless_ended():
            started, command = datetime.now(UTC), run_command(self.crawler.settings)
            wanted = spider.assignment.wanted.as_json() if isinstance(spider, NewsSpider) else None
            facts: dict[str, Any] = {"outlet": spider.name, "command": command, "started": rfc3339(started)}
            facts |= {"software": software(), "wanted": wanted}
            self.claim = claim = claim_run(self._deployment.spool, spider.name, started, facts)
            self._state.run_started(claim.run, spider.name, command)
            custody = self._deployment.custody(self._state.engine)
            custody.begin(claim.run, spider.name, command, json.dumps(wanted))
            return claim

    def _begin(self, spider: Spider, claim: Claim) -> Run:
        from twisted.internet import reactor  # importing it installs it

        # The reactor does not wait here for long work: a run that has not begun is given up quickly.
        with self._unless_ended():
            self.run = self._new_run(spider, claim, partial(reactor.callFromThread, self.fail))
            return self.run

    def _new_run(self, spider: Spider, claim: Claim, on_failure: Callable[[BaseException], None]) -> Run:
        state, stats = self._state, self.crawler.stats
        crawl = CrawlFacts(
            scope=getattr(spider, "scope", "all"),
            is_dry=getattr(spider, "backfill", None) == "count",
            decisions=StoredPages(self.crawler, spider) if isinstance(spider, NewsSpider) else None,
            stats=self._stats,
            health=lambda started, ended: facts_of(stats.get_stats(), started, ended),
            is_stopping=lambda: not self.crawler.crawling,
        )
        deployment = self._deployment
        files = RunFiles(
            deployment.spool,
            spider.name,
            claim.started,
            {**warcinfo_fields(self.crawler.settings, spider.name), "run": claim.run},
            self._limits.warc_size,
            self._limits.warc_age,
        )
        custody, push = deployment.custody(state.engine), deployment.push(state, PATIENCE_SECONDS)
        return Run(claim, files, state, custody, push, crawl, on_failure)

    def _stats(self) -> dict[str, Any]:
        if self.run is not None:
            for name in ("exchanges", "rows", "unchanged"):
                self.crawler.stats.set_value(f"khobor/{name}", getattr(self.run.writer, name))
        return self.crawler.stats.get_stats()

    @contextmanager
    def _unless_ended(self) -> Iterator[None]:
        with self._ending:
            if self.reason is not None:
                raise CloseSpider("shutdown")
            yield

    def record(self, exchange: Exchange) -> None:
        """Queue an exchange for writing; its `capture` resolves once it is durable."""
        if exchange.listing is not None and self._confirm is not None:
            exchange.listing = self._confirm(exchange.listing)
        self._submit(exchange)

    def decide(self, verdict: Verdict) -> None:
        """Queue the verdict on a page; its row follows its record."""
        self._submit(verdict)

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

    async def spider_closed(self, reason: str) -> None:
        if self._watch is not None:
            self._watch.cancel()
        await run_in_thread(self.finish, reason)

    def spider_error(self, failure: Failure) -> None:
        """Stop if state can't be read: known articles would be fetched again."""
        if isinstance(failure.value, SQLAlchemyError):
            self.fail(failure.value)

    def item_error(self, item: Any, failure: Failure) -> None:
        """Count a page on which our own code failed, by the error; stop if extraction itself is broken."""
        stats = self.crawler.stats
        stats.inc_value("khobor/errors")
        stats.inc_value(f"khobor/rejected/{reason_of(failure.value)}")
        stats.set_value("khobor/example/rejected", getattr(item, "page", item).url)
        if isinstance(failure.value, BREAKING):
            self.fail(failure.value)

    @property
    def _writer(self) -> Writer:
        if self.run is None:
            raise AssertionError("nothing can be recorded before the spider is open")
        return self.run.writer

    def _submit(self, job: Exchange | Verdict) -> None:
        try:
            self._writer.submit(job)
        except WriterFailed as error:
            self.fail(self._writer.failure or error)

    def fail(self, error: BaseException) -> None:
        if self._report("recording failed, the crawl stops", error):
            Ending.of(self.crawler).end("recording_failed")

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
                self.is_finished = self.claim is not None
                self.crawler.stats.set_value("khobor/finished", self.is_finished)
            except (OSError, SQLAlchemyError, StorageError, TakenOver) as error:
                self._report("finishing the run failed", error)
            finally:
                if self.run is not None:
                    self.run.end()

    def _finish(self, reason: str) -> None:
        if self.run is not None:
            self.run.finish(reason, self._has_undecided())
        elif self.claim is not None:
            # It was stopped before it could record: no trace is left.
            self._state.run_finished(self.claim.run, reason=reason, rows=0, requests=0, bytes=0, files=0)
            self._deployment.custody(self._state.engine).confirm([self.claim.run])
            self.claim.close()

    def _has_undecided(self) -> bool:
        """Return whether pages are left without a verdict, as after a crawl that is stopped by force."""
        slot = self.crawler.engine._slot if self.crawler.engine else None
        return slot is not None and any({"listing", "capture"} <= request.meta.keys() for request in slot.inprogress)


def one_line(error: BaseException) -> str:
    text = " ".join(str(error).split("\n")[0].split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
