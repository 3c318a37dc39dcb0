"""The item pipelines: a page is extracted, judged against what the run is for, and handed to the recorder."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import DropItem
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from crawler.extraction import NotAnArticle
from crawler.extraction.pool import ExtractionPool
from crawler.items import Article, Listing, Page, Verdict
from crawler.outlets import Outlets
from crawler.recording.recorder import Recorder
from crawler.state import RECORDED_ONLY

if TYPE_CHECKING:
    from concurrent.futures import Future

    from scrapy.crawler import Crawler

    from crawler.spider import NewsSpider

logger = logging.getLogger(__name__)


class ExtractionPipeline:
    """Page in, verdict out; the work is done in other processes."""

    def __init__(self, crawler: Crawler, pool: ExtractionPool | None) -> None:
        self.crawler = crawler
        self.pool = pool
        self.outlets = Outlets.from_settings(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the pool of EXTRACTION_PROCESSES; with 0 pages are recorded and not extracted."""
        processes = crawler.settings.getint("EXTRACTION_PROCESSES")
        return cls(crawler, ExtractionPool(processes) if processes else None)

    async def process_item(self, item: Page) -> Verdict:
        """Extract a page, or say that it is only recorded."""
        if self.pool is None:
            return Verdict(item, RECORDED_ONLY)
        outlet = self._outlet(item)
        try:
            article = await _result(self.pool.submit(item, outlet))
        except NotAnArticle as error:
            logger.info("no article: %s: %s", item.url, error)
            return Verdict(item, error.reason)
        return Verdict(item, "article", article)

    def close_spider(self) -> None:
        """End the worker processes."""
        if self.pool is not None:
            self.pool.close()

    def _outlet(self, page: Page) -> type[NewsSpider]:
        return self.outlets.named(page.outlet) or self.outlets.unknown


class SelectionPipeline:
    """Turns down what lies outside the run's scope or span; its record stays."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawler, whose spider knows scope and span."""
        return cls(crawler)

    def process_item(self, item: Verdict) -> Verdict:
        """Replace the verdict on an article that this run is not for."""
        if item.article is None:
            return item
        spider: Any = self.crawler.spider
        selection = item.page.selection or spider.selection()
        reason = selection.refusal_of(item.article, item.page.listing or Listing(item.article.url))
        if reason:
            return Verdict(item.page, reason)
        if item.article.scope is None and item.page.listing and item.page.listing.national:
            item.article.scope = "national"
        return item


class RowsPipeline:
    """Hands verdicts to the recorder, which writes the row once the record is durable."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawler; the recorder is asked for when the first item comes."""
        return cls(crawler)

    async def process_item(self, item: Verdict) -> Article:
        """Queue a verdict. Raises DropItem when it is no article, with its reason counted."""
        recorder = self.crawler.get_extension(Recorder)
        if recorder is None:
            raise AssertionError("rows need crawler.recording.recorder.Recorder among the EXTENSIONS")
        await recorder.room()
        recorder.decide(item)
        if item.article is None:
            self.crawler.stats.inc_value(f"khobor/rejected/{item.outcome}")
            raise DropItem(f"{item.outcome}: {item.page.url}")
        self._count(item.article)
        return item.article

    def _count(self, article: Article) -> None:
        stats = self.crawler.stats
        stats.inc_value("khobor/articles")
        stats.inc_value("khobor/dated", int(article.published is not None))
        for warning in article.warnings:
            stats.inc_value(f"khobor/warnings/{warning}")


async def _result(future: Future[Article]) -> Article:
    return await maybe_deferred_to_future(_deferred(future))


def _deferred(future: Future[Article]) -> Deferred[Article]:
    from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)

    deferred: Deferred[Article] = Deferred()

    def settle(done: Future[Article]) -> None:
        error = done.exception()
        fire = deferred.errback if error else deferred.callback
        reactor.callFromThread(fire, error or done.result())

    future.add_done_callback(settle)
    return deferred
