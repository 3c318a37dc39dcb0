"""The extension that writes days and listed articles to state, once the records on which they rest are durable."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from contextlib import suppress

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import run_in_thread
from twisted.python.failure import Failure

from crawler.crawl.component import Component
from crawler.crawl.memory import Memory
from crawler.crawl.politeness.robots import RobotsTxt
from crawler.crawl.recorder import Recorder
from crawler.crawl.revisits.revisiting import Revisiting
from crawler.crawl.spider import NewsSpider
from crawler.model.article import PublicationDate
from crawler.model.day_news import DayTidings
from crawler.model.failures import OUT_OF_SPAN, ROW, name_of
from crawler.model.listing import Page, Verdict
from crawler.outlets.loader import is_breaking
from crawler.state import RECORDED_ONLY
from crawler.state.days import REJECTED, Days
from crawler.state.history import COMPLETE
from crawler.system import clock

INTERVAL_SECONDS = 1.0
KEPT = REJECTED | {RECORDED_ONLY, ROW}


class Bookkeeper(Component):
    """Keeps the failures of every run, and closes the days of a backfill; a kill loses only the days under way."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._closing = asyncio.Event()
        self._unwritten: DayTidings | None = None
        self._task: asyncio.Task[None] | None = None
        self._began = clock.now()
        self.listen("spider_opened", "spider_closed", "item_error")

    def spider_opened(self, spider: Spider) -> None:
        if isinstance(spider, NewsSpider):
            self._task = asyncio.ensure_future(self._keep(spider))

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        self._closing.set()
        if self._task is None or not isinstance(spider, NewsSpider):
            return
        await self._task
        recorder = Recorder.of(self.crawler)
        await run_in_thread(recorder.finish, reason)
        if recorder.name and recorder.failure is None:
            for notes in filter(None, (self._unwritten, spider.ledger.notes(is_over=reason == COMPLETE))):
                await self._write(spider, notes)
            if spider.backfill in ("open", "retry") and reason == COMPLETE:
                await self._give_up(spider)

    def item_error(self, item: Page, failure: Failure) -> None:
        """Count a page on which our own code failed, by the error; stop if extraction itself is broken."""
        stats = self.crawler.stats
        stats.inc_value("khobor/errors")
        stats.inc_value(f"khobor/rejected/{name_of(failure.value)}")
        stats.set_value("khobor/example/rejected", item.url)
        self._settle(item, "crash")
        if failure.value is not None and is_breaking(failure.value):
            Recorder.of(self.crawler).fail(failure.value)

    async def note(self, verdict: Verdict) -> None:
        """Note the verdict on a page that was fetched, which the writer has. Raises SQLAlchemyError."""
        if revisiting := self.crawler.get_extension(Revisiting):
            await revisiting.note(verdict)
        if verdict.article is None:
            self._settle(verdict.page, verdict.outcome, verdict.published)
        else:
            self._settle(verdict.page, ROW, verdict.article.published)

    def _settle(self, page: Page, outcome: str, published: PublicationDate | None = None) -> None:
        listing, spider = page.listing, self.crawler.spider
        if listing is None or not isinstance(spider, NewsSpider):
            return
        if published is not None:
            spider.ledger.dated(listing, published.at, is_outside=outcome == OUT_OF_SPAN)
        spider.known.came_to(listing, outcome)
        if outcome in KEPT:
            spider.ledger.settle(listing)
        else:
            spider.ledger.settle(listing, "rejected", outcome)

    async def _keep(self, spider: NewsSpider) -> None:
        recorder = Recorder.of(self.crawler)
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), INTERVAL_SECONDS)
            if recorder.run is None or self._closing.is_set():
                continue
            self._unwritten = spider.ledger.notes()
            if self._unwritten:
                # They rest on records that the writer may not have written yet; a writer that has ended cancels this.
                with suppress(CancelledError):
                    await asyncio.wrap_future(recorder.run.writer.flush())
                    await self._write(spider, self._unwritten)
                    self._unwritten = None

    async def _give_up(self, spider: NewsSpider) -> None:
        """Close the days that a whole run could not complete, unless the host itself is unreachable."""
        robots = self.crawler.get_downloader_middleware(RobotsTxt)
        if robots is None or robots.failure is None:
            with Recorder.of(self.crawler).failing_with_state():
                await run_in_thread(self._days(spider).give_up, self._began, spider.health.days_of_silent_sources())

    def _days(self, spider: NewsSpider) -> Days:
        return Memory.of(self.crawler).days(spider.name, spider.scope)

    async def _write(self, spider: NewsSpider, notes: DayTidings) -> None:
        with Recorder.of(self.crawler).failing_with_state():
            await run_in_thread(self._days(spider).write, notes.days, notes.failed, notes.settled, notes.moved)
            if revisiting := self.crawler.get_extension(Revisiting):
                await revisiting.note_failures(notes.failed)
        spider.known.forget(key for news in notes.days if news.day in notes.ended for key in news.listings)
