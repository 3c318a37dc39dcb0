"""The recorder: the extension through which a crawl records, and which ends the crawl when that fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import run_in_thread
from scrapy.utils.defer import maybe_deferred_to_future
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import Deferred

from crawler.ending import ending_of
from crawler.failures import BREAKING, reason_of
from crawler.items import Verdict
from crawler.recording.claims import Claim
from crawler.recording.exchange import Exchange
from crawler.recording.lease import TakenOver
from crawler.recording.run import Run, claim_for, give_up
from crawler.recording.writer import Writer, WriterFailed
from crawler.spider import NewsSpider
from crawler.storage import StorageError

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)

ROOM_SECONDS = 0.05
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
            await self._begin(spider, claim).recover()
        except CloseSpider:
            raise
        except Exception as error:
            # Scrapy would log it and crawl on, without a recorder.
            self._say("recording failed, the crawl stops", error)
            raise CloseSpider("recording_failed") from error

    def _claim(self, spider: Spider) -> Claim:
        with self._unless_ended():
            self.claim = claim_for(self.crawler, spider)
            return self.claim

    def _begin(self, spider: Spider, claim: Claim) -> Run:
        from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)

        # The reactor does not wait here for what takes long: a run that is not begun is soon given up.
        with self._unless_ended():
            self.run = Run(self.crawler, spider, claim, partial(reactor.callFromThread, self.fail))
            return self.run

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
            give_up(self.crawler, self.claim, reason)

    def _has_undecided(self) -> bool:
        """Tell whether there are pages that nobody has decided on: a crawl that is stopped by force leaves them."""
        slot = self.crawler.engine._slot if self.crawler.engine else None
        return slot is not None and any({"listing", "capture"} <= request.meta.keys() for request in slot.inprogress)


def one_line(error: BaseException) -> str:
    """Return what an exception says, as one line."""
    text = " ".join(str(error).split("\n")[0].split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _later(seconds: float) -> Deferred[None]:
    from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)
    from twisted.internet.task import deferLater  # noqa: PLC0415

    return deferLater(reactor, seconds, lambda: None)
