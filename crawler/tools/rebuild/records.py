"""Records: validators for revisits, later captures of known articles, and pages without a row, in state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from scrapy import Request
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

from crawler.archive.names import outlet_of
from crawler.crawl.extraction_pool import ExtractionPool
from crawler.crawl.preflight import MakeSpider
from crawler.crawl.spider import NewsSpider
from crawler.crawl.stored_pages import Decoder, pages_of
from crawler.extraction import NotAnArticle
from crawler.model.listing import Listing, Page
from crawler.model.span import Wanted
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import Outlet
from crawler.outlets.selection import Selection
from crawler.state.facts import RECORDED_ONLY, Seen
from crawler.state.queries import upsert, upsert_originals
from crawler.state.store import State
from crawler.tools.rebuild.exchanges import StoredExchange, StoredWarc
from crawler.tools.rebuild.inventory import Inventory
from crawler.tools.verification.rows import ANY_OUTLET

# Exchanges, or bytes of their entities, between two queries of state.
BATCH, BATCH_BYTES = 100, 8 << 20

# Articles by outlet and key.
Articles = dict[tuple[str, str], Seen]


class Records:
    """Reads WARCs into a state that knows all rows already."""

    def __init__(self, inventory: Inventory, state: State, reader: Reader) -> None:
        self._inventory = inventory
        self._state = state
        self._reader = reader

    def enter(self, key: str) -> None:
        warc = StoredWarc(self._inventory, key)
        batch: list[StoredExchange] = []
        size = 0
        for exchange in warc.exchanges():
            if batch and (len(batch) >= BATCH or size >= BATCH_BYTES or exchange.run != batch[0].run):
                self._enter_batch(key, batch)
                batch, size = [], 0
            batch.append(exchange)
            size += len(exchange.entity)
        if batch:
            self._enter_batch(key, batch)

    def _enter_batch(self, key: str, batch: list[StoredExchange]) -> None:
        outlet = outlet_of(key) or ""
        spider = self._reader.spider(outlet)
        if spider is None:
            self._inventory.add_unknown_outlet(outlet)
        seen = self._seen(batch[0].run, spider, batch).values() if spider else []
        with self._state.engine.begin() as connection:
            originals = [exchange.original for exchange in batch if exchange.original]
            upsert_originals(connection, outlet, originals, self._inventory)
            upsert(connection, seen, self._inventory)

    def _seen(self, run: str | None, spider: NewsSpider, batch: list[StoredExchange]) -> Articles:
        wanted = self._inventory.wanted(run)
        scope = wanted.get("scope", spider.scope)
        pages = [(exchange, page) for exchange in batch if (page := _page(exchange, spider)) is not None]
        known = self._known((page.outlet, key) for _, page in pages for key in _keys(page))
        seen: Articles = {}
        unread = []
        for exchange, page in pages:
            entry = self._entry(exchange, page, known)
            if entry is not None:
                seen |= _captured_again(entry, exchange, page, _keys(page), scope, known)
            elif exchange.is_page:
                unread.append(exchange)
        for one in self._reader.unread(spider.name, unread, wanted):
            seen |= self._without_row(one, run or "", scope, known)
        return seen

    def _known(self, names: Iterable[tuple[str, str]]) -> Articles:
        by_outlet: dict[str, set[str]] = {}
        for outlet, key in names:
            by_outlet.setdefault(outlet, set()).add(key)
        return {
            (outlet, seen.key): seen
            for outlet, keys in by_outlet.items()
            for seen in self._state.entries(outlet, sorted(keys))
            if seen.version
        }

    def _entry(self, exchange: StoredExchange, page: Page, known: Articles) -> Seen | None:
        for key in _keys(page):
            if found := known.get((page.outlet, key)):
                return found
        query = "SELECT seen FROM unplaced WHERE record = ?"
        row = self._inventory.database.one(query, exchange.place.record_id)
        return Seen(**json.loads(row[0])) if row else None

    def _without_row(self, one: Unread, run: str, scope: str, known: Articles) -> Articles:
        page, keys = one.page, sorted(one.keys)
        articles = self._known((page.outlet, key) for key in keys)
        if articles:
            return _captured_again(next(iter(articles.values())), one.exchange, page, keys, scope, known)
        capture = _capture(one.exchange, page, scope)
        return {
            (page.outlet, key): Seen(outlet=page.outlet, key=key, outcome=one.outcome, run=run, **capture)
            for key in keys
        }


def _page(exchange: StoredExchange, spider: NewsSpider) -> Page | None:
    """Return the page of an exchange, without its body; None if it is not an article's."""
    listing = exchange.listing
    is_answer = exchange.kind == "revisit" or (exchange.response is not None and exchange.response.status == 200)
    if listing is None or not is_answer or (exchange.facts is None and spider.key_of(listing.url) is None):
        return None
    return spider.page(Response(exchange.place.url, request=Request(listing.url)), listing)


def _keys(page: Page) -> list[str]:
    return [key for key in (page.key, *page.aliases) if key]


def _capture(exchange: StoredExchange, page: Page, scope: str) -> dict[str, Any]:
    place = exchange.place
    where = {"file": place.file, "offset": place.offset, "record_id": place.record_id}
    return {"url": page.url, "scope": scope, "fetched_at": exchange.date, **where}


def _captured_again(
    entry: Seen, exchange: StoredExchange, page: Page, keys: Iterable[str], scope: str, known: Articles
) -> Articles:
    if exchange.date >= entry.fetched_at:
        entry = replace(entry, **_capture(exchange, page, scope))
    entries = {(entry.outlet, key): replace(entry, key=key) for key in {entry.key, *keys}}
    known.update(entries)
    return entries


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
        self, outlets: Outlets, make_spider: MakeSpider, pool: ExtractionPool, add_problem: Callable[[str], None]
    ) -> None:
        self._add_problem = add_problem
        self._make_spider = make_spider
        self._outlets = outlets
        self._spiders: dict[str, NewsSpider] = {}
        self._decoders: dict[str, Decoder] = {}
        self._pool = pool

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
