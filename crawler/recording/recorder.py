"""The recorder: the extension that owns a run's files, its writer, and their way into the archive."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import math
import threading
import time
from asyncio import CancelledError
from concurrent.futures import BrokenExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self, cast

from scrapy import signals
from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import run_in_thread
from scrapy.utils.defer import maybe_deferred_to_future
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import Deferred

from crawler.background import in_background
from crawler.deployment import archive_of, spool_directory
from crawler.ending import ending_of
from crawler.failures import reason_of
from crawler.health.facts import facts_of
from crawler.items import Verdict, rfc3339
from crawler.memory import Memory
from crawler.push import Push
from crawler.recording.claims import Claim, claim_run
from crawler.recording.early import EarlyPush
from crawler.recording.exchange import Exchange
from crawler.recording.files import FinishedFile, RunFiles
from crawler.recording.lease import Lease, TakenOver
from crawler.recording.provenance import software, warcinfo_fields
from crawler.recording.recovery.recovery import Recovery, find
from crawler.recording.recovery.remains import Remains
from crawler.recording.recovery.returning import Returning
from crawler.recording.report import write_manifest, write_run
from crawler.recording.writer import Later, Writer, WriterFailed
from crawler.spider import NewsSpider
from crawler.spool import custody_of
from crawler.state.custody import Custody
from crawler.storage import DirectoryStorage, StorageError, StoreUnreachable

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)

ROOM_SECONDS = 0.05
# Of the 30 seconds in which a crawl ends that was told to stop.
STEP_SECONDS, STOP_SECONDS = 0.5, 15.0
# Python's own 700 has it walk through all that waits to be written several times a page.
COLLECTION_OBJECTS = 10_000
FAILURE = "khobor/failure"
FINISHED = "khobor/finished"


class Recorder:
    """Records every exchange of a crawl; when it can't, the crawl ends and its exit code tells."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.claim: Claim | None = None
        self.writer: Writer | None = None
        self._early: EarlyPush | None = None
        self._lease: Lease | None = None
        self._returning: Returning | None = None
        self._remains: Remains | None = None
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
            self._lease = self._take_lease(claim)
            self.writer = self._start_writer(spider, claim)
            self._early = self._push_early(self.writer)
            await self._recover(spider, self.writer)
        except CloseSpider:
            raise
        except Exception as error:
            # Scrapy would log it and crawl on, without a recorder.
            self._say(error)
            raise CloseSpider("recording_failed") from error

    def _claim(self, spider: Spider) -> Claim:
        with self._ending:
            if self._ended:
                raise CloseSpider("shutdown")
            self.claim = self._claimed(spider)
            return self.claim

    def _claimed(self, spider: Spider) -> Claim:
        started = datetime.now(UTC)
        wanted = spider.wanted() if isinstance(spider, NewsSpider) else None
        facts = {"outlet": spider.name, "command": self.crawler.settings["RUN_COMMAND"], "started": rfc3339(started)}
        facts |= {"software": software(), "wanted": wanted}
        claim = claim_run(spool_directory(self.crawler.settings), spider.name, started, facts)
        command = self.crawler.settings["RUN_COMMAND"]
        self._state.run_started(claim.run, spider.name, command)
        self._custody.begin(claim.run, spider.name, command, json.dumps(wanted))
        return claim

    def _take_lease(self, claim: Claim) -> Lease:
        from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)

        return Lease(self._custody, claim.run, partial(reactor.callFromThread, self.fail))

    def _start_writer(self, spider: Spider, claim: Claim) -> Writer:
        """Return the running writer; files appear with the first exchange."""
        gc.set_threshold(COLLECTION_OBJECTS)
        settings = self.crawler.settings
        files = RunFiles(
            spool_directory(settings),
            spider.name,
            claim.started,
            {**warcinfo_fields(self.crawler, spider), "run": claim.run},
            settings.getint("WARC_SIZE"),
            settings.getfloat("WARC_AGE"),
        )
        from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)

        stop = partial(reactor.callFromThread, self._writer_stopped)
        return Writer(files, self._state, getattr(spider, "scope", "all"), cast(Later, reactor.callLater), stop)

    def _push_early(self, writer: Writer) -> EarlyPush | None:
        """Let WARC files go up as they are finished; into a directory of this machine they all go at the end."""
        storage = archive_of(self.crawler.settings)
        if isinstance(storage, DirectoryStorage):
            return None
        from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)

        fail, keep_days = partial(reactor.callFromThread, self.fail), self.crawler.settings.getint("SPOOL_KEEP_DAYS")
        early = EarlyPush(writer.files.spool, storage, self._state, keep_days, fail)
        writer.files.on_finished = early.add
        return early

    async def _recover(self, spider: Spider, writer: Writer) -> None:
        files, storage = writer.files, archive_of(self.crawler.settings)
        self._returning = Returning(self._custody, storage, files.spool, spider.name, files.run)
        await run_in_thread(self._returning.bring_back)
        remains = await run_in_thread(find, files.spool, spider.name, files.run, self._state, storage)
        # With nothing left there is nothing to settle, however early the crawl is stopped.
        remains.is_settled = not remains
        self._remains = remains
        writer.files.inherited = remains
        await Recovery(self.crawler, self._state, remains).run()
        with suppress(CancelledError):
            await asyncio.wrap_future(writer.flush())
            remains.is_settled = True

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

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        """Finish the files, write run and manifest, and bring everything into the archive."""
        await run_in_thread(self.finish, spider.name, reason)

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
        if isinstance(failure.value, (OSError, BrokenExecutor, SQLAlchemyError)):
            self.fail(failure.value)

    @property
    def _state(self) -> Any:
        memory = self.crawler.get_extension(Memory)
        if memory is None:
            raise AssertionError("the recorder needs crawler.memory.Memory among the EXTENSIONS")
        return memory.state

    @cached_property
    def _custody(self) -> Custody:
        return custody_of(self.crawler.settings, self._state.engine)

    @property
    def _open_writer(self) -> Writer:
        if self.writer is None:
            raise AssertionError("nothing can be recorded before the spider is open")
        return self.writer

    def _submit(self, job: Exchange | Verdict) -> None:
        try:
            self._open_writer.submit(job)
        except WriterFailed as error:
            self.fail(self._open_writer.failure or error)

    def _writer_stopped(self) -> None:
        failure = self._open_writer.failure
        if failure is not None:
            self.fail(failure)

    def fail(self, error: BaseException) -> None:
        """Say once that our promise is broken, and stop the crawl."""
        if self._say(error):
            ending_of(self.crawler).end("recording_failed")

    def _say(self, error: BaseException) -> bool:
        if self.crawler.stats.get_value(FAILURE) is not None:
            return False
        self.crawler.stats.set_value(FAILURE, one_line(error))
        logger.critical("recording failed, the crawl stops: %s", one_line(error))
        return True

    def finish(self, outlet: str, reason: str) -> None:
        """Finish files, write run and manifest, push; once, whoever asks first. What fails is in the stats."""
        with self._ending:
            if self._ended:
                return
            self._ended = True
            if self.claim is not None and self.writer is not None:
                self._finish(outlet, reason, self.claim)
            elif self.claim is not None:
                self._give_up(reason, self.claim)
            if self._returning is not None:
                self._returning.close()
            if self._lease is not None:
                self._lease.end()

    def _give_up(self, reason: str, claim: Claim) -> None:
        """Leave no trace of a run that was stopped before it could record."""
        self._state.run_finished(claim.run, reason=reason, rows=0, requests=0, bytes=0, files=0)
        self._custody.confirm([claim.run])
        claim.close()
        self.crawler.stats.set_value(FINISHED, True)

    def _finish(self, outlet: str, reason: str, claim: Claim) -> None:
        stats = self.crawler.stats
        if self._early is not None:
            self._early.end()
        try:
            files = self._open_writer.finish()
            stats.set_value("khobor/rows", self._open_writer.rows)
            stats.set_value("khobor/unchanged", self._open_writer.unchanged)
            if self._remains is None or self._remains.is_settled:
                if self._lease is not None:
                    self._lease.check()
                self._report(outlet, reason, files, claim)
                self._push(outlet)
            else:
                # Stopped in the middle of recovery: left as if it had died, for the next one.
                self._remains.release()
                claim.release()
            stats.set_value(FINISHED, True)
        except (OSError, SQLAlchemyError, StorageError, TakenOver) as error:
            if stats.get_value(FAILURE) is None:
                stats.set_value(FAILURE, one_line(error))
                logger.critical("finishing the run failed: %s", one_line(error))

    def _report(self, outlet: str, reason: str, files: list[FinishedFile], claim: Claim) -> None:
        self._state.sync()
        stats, run, ended = self.crawler.stats, claim.run, datetime.now(UTC)
        facts = {
            "run": run,
            **claim.facts,
            "finished": rfc3339(ended),
            "reason": reason,
            "stats": stats.get_stats(),
            "files": [file.file for file in files],
        }
        spool = spool_directory(self.crawler.settings)
        run_file = write_run(spool, run, claim.started, facts)
        if files:
            write_manifest(spool, run, outlet, claim.started, [*files, run_file])
        if self._remains is not None:
            self._remains.close()
        claim.close()
        self._state.run_finished(
            run,
            reason=reason,
            rows=self._open_writer.rows,
            requests=stats.get_value("downloader/request_count", 0),
            bytes=sum(file.bytes for file in files),
            files=len(files),
            facts=json.dumps(facts_of(stats.get_stats(), claim.started, ended), ensure_ascii=False),
        )

    def _push(self, outlet: str) -> None:
        """Bring everything up; once the crawl was told to stop, only for a while: a store may let us wait for ever."""
        work, end = in_background("khobor-push", partial(self._bring_up, outlet)), math.inf
        while not wait([work], STEP_SECONDS).done:
            if not self.crawler.crawling:
                end = min(end, time.monotonic() + STOP_SECONDS)
            if time.monotonic() > end:
                logger.warning("told to stop: what has not gone up waits in the spool")
                return
        try:
            work.result()
        except StoreUnreachable as error:
            logger.warning("the store is unreachable, finished files wait in the spool: %s", error)

    def _bring_up(self, outlet: str) -> None:
        if self._early is not None:
            self._early.close()
        Push(self.crawler.settings, self._state).bring_up(outlet)


def one_line(error: BaseException) -> str:
    """Return what an exception says, as one line."""
    text = " ".join(str(error).split("\n")[0].split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _later(seconds: float) -> Deferred[None]:
    from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)
    from twisted.internet.task import deferLater  # noqa: PLC0415

    return deferLater(reactor, seconds, lambda: None)
