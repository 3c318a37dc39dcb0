"""The item pipeline: it extracts a page, selects articles of the assignment, and hands verdicts to the recorder."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.crawl.bookkeeper import Bookkeeper
from crawler.crawl.component import Component
from crawler.crawl.extraction_pool import ExtractionPool
from crawler.crawl.health.shares import DATED_ELSEWHERE, READ
from crawler.crawl.recorder import Recorder
from crawler.crawl.revisits.originals import Earlier
from crawler.crawl.settings import Extraction
from crawler.crawl.verdicts import selected, verdict_on
from crawler.extraction import NotAnArticle
from crawler.model.article import Article
from crawler.model.listing import Page, Verdict
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import own_exit

logger = logging.getLogger(__name__)


class ArticlePipeline(Component):
    """Extracts pages in other processes, and hands verdicts to the recorder: it writes rows once records are durable.

    Articles outside the run's scope or span get no row; their records stay.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # With 0 processes pages are recorded and not extracted.
        extraction = Extraction.from_settings(crawler.settings)
        self.pool = extraction.pool() if extraction.processes else None
        self.outlets = Outlets.from_settings(crawler.settings)
        self.earlier = Earlier(crawler)

    async def process_item(self, item: Page) -> Article:
        """Queue the verdict on a page. Raises DropItem if it gives no row, with the reason and the address."""
        spider: Any = self.crawler.spider
        try:
            verdict = selected(await self._verdict(item), spider, item.wanted or spider.assignment.wanted)
        except DropItem as error:  # of an outlet's own code: Scrapy would take it for ours, and the page had no reason
            raise own_exit(error) from error
        recorder = Recorder.of(self.crawler)
        await recorder.room()
        recorder.record(verdict)
        await Bookkeeper.of(self.crawler).note(verdict)
        if verdict.article is None:
            self._count_rejected(verdict)
            raise DropItem(f"{verdict.outcome}: {item.url}")
        self._count(verdict.article)
        return verdict.article

    def close_spider(self) -> None:
        if self.pool is not None:
            self.pool.close()

    async def _verdict(self, page: Page) -> Verdict:
        outlet = self.outlets.rules_of(page.outlet)
        if self.pool is None:
            return verdict_on(page, outlet, None)
        work = self.pool.submit(page, outlet)
        with suppress(NotAnArticle):
            await asyncio.wrap_future(work)
        verdict = verdict_on(page, outlet, work)
        if verdict.article is None:
            logger.info("no article: %s: %s", page.url, work.exception())
        else:
            verdict.earlier_digest = await self._earlier_digest(self.pool, page, verdict.article)
        return verdict

    async def _earlier_digest(self, pool: ExtractionPool, page: Page, article: Article) -> str | None:
        before = await self.earlier.page(page, article.extractor) if article.extractor else None
        if before is not None:
            # Without an earlier article it is kept as a new version.
            with suppress(NotAnArticle):
                work = pool.submit(before, self.outlets.rules_of(before.outlet))
                return (await asyncio.wrap_future(work)).text_digest
        return None

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
