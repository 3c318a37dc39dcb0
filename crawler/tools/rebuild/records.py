"""What records say of captures and pages: validators, later captures of known articles, pages without a row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from scrapy import Request
from scrapy.http import Response

from crawler.archive.names import outlet_of
from crawler.crawl.spider import NewsSpider
from crawler.model.listing import Page
from crawler.state.facts import Seen
from crawler.state.queries import upsert, upsert_originals
from crawler.state.store import State
from crawler.tools.rebuild.exchanges import StoredExchange, StoredWarc
from crawler.tools.rebuild.inventory import Inventory
from crawler.tools.rebuild.unread import Reader, Unread

# How much is read before state is asked and told.
BATCH, BATCH_BYTES = 100, 8 << 20
Met = dict[tuple[str, str], Seen]


class Records:
    """Reads WARCs into a state that knows all rows already."""

    def __init__(self, inventory: Inventory, state: State, reader: Reader) -> None:
        self._inventory = inventory
        self._state = state
        self._reader = reader

    def enter(self, key: str) -> None:
        """Enter what a file tells. Raises OSError, StorageError, SQLAlchemyError."""
        warc = StoredWarc(self._inventory, key)
        batch: list[StoredExchange] = []
        size = 0
        for exchange in warc.exchanges():
            batch.append(exchange)
            size += len(exchange.entity)
            if len(batch) >= BATCH or size >= BATCH_BYTES:
                self._settle(warc, batch)
                batch, size = [], 0
        self._settle(warc, batch)

    def _settle(self, warc: StoredWarc, batch: list[StoredExchange]) -> None:
        outlet = outlet_of(warc.key) or ""
        originals = [exchange.original for exchange in batch if exchange.original]
        spider = self._reader.spider(outlet)
        if spider is None:
            self._inventory.name_stranger(outlet)
        seen = self._seen(warc, spider, batch) if spider else []
        with self._state.engine.begin() as connection:
            upsert_originals(connection, outlet, originals, self._inventory)
            upsert(connection, seen, self._inventory)

    def _seen(self, warc: StoredWarc, spider: NewsSpider, batch: list[StoredExchange]) -> list[Seen]:
        """Return what the pages in a batch tell of articles."""
        wanted = self._inventory.wanted(warc.run)
        scope = wanted.get("scope", spider.scope)
        pages = [(exchange, page) for exchange in batch if (page := _page(exchange, spider)) is not None]
        met = self._met((page.outlet, key) for _, page in pages for key in _keys(page))
        told: Met = {}
        unread = []
        for exchange, page in pages:
            entry = self._entry(exchange, page, met)
            if entry is not None:
                told |= _again(entry, exchange, page, _keys(page), scope, met)
            elif exchange.status == 200 and exchange.is_whole:
                unread.append(exchange)
        for one in self._reader.unread(spider.name, unread, wanted):
            told |= self._unread(one, warc.run or "", scope, met)
        return list(told.values())

    def _met(self, names: Iterable[tuple[str, str]]) -> Met:
        """Return what state knows of articles that have a row."""
        by_outlet: dict[str, set[str]] = {}
        for outlet, key in names:
            by_outlet.setdefault(outlet, set()).add(key)
        return {
            (outlet, seen.key): seen
            for outlet, keys in by_outlet.items()
            for seen in self._state.entries(outlet, sorted(keys))
            if seen.version
        }

    def _entry(self, exchange: StoredExchange, page: Page, met: Met) -> Seen | None:
        for key in _keys(page):
            if found := met.get((page.outlet, key)):
                return found
        return self._unplaced(exchange.place.record_id)

    def _unplaced(self, record_id: str) -> Seen | None:
        row = self._inventory.scratch.one("SELECT seen FROM unplaced WHERE record = ?", record_id)
        return Seen(**json.loads(row[0])) if row else None

    def _unread(self, one: Unread, run: str, scope: str, met: Met) -> Met:
        """Return what a page without a row tells: that of its article, where its own address had not told which."""
        page, place = one.page, one.exchange.place
        keys = sorted(one.keys)
        known = self._met((page.outlet, key) for key in keys)
        if known:
            return _again(next(iter(known.values())), one.exchange, page, keys, scope, met)
        return {
            (page.outlet, key): Seen(
                outlet=page.outlet,
                key=key,
                url=page.url,
                outcome=one.outcome,
                scope=scope,
                run=run,
                fetched_at=one.exchange.date,
                file=place.file,
                offset=place.offset,
                record_id=place.record_id,
            )
            for key in keys
        }


def _page(exchange: StoredExchange, spider: NewsSpider) -> Page | None:
    """Return the page that an exchange may be, without its body; None for one that is no article's."""
    listing = exchange.listing
    is_answer = exchange.kind == "revisit" or exchange.status == 200
    if listing is None or not is_answer or (exchange.facts is None and spider.key_of(listing.url) is None):
        return None
    return spider.page(Response(exchange.place.url, request=Request(listing.url)), listing)


def _keys(page: Page) -> list[str]:
    return [key for key in (page.key, *page.aliases) if key]


def _again(entry: Seen, exchange: StoredExchange, page: Page, keys: Iterable[str], scope: str, met: Met) -> Met:
    """Return an article's entries after one more capture of it, under every key it has."""
    if exchange.date >= entry.fetched_at:
        place = exchange.place
        entry = replace(
            entry,
            url=page.url,
            scope=scope,
            fetched_at=exchange.date,
            file=place.file,
            offset=place.offset,
            record_id=place.record_id,
        )
    entries = {(entry.outlet, key): replace(entry, key=key) for key in {entry.key, *keys}}
    met.update(entries)
    return entries
