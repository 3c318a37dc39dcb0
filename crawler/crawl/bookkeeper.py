"""The extension that tells state what became of days and listed articles, once that is durable."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.utils.asyncio import run_in_thread
from sqlalchemy.exc import SQLAlchemyError

from crawler.crawl.memory import memory_of
from crawler.crawl.recorder import FAILURE, Recorder
from crawler.crawl.revisits.revisiting import Revisiting
from crawler.crawl.spider import NewsSpider
from crawler.model.day_news import DayTidings
from crawler.model.failures import OUT_OF_SPAN, ROBOTS_FAILURE, ROW
from crawler.state import RECORDED_ONLY
from crawler.state.days import TURNED_DOWN, Days
from crawler.state.history import COMPLETE

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.model.article import Article, PublicationDate

INTERVAL_SECONDS = 1.0
KEPT = TURNED_DOWN | {RECORDED_ONLY}


class Bookkeeper:
    """Keeps the failures of every run, and closes the days of a backfill: a kill loses those that are open."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._closing = asyncio.Event()
        self._untold: DayTidings | None = None
        self._task: asyncio.Task[None] | None = None
        self._began = datetime.now(UTC)
        # The days without a list, and whether that is nothing wrong where days near them have one.
        self._absent: dict[date, bool] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to what becomes of pages, and to the beginning and end of the crawl."""
        keeper = cls(crawler)
        crawler.signals.connect(keeper.spider_opened, signals.spider_opened)
        crawler.signals.connect(keeper.spider_closed, signals.spider_closed)
        crawler.signals.connect(keeper.item_scraped, signals.item_scraped)
        crawler.signals.connect(keeper.item_dropped, signals.item_dropped)
        crawler.signals.connect(keeper.item_error, signals.item_error)
        return keeper

    def spider_opened(self, spider: Spider) -> None:
        """Begin to tell state from time to time."""
        if isinstance(spider, NewsSpider):
            self._task = asyncio.ensure_future(self._keep(spider))

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        """Tell the rest once the recorder has written everything."""
        self._closing.set()
        if self._task is None or not isinstance(spider, NewsSpider):
            return
        await self._task
        recorder = self._recorder
        await run_in_thread(recorder.finish, reason)
        if recorder.claim is not None and self.crawler.stats.get_value(FAILURE) is None:
            for notes in filter(None, (self._untold, spider.notes(is_over=reason == COMPLETE))):
                await self._tell(spider, notes)
            if spider.backfill in ("open", "retry") and reason == COMPLETE:
                await self._give_up(spider)

    def item_scraped(self, item: Article, response: Response | None) -> None:
        """Note an article that was handed to the recorder."""
        self._settle(response, None, item.published)

    def item_dropped(self, response: Response | None, exception: Any) -> None:
        """Note a page that gave no row."""
        self._settle(response, getattr(exception, "outcome", "dropped"), getattr(exception, "published", None))

    def item_error(self, response: Response | None) -> None:
        """Note a page on which our own code failed: it is tried again."""
        self._settle(response, "crash")

    def _settle(self, response: Response | None, outcome: str | None, published: PublicationDate | None = None) -> None:
        spider: Any = self.crawler.spider
        listing = response.meta.get("listing") if response is not None else None
        if listing is None:
            return
        if published is not None:
            spider.dated(listing, published.at)
            if outcome == OUT_OF_SPAN:
                spider.moved(listing, published.at)
        spider.came_to(listing, outcome or ROW)
        if outcome is None or outcome in KEPT:
            spider.settle(listing)
        else:
            spider.settle(listing, "rejected", outcome)

    @property
    def _recorder(self) -> Recorder:
        recorder = self.crawler.get_extension(Recorder)
        if recorder is None:
            raise AssertionError("books are kept beside crawler.crawl.recorder.Recorder, which is not there")
        return recorder

    async def _keep(self, spider: NewsSpider) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), INTERVAL_SECONDS)
            writer = self._recorder.writer
            if writer is None or self._closing.is_set():
                continue
            self._untold = spider.notes()
            if self._untold:
                # What state is told of a day rests on what the writer has not come to yet; this is cancelled
                # when it has ended.
                with suppress(CancelledError):
                    await asyncio.wrap_future(writer.flush())
                    await self._tell(spider, self._untold)
                    self._untold = None

    async def _give_up(self, spider: NewsSpider) -> None:
        """Close the days on which a whole run has been in vain, unless it is the host that can't be reached."""
        if self.crawler.stats.get_value(ROBOTS_FAILURE) is None:
            absent = {day: is_well for day, is_well in self._absent.items() if spider.may_have_no_list(day)}
            try:
                await run_in_thread(self._days(spider).give_up, absent, self._began)
            except SQLAlchemyError as error:
                self._recorder.fail(error)

    def _days(self, spider: NewsSpider) -> Days:
        return Days(memory_of(self.crawler).state.engine, spider.name, spider.scope)

    async def _tell(self, spider: NewsSpider, notes: DayTidings) -> None:
        try:
            await run_in_thread(self._days(spider).tell, notes.days, notes.failed, notes.settled, notes.moved)
            if revisiting := self.crawler.get_extension(Revisiting):
                await revisiting.note_failures(notes.failed)
        except SQLAlchemyError as error:
            self._recorder.fail(error)
        self._absent |= {one.day: one.may_be_empty for one in notes.days if one.is_settled and one.is_absent}
        spider.forget(key for news in notes.days if news.day in notes.ended for key in news.keys)
