"""Articles whose files a dead run took with it: the crawl that finds this out requests them again."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider

from crawler.crawl.component import Component
from crawler.crawl.discovery.discovery import Discovery
from crawler.crawl.logs import LOGGED_CHARACTERS
from crawler.model.listing import Listing
from crawler.model.span import Wanted
from crawler.system.terminal import counted

logger = logging.getLogger(__name__)


class LostArticles(Component):
    """Requests lost articles after all listed ones, and logs those that the run does not reach.

    `lost` are their addresses, each with the assignment of the run that had it.
    """

    def __init__(self, crawler: Crawler, discovery: Discovery, lost: Mapping[str, Wanted]) -> None:
        super().__init__(crawler)
        self._discovery = discovery
        self._outlet = discovery.assignment.outlet
        self._waiting = {self._outlet.listed_key(url): (url, wanted) for url, wanted in lost.items()}
        self._is_requested = False
        self.listen("request_reached_downloader", "spider_idle", "spider_closed")

    def request_reached_downloader(self, request: Request) -> None:
        if listing := request.meta.get("listing"):
            self._waiting.pop(self._outlet.listed_key(listing.url), None)

    def spider_idle(self) -> None:
        if self._is_requested or not self._waiting:
            return
        self._is_requested = True
        for url, wanted in self._waiting.values():
            request = self._discovery.article_request(Listing(url))
            self.crawler.engine.crawl(request.replace(meta={**request.meta, "wanted": wanted}))
        raise DontCloseSpider

    def spider_closed(self) -> None:
        if self._waiting:
            url, wanted = next(iter(self._waiting.values()))
            logger.warning(
                "%s lost with a dead run's files, not requested again: %s, …; a backfill finds those that days list: "
                "scrapy backfill %s --since %s --until %s",
                *(counted(len(self._waiting), "article"), url[:LOGGED_CHARACTERS]),
                *(self._outlet.name, wanted.span.since, wanted.span.until),
            )
