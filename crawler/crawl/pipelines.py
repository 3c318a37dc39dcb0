"""The item pipelines: a page is extracted, judged against what the run is for, and handed to the recorder."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import DropItem
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from crawler.crawl.health.shares import DATED_ELSEWHERE, READ
from crawler.crawl.memory import Memory
from crawler.crawl.recorder import Recorder
from crawler.crawl.revisits.originals import Earlier
from crawler.crawl.revisits.revisiting import Revisiting
from crawler.crawl.settings import extraction_processes
from crawler.extraction import NotAnArticle
from crawler.extraction.pool import ExtractionPool
from crawler.model.article import Article, PublicationDate
from crawler.model.listing import Listing, Page, Verdict
from crawler.outlets.loader import Outlets
from crawler.outlets.selection import Selection
from crawler.state import ARTICLE, RECORDED_ONLY

if TYPE_CHECKING:
    from concurrent.futures import Future

    from scrapy.crawler import Crawler

    from crawler.outlets.outlet import Outlet

logger = logging.getLogger(__name__)


class ExtractionPipeline:
    """Page in, verdict out; the work is done in other processes."""

    def __init__(self, crawler: Crawler, pool: ExtractionPool | None) -> None:
        self.crawler = crawler
        self.pool = pool
        self.outlets = Outlets.from_settings(crawler.settings)
        memory = crawler.get_extension(Memory)
        self.earlier = Earlier(memory, crawler) if memory else None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the pool of EXTRACTION_PROCESSES; with 0 pages are recorded and not extracted."""
        processes = extraction_processes(crawler.settings)
        return cls(crawler, ExtractionPool(processes) if processes else None)

    async def process_item(self, item: Page) -> Verdict:
        """Extract a page, or say that it is only recorded."""
        outlet = self._outlet(item)
        if self.pool is None:
            return self._unread(item, outlet, RECORDED_ONLY)
        try:
            article = await _result(self.pool.submit(item, outlet))
        except NotAnArticle as error:
            logger.info("no article: %s: %s", item.url, error)
            return self._unread(item, outlet, error.reason)
        item.key = item.key or outlet.article_key(item.url, article.canonical_url)
        return Verdict(item, ARTICLE, article, await self._earlier_digest(self.pool, item, article))

    def close_spider(self) -> None:
        """End the worker processes."""
        if self.pool is not None:
            self.pool.close()

    def _unread(self, page: Page, outlet: type[Outlet], outcome: str) -> Verdict:
        page.key = page.key or outlet.article_key(page.url, outlet.canonical_url(page.url))
        return Verdict(page, outcome)

    async def _earlier_digest(self, pool: ExtractionPool, page: Page, article: Article) -> str | None:
        """Return the digest of the text in the capture before, where another extractor had read it."""
        if self.earlier is None or article.extractor is None:
            return None
        before = await self.earlier.page(page, article.extractor)
        if before is None:
            return None
        try:
            return (await _result(pool.submit(before, self._outlet(before)))).text_digest
        except NotAnArticle:
            return None  # as a new version it is kept

    def _outlet(self, page: Page) -> type[Outlet]:
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
        selection = Selection(spider, item.page.wanted or spider.wanted())
        reason = selection.refusal_of(item.article, item.page.listing or Listing(item.article.url))
        if reason:
            return Verdict(item.page, reason, published=item.article.published)
        if item.article.scope is None and item.page.listing and item.page.listing.national:
            item.article.scope = "national"
        return item


class NoRow(DropItem):
    """A page gives no row; `outcome` says why, `published` is its date where it is an article."""

    def __init__(self, outcome: str, url: str, published: PublicationDate | None) -> None:
        super().__init__(f"{outcome}: {url}")
        self.outcome = outcome
        self.published = published


class RowsPipeline:
    """Hands verdicts to the recorder, which writes the row once the record is durable."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.revisiting = crawler.get_extension(Revisiting)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawler; the recorder is asked for when the first item comes."""
        return cls(crawler)

    async def process_item(self, item: Verdict) -> Article:
        """Queue a verdict. Raises DropItem when it is no article, with its reason counted."""
        recorder = self.crawler.get_extension(Recorder)
        if recorder is None:
            raise AssertionError("rows need crawler.crawl.recorder.Recorder among the EXTENSIONS")
        await recorder.room()
        recorder.decide(item)
        if self.revisiting is not None:
            await self.revisiting.note(item)
        if item.article is None:
            self._count_rejected(item)
            raise NoRow(item.outcome, item.page.url, item.published)
        self._count(item.article)
        return item.article

    def _count_rejected(self, verdict: Verdict) -> None:
        stats = self.crawler.stats
        stats.inc_value(f"khobor/rejected/{verdict.outcome}")
        if verdict.outcome not in READ:
            stats.set_value("khobor/example/rejected", verdict.page.url)

    def _count(self, article: Article) -> None:
        stats = self.crawler.stats
        is_self_dated = article.published is not None and article.published.source not in DATED_ELSEWHERE
        if article.published is None:
            stats.set_value("khobor/example/undated", article.url)
        elif not is_self_dated:
            stats.set_value("khobor/example/unstated", article.url)
        if "short-text" in article.warnings:
            stats.set_value("khobor/example/short-text", article.url)
        stats.inc_value("khobor/articles")
        stats.inc_value("khobor/dated", int(article.published is not None))
        stats.inc_value("khobor/self-dated", int(is_self_dated))
        for warning in article.warnings:
            stats.inc_value(f"khobor/warnings/{warning}")


async def _result(future: Future[Article]) -> Article:
    return await maybe_deferred_to_future(_deferred(future))


def _deferred(future: Future[Article]) -> Deferred[Article]:
    from twisted.internet import reactor  # importing it installs it

    deferred: Deferred[Article] = Deferred()

    def settle(done: Future[Article]) -> None:
        error = done.exception()
        fire = deferred.errback if error else deferred.callback
        reactor.callFromThread(fire, error or done.result())

    future.add_done_callback(settle)
    return deferred
