"""Articles that were lost with a run: those that no source lists any more are asked for by the addresses they had."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from scrapy import Request, signals
from scrapy.exceptions import DontCloseSpider

from crawler.crawl.spider import TOLD_CHARACTERS, NewsSpider
from crawler.model.listing import Listing
from crawler.model.span import Wanted
from crawler.system.terminal import counted

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class LostArticles:
    """Asks for lost articles when a run has asked for all that is listed; what it did not come to is told of.

    `lost` are their addresses, each with what the run wanted that had it.
    """

    def __init__(self, crawler: Crawler, spider: NewsSpider, lost: Mapping[str, Wanted]) -> None:
        self._crawler = crawler
        self._spider = spider
        self._waiting = {self._key(url): (url, wanted) for url, wanted in lost.items()}
        self._is_asked = False
        crawler.signals.connect(self._request_sent, signals.request_reached_downloader)
        crawler.signals.connect(self._spider_idle, signals.spider_idle)
        crawler.signals.connect(self._spider_closed, signals.spider_closed)

    def _key(self, url: str) -> str:
        return self._spider.listed_key(Listing(url))

    def _request_sent(self, request: Request) -> None:
        if listing := request.meta.get("listing"):
            self._waiting.pop(self._key(listing.url), None)

    def _spider_idle(self) -> None:
        """Raise DontCloseSpider when something is asked for."""
        if self._is_asked or not self._waiting:
            return
        self._is_asked = True
        for url, wanted in self._waiting.values():
            request = self._spider.article_request(Listing(url))
            self._crawler.engine.crawl(request.replace(meta={**request.meta, "wanted": wanted}))
        raise DontCloseSpider

    def _spider_closed(self) -> None:
        if self._waiting:
            url, wanted = next(iter(self._waiting.values()))
            logger.warning(
                "%s lost with a dead run's files, not asked for again: %s, …; these a backfill finds, where days list "
                "them: scrapy backfill %s --since %s --until %s",
                *(counted(len(self._waiting), "article"), url[:TOLD_CHARACTERS]),
                *(self._spider.name, wanted.span.since, wanted.span.until),
            )
