"""Articles whose files were lost with a disk or machine: they are requested again by their addresses."""

from collections.abc import Mapping

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response

from crawler.crawl.component import Component
from crawler.crawl.discovery.discovery import Discovery
from crawler.model.listing import Listing
from crawler.model.span import read_wanted

# Answers that say nothing about an article.
PASSING = (403, 429, *range(500, 600))


class LostArticles(Component):
    """Requests lost articles after all listed ones; state keeps those without an answer.

    `answered` are the addresses of the others.
    """

    def __init__(self, crawler: Crawler, discovery: Discovery, lost: Mapping[str, str | None]) -> None:
        super().__init__(crawler)
        self._discovery = discovery
        self._outlet = discovery.assignment.outlet
        # By key: the address, and the parameters of the run that lost it.
        self._waiting = {self._outlet.listed_key(url): (url, wanted) for url, wanted in lost.items()}
        self.answered: set[str] = set()
        self.listen("request_reached_downloader", "response_received", "spider_idle")

    @property
    def is_waiting(self) -> bool:
        return bool(self._waiting)

    def request_reached_downloader(self, request: Request) -> None:
        if listing := request.meta.get("listing"):
            for url in (listing.url, request.url):
                self._waiting.pop(self._outlet.listed_key(url), None)

    def response_received(self, response: Response, request: Request) -> None:
        if "lost" in request.meta and response.status not in PASSING:
            self.answered.add(request.meta["lost"])

    def spider_idle(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for url, parameters in waiting.values():
            wanted = read_wanted(parameters, self._outlet.zone())
            # A national run had found it national, perhaps only by its listing, or recorded it without a judgement.
            request = self._discovery.article_request(Listing(url, national=wanted.scope == "national"))
            self.crawler.engine.crawl(request.replace(meta={**request.meta, "wanted": wanted, "lost": url}))
        if waiting:
            raise DontCloseSpider
