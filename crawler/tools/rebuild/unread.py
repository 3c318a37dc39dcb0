"""Pages that gave no row: read again from their record, to tell what state knew of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy.statscollectors import StatsCollector

from crawler.archive.captures import capture_at
from crawler.crawl.stored_pages import Decoder, pages_of
from crawler.extraction import NotAnArticle
from crawler.extraction.pool import ExtractionPool
from crawler.model.listing import Listing, Page
from crawler.model.span import Wanted
from crawler.outlets.loader import Outlets
from crawler.outlets.selection import Selection
from crawler.recording.stored_responses import StoredResponse
from crawler.state.facts import RECORDED_ONLY
from crawler.tools.rebuild.exchanges import StoredExchange
from crawler.tools.verification.rows import ANY_OUTLET

if TYPE_CHECKING:
    from crawler.crawl.preflight import MakeSpider
    from crawler.crawl.spider import NewsSpider
    from crawler.outlets.outlet import Outlet

# The spider of addresses given by hand wants some; nothing is crawled with it here.
NO_ADDRESSES = {"lines": [b"https://khobor.invalid/"]}


class Unread(NamedTuple):
    """A page without a row: the exchange it came in, its keys, and why it has none."""

    exchange: StoredExchange
    page: Page
    keys: set[str]
    outcome: str


class Reader:
    """Makes pages of records again as the outlets' spiders do, and extracts them in processes of its own."""

    def __init__(self, outlets: Outlets, make_spider: MakeSpider, processes: int, name: Callable[[str], None]) -> None:
        """Take what names a problem."""
        self._name = name
        self._make_spider = make_spider
        self._outlets = outlets
        self._spiders: dict[str, NewsSpider] = {}
        self._decoders: dict[str, Decoder] = {}
        self._pool = ExtractionPool(processes)

    def spider(self, outlet: str) -> NewsSpider | None:
        """Return the spider of an outlet, None when it has none here."""
        if outlet not in self._spiders:
            if self._outlets.named(outlet) is None:
                return None
            spider = self._make_spider(outlet, NO_ADDRESSES if outlet == ANY_OUTLET else {})
            spider.crawler.stats = StatsCollector(spider.crawler)
            self._spiders[outlet] = spider
            self._decoders[outlet] = Decoder(spider.crawler)
        return self._spiders[outlet]

    def unread(self, outlet: str, exchanges: list[StoredExchange], wanted: dict[str, Any]) -> Iterator[Unread]:
        """Yield what becomes of the pages in exchanges, by what the run wanted that recorded them."""
        spider = self.spider(outlet)
        if spider is None:
            return
        pages = [(exchange, page) for exchange in exchanges for page in self._pages(spider, exchange)]
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
                # An article that was wanted and gave no row: its row comes from the record.
                yield self._unread(exchange, page, refusal or RECORDED_ONLY, article.canonical_url)
            elif isinstance(error, NotAnArticle):
                yield self._unread(exchange, page, error.reason)
            else:
                self._name(f"{exchange.place.file} at {exchange.place.offset}: the page can't be read: {error!r}")

    def _pages(self, spider: NewsSpider, exchange: StoredExchange) -> Iterator[Page]:
        return pages_of(_stored(exchange), spider, self._decoders[spider.name])

    def _rules(self, page: Page) -> type[Outlet]:
        return self._outlets.named(page.outlet) or self._outlets.unknown

    def _unread(self, exchange: StoredExchange, page: Page, outcome: str, canonical: str | None = None) -> Unread:
        rules = self._rules(page)
        key = page.key or rules.article_key(page.url, canonical or rules.canonical_url(page.url))
        return Unread(exchange, page, {key, *page.aliases}, outcome)

    def close(self) -> None:
        """End the worker processes."""
        self._pool.close()


def _stored(exchange: StoredExchange) -> StoredResponse:
    moment = datetime.fromisoformat(exchange.date)
    capture = capture_at(exchange.place, moment, exchange.status, exchange.mime, exchange.digest)
    return StoredResponse(capture, exchange.fields, exchange.entity, exchange.facts or {})
