"""Pages without a row: read again from their records, to find out why they have none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy.statscollectors import StatsCollector

from crawler.crawl.stored_pages import Decoder, pages_of
from crawler.extraction import NotAnArticle
from crawler.extraction.pool import ExtractionPool
from crawler.model.listing import Listing, Page
from crawler.model.span import Wanted
from crawler.outlets.loader import Outlets
from crawler.outlets.selection import Selection
from crawler.state.facts import RECORDED_ONLY
from crawler.tools.rebuild.exchanges import StoredExchange
from crawler.tools.verification.rows import ANY_OUTLET

if TYPE_CHECKING:
    from crawler.crawl.preflight import MakeSpider
    from crawler.crawl.spider import NewsSpider
    from crawler.outlets.outlet import Outlet

# The spider of addresses given by hand requires some; nothing is crawled here.
NO_ADDRESSES = {"lines": [b"https://khobor.invalid/"]}


class Unread(NamedTuple):
    """A page without a row: its exchange, its keys, and the reason."""

    exchange: StoredExchange
    page: Page
    keys: set[str]
    outcome: str


class Reader:
    """Parses stored responses with the outlets' spiders, and extracts their pages in worker processes."""

    def __init__(
        self, outlets: Outlets, make_spider: MakeSpider, processes: int, add_problem: Callable[[str], None]
    ) -> None:
        self._add_problem = add_problem
        self._make_spider = make_spider
        self._outlets = outlets
        self._spiders: dict[str, NewsSpider] = {}
        self._decoders: dict[str, Decoder] = {}
        self._pool = ExtractionPool(processes)

    def spider(self, outlet: str) -> NewsSpider | None:
        if outlet not in self._spiders:
            if self._outlets.named(outlet) is None:
                return None
            spider = self._make_spider(outlet, NO_ADDRESSES if outlet == ANY_OUTLET else {})
            spider.crawler.stats = StatsCollector(spider.crawler)
            self._spiders[outlet] = spider
            self._decoders[outlet] = Decoder(spider.crawler)
        return self._spiders[outlet]

    def unread(self, outlet: str, exchanges: list[StoredExchange], wanted: dict[str, Any]) -> Iterator[Unread]:
        """Yield the pages in exchanges, with the reason by the parameters of the run that recorded them."""
        spider = self.spider(outlet)
        if spider is None:
            return
        decoder = self._decoders[outlet]
        pages = [(one, page) for one in exchanges for page in pages_of(one.as_response(), spider, decoder)]
        if wanted.get("is_recorded_only"):
            for exchange, page in pages:
                yield self._unread(exchange, page, RECORDED_ONLY)
            return
        asked = Wanted.from_json(wanted, spider.zone()) if "is_span_asked" in wanted else spider.assignment.wanted
        selection = Selection(spider, asked)
        begun = [(exchange, page, self._pool.submit(page, self._rules(page))) for exchange, page in pages]
        for exchange, page, work in begun:
            error = work.exception()
            if error is None:
                article = work.result()
                refusal = selection.refusal_of(article, page.listing or Listing(article.url))
                # An article without a refusal was recorded only: its row comes from the record.
                yield self._unread(exchange, page, refusal or RECORDED_ONLY, article.canonical_url)
            elif isinstance(error, NotAnArticle):
                yield self._unread(exchange, page, error.reason)
            else:
                place = exchange.place
                self._add_problem(f"{place.file} at {place.offset}: the page cannot be extracted: {error!r}")

    def _rules(self, page: Page) -> type[Outlet]:
        return self._outlets.named(page.outlet) or self._outlets.unknown

    def _unread(self, exchange: StoredExchange, page: Page, outcome: str, canonical: str | None = None) -> Unread:
        rules = self._rules(page)
        key = page.key or rules.article_key(page.url, canonical or rules.canonical_url(page.url))
        return Unread(exchange, page, {key, *page.aliases}, outcome)

    def close(self) -> None:
        self._pool.close()
