"""The recorder: the extension through which a crawl records, and which ends the crawl when that fails.

Who made a file, with what, and under which rules: the fields of warcinfo and run files.

The extension that ends a run before what waits in the spool fills the disk.

One run in spool and state: claimed, begun with what dead runs left, closed by run file and manifest, pushed."""

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
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.utils.asyncio import run_in_thread
from scrapy.utils.defer import maybe_deferred_to_future
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import Deferred

from crawler.archive.records import software
from crawler.archive.storage.base import StorageError
from crawler.crawl.deployment import Deployment
from crawler.crawl.ending import ending_of
from crawler.crawl.health.facts import facts_of
from crawler.crawl.identity import warcinfo_identity
from crawler.crawl.memory import memory_of
from crawler.crawl.revisits.lost_articles import LostArticles
from crawler.crawl.revisits.stored_pages import StoredPages
from crawler.crawl.settings import RecordingLimits, run_command
from crawler.crawl.spider import NewsSpider
from crawler.model.failures import BREAKING, reason_of
from crawler.model.listing import Verdict
from crawler.model.span import rfc3339
from crawler.recording.claims import Claim, TakenOver, claim_run
from crawler.recording.exchange import Exchange
from crawler.recording.files import RunFiles
from crawler.recording.run import CrawlFacts, Run
from crawler.recording.writer import Writer, WriterFailed

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)
ROOM_SECONDS = 0.05

# Whoever brings up the outlet's files for longer may do so for hours: a backfill's, say.
PATIENCE_SECONDS = 15.0
FAILURE = "khobor/failure"
FINISHED = "khobor/finished"


class Recorder:
    """Records every exchange of a crawl; when it can't, the crawl ends and its exit code tells.

    `claim` is there before `run`: a crawl that is stopped between the two leaves no trace.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.claim: Claim | None = None
        self.run: Run | None = None
        self._lost: LostArticles | None = None
        self._deployment = Deployment.from_settings(crawler.settings)
        self._limits = RecordingLimits.from_settings(crawler.settings)
        self._ending = threading.Lock()
        self._ended = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the beginning and end of the crawl."""
        recorder = cls(crawler)
        crawler.signals.connect(recorder.spider_opened, signals.spider_opened)
        crawler.signals.connect(recorder.spider_closed, signals.spider_closed)
        crawler.signals.connect(recorder.spider_error, signals.spider_error)
        crawler.signals.connect(recorder.item_error, signals.item_error)
        return recorder

    async def spider_opened(self, spider: Spider) -> None:
        """Start the writer and recover what dead runs left; nothing is fetched before that is done."""
        try:
            claim = await run_in_thread(self._claim, spider)
            lost = await self._begin(spider, claim).recover()
            if isinstance(spider, NewsSpider):
                self._lost = LostArticles(self.crawler, spider, lost)
        except CloseSpider:
            raise
        except Exception as error:
            # Scrapy would log it and crawl on, without a recorder.
            self._say("recording failed, the crawl stops", error)
            raise CloseSpider("recording_failed") from error

    def _claim(self, spider: Spider) -> Claim:
        with self._unless_ended():
            self.claim = claim_for(self.crawler, spider, self._deployment)
            return self.claim

    def _begin(self, spider: Spider, claim: Claim) -> Run:
        from twisted.internet import reactor  # importing it installs it

        # The reactor does not wait here for what takes long: a run that is not begun is soon given up.
        with self._unless_ended():
            self.run = self._new_run(spider, claim, partial(reactor.callFromThread, self.fail))
            return self.run

    def _new_run(self, spider: Spider, claim: Claim, on_failure: Callable[[BaseException], None]) -> Run:
        state, stats = memory_of(self.crawler).state, self.crawler.stats
        crawl = CrawlFacts(
            scope=getattr(spider, "scope", "all"),
            is_dry=getattr(spider, "backfill", None) == "count",
            decisions=StoredPages(self.crawler, spider) if isinstance(spider, NewsSpider) else None,
            stats=self._stats,
            health=lambda started, ended: facts_of(stats.get_stats(), started, ended),
            is_stopping=lambda: not self.crawler.crawling,
        )
        deployment = self._deployment
        custody, push = deployment.custody(state.engine), deployment.push(state, PATIENCE_SECONDS)
        return Run(claim, self._files(spider, claim), state, custody, push, crawl, on_failure)

    def _files(self, spider: Spider, claim: Claim) -> RunFiles:
        return RunFiles(
            self._deployment.spool,
            spider.name,
            claim.started,
            {**warcinfo_fields(self.crawler, spider), "run": claim.run},
            self._limits.warc_size,
            self._limits.warc_age,
        )

    def _stats(self) -> dict[str, Any]:
        """Return the numbers of the crawl, with what was written."""
        stats = self.crawler.stats
        if self.run is not None:
            stats.set_value("khobor/exchanges", self.run.writer.exchanges)
            stats.set_value("khobor/rows", self.run.writer.rows)
            stats.set_value("khobor/unchanged", self.run.writer.unchanged)
        return stats.get_stats()

    @contextmanager
    def _unless_ended(self) -> Iterator[None]:
        with self._ending:
            if self._ended:
                raise CloseSpider("shutdown")
            yield

    def record(self, exchange: Exchange) -> None:
        """Queue an exchange for writing; its `capture` resolves once it is durable."""
        spider = self.crawler.spider
        if exchange.listing is not None and isinstance(spider, NewsSpider):
            exchange.listing = spider.confirmed(exchange.listing)
        self._submit(exchange)

    def decide(self, verdict: Verdict) -> None:
        """Queue what became of a page; its row follows its record."""
        self._submit(verdict)

    async def room(self) -> None:
        """Wait until the writer's backlog is short enough for more."""
        while self._open_writer.full:
            await maybe_deferred_to_future(_later(ROOM_SECONDS))

    async def spider_closed(self, reason: str) -> None:
        """Finish the files, write run and manifest, and bring everything into the archive."""
        await run_in_thread(self.finish, reason)

    def spider_error(self, failure: Failure) -> None:
        """Stop when state can't be read: what is known would be fetched again."""
        if isinstance(failure.value, SQLAlchemyError):
            self.fail(failure.value)

    def item_error(self, item: Any, failure: Failure) -> None:
        """Count a page on which our own code failed, by the error; stop when extraction itself can't work."""
        stats = self.crawler.stats
        stats.inc_value("khobor/errors")
        stats.inc_value(f"khobor/rejected/{reason_of(failure.value)}")
        stats.set_value("khobor/example/rejected", getattr(item, "page", item).url)
        if isinstance(failure.value, BREAKING):
            self.fail(failure.value)

    @property
    def writer(self) -> Writer | None:
        """What writes the run, as soon as it is begun."""
        return self.run.writer if self.run is not None else None

    @property
    def _open_writer(self) -> Writer:
        if self.run is None:
            raise AssertionError("nothing can be recorded before the spider is open")
        return self.run.writer

    def _submit(self, job: Exchange | Verdict) -> None:
        try:
            self._open_writer.submit(job)
        except WriterFailed as error:
            self.fail(self._open_writer.failure or error)

    def fail(self, error: BaseException) -> None:
        """Say once that our promise is broken, and stop the crawl."""
        if self._say("recording failed, the crawl stops", error):
            ending_of(self.crawler).end("recording_failed")

    def _say(self, what: str, error: BaseException) -> bool:
        if self.crawler.stats.get_value(FAILURE) is not None:
            return False
        self.crawler.stats.set_value(FAILURE, one_line(error))
        logger.critical("%s: %s", what, one_line(error))
        return True

    def finish(self, reason: str) -> None:
        """Finish files, write run and manifest, push; once, whoever asks first. What fails is in the stats."""
        with self._ending:
            if self._ended:
                return
            self._ended = True
            try:
                self._finish(reason)
                self._stats()
                self.crawler.stats.set_value(FINISHED, self.claim is not None)
            except (OSError, SQLAlchemyError, StorageError, TakenOver) as error:
                self._say("finishing the run failed", error)
            finally:
                if self.run is not None:
                    self.run.end()

    def _finish(self, reason: str) -> None:
        if self.run is not None:
            self.run.finish(reason, self._has_undecided())
        elif self.claim is not None:
            give_up(self.crawler, self.claim, reason, self._deployment)

    def _has_undecided(self) -> bool:
        """Tell whether there are pages that nobody has decided on: a crawl that is stopped by force leaves them."""
        slot = self.crawler.engine._slot if self.crawler.engine else None
        return slot is not None and any({"listing", "capture"} <= request.meta.keys() for request in slot.inprogress)


def one_line(error: BaseException) -> str:
    """Return what an exception says, as one line."""
    text = " ".join(str(error).split("\n")[0].split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _later(seconds: float) -> Deferred[None]:
    from twisted.internet import reactor  # importing it installs it
    from twisted.internet.task import deferLater

    return deferLater(reactor, seconds, lambda: None)


def warcinfo_fields(crawler: Crawler, spider: Spider) -> dict[str, str]:
    """Return the fields of each file's warcinfo (WARC/1.1 §6.2; IIPC guideline)."""
    fields = {
        "software": software(),
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        **warcinfo_identity(crawler.settings),
        "isPartOf": spider.name,
    }
    return {name: value for name, value in fields.items() if value}


INTERVAL_SECONDS, LEISURE = 2.0, 50


class SpoolRoom:
    """Ends a run when more waits in the spool than SPOOL_MAX_BYTES."""

    def __init__(self, crawler: Crawler, deployment: Deployment) -> None:
        self.crawler = crawler
        self._deployment = deployment
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the beginning and end of the crawl."""
        deployment = Deployment.from_settings(crawler.settings)
        if not deployment.max_waiting_bytes:
            raise NotConfigured
        room = cls(crawler, deployment)
        crawler.signals.connect(room.spider_opened, signals.spider_opened)
        crawler.signals.connect(room.spider_closed, signals.spider_closed)
        return room

    def spider_opened(self) -> None:
        """Begin to look."""
        self._task = asyncio.ensure_future(self._watch())

    def spider_closed(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        recorder = self.crawler.get_extension(Recorder)
        if recorder is None:
            raise AssertionError("the spool is filled by crawler.crawl.recorder.Recorder, which is not there")
        while True:
            began = time.monotonic()
            try:
                await run_in_thread(self._deployment.check_room)
            except OSError as error:
                recorder.fail(error)
                return
            # Where very many files wait, a look takes long.
            await asyncio.sleep(max(INTERVAL_SECONDS, LEISURE * (time.monotonic() - began)))


def claim_for(crawler: Crawler, spider: Spider, deployment: Deployment) -> Claim:
    """Claim the name of a crawl's run in spool and state. Raises OSError, SQLAlchemyError."""
    started, state = datetime.now(UTC), memory_of(crawler).state
    command = run_command(crawler.settings)
    wanted = spider.wanted().as_json() if isinstance(spider, NewsSpider) else None
    facts: dict[str, Any] = {"outlet": spider.name, "command": command, "started": rfc3339(started)}
    facts |= {"software": software(), "wanted": wanted}
    claim = claim_run(deployment.spool, spider.name, started, facts)
    state.run_started(claim.run, spider.name, command)
    deployment.custody(state.engine).begin(claim.run, spider.name, command, json.dumps(wanted))
    return claim


def give_up(crawler: Crawler, claim: Claim, reason: str, deployment: Deployment) -> None:
    """Leave no trace of a run that was stopped before it could record. Raises OSError, SQLAlchemyError."""
    state = memory_of(crawler).state
    state.run_finished(claim.run, reason=reason, rows=0, requests=0, bytes=0, files=0)
    deployment.custody(state.engine).confirm([claim.run])
    claim.close()
