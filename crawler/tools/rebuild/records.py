"""Records: validators for revisits, later captures of known articles, and pages without a row, in state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from scrapy.http import Response
from scrapy.settings import Settings

from crawler.archive.names import outlet_of
from crawler.crawl.article_pages import ArticlePages
from crawler.crawl.extraction_pool import ExtractionPool
from crawler.crawl.stored_pages import StoredPages
from crawler.model.listing import Page, Verdict
from crawler.model.span import read_wanted
from crawler.outlets.loader import Outlets
from crawler.state.facts import RECORDED_ONLY, Seen
from crawler.state.queries import upsert, upsert_originals
from crawler.state.store import State
from crawler.tools.rebuild.exchanges import StoredExchange, StoredWarc
from crawler.tools.rebuild.inventory import Inventory

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
        stored = self._reader.pages(outlet)
        if stored is None:
            self._inventory.add_unknown_outlet(outlet)
        seen = self._seen(batch[0].run, stored, batch).values() if stored else []
        with self._state.engine.begin() as connection:
            originals = [exchange.original for exchange in batch if exchange.original]
            upsert_originals(connection, outlet, originals, self._inventory)
            upsert(connection, seen, self._inventory)

    def _seen(self, run: str | None, stored: StoredPages, batch: list[StoredExchange]) -> Articles:
        wanted = self._inventory.wanted(run)
        scope = wanted.get("scope", "national")
        rules = stored.article_pages
        pages = [(exchange, page) for exchange in batch if (page := _page(exchange, rules)) is not None]
        known = self._known((page.outlet, key) for _, page in pages for key in _keys(page))
        seen: Articles = {}
        unread = []
        for exchange, page in pages:
            entry = self._entry(exchange, page, known)
            if entry is not None:
                seen |= _captured_again(entry, exchange, page, _keys(page), scope, known)
            elif exchange.is_page:
                unread.append(exchange)
        for one in self._reader.unread(stored, unread, wanted):
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


def _page(exchange: StoredExchange, rules: ArticlePages) -> Page | None:
    """Return the page of an exchange, without its body; None if it is not an article's."""
    listing = exchange.listing
    is_answer = exchange.kind == "revisit" or (exchange.response is not None and exchange.response.status == 200)
    is_known = exchange.facts is not None or (listing is not None and rules.key_of(listing.url) is not None)
    if listing is None or not is_answer or not is_known:
        return None
    return rules.page(Response(exchange.place.url), listing)


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


class Unread(NamedTuple):
    """A page without a row: its exchange, its keys, and the reason."""

    exchange: StoredExchange
    page: Page
    keys: set[str]
    outcome: str


class Reader:
    """Decides the stored pages of outlets."""

    def __init__(
        self, outlets: Outlets, settings: Settings, pool: ExtractionPool, add_problem: Callable[[str], None]
    ) -> None:
        self._add_problem = add_problem
        self._outlets = outlets
        self._settings = settings
        self._pages: dict[str, StoredPages] = {}
        self._pool = pool

    def pages(self, outlet: str) -> StoredPages | None:
        """Return the decisions on an outlet's pages, None for an unknown outlet."""
        known = self._outlets.named(outlet)
        if known is not None and outlet not in self._pages:
            self._pages[outlet] = StoredPages(known, self._settings, self._pool)
        return self._pages.get(outlet)

    def unread(self, stored: StoredPages, exchanges: list[StoredExchange], wanted: dict[str, Any]) -> Iterator[Unread]:
        """Yield the pages in exchanges, with the reason by the parameters of the run that recorded them."""
        found = [(one, page) for one in exchanges if (page := stored.page(one.as_response())) is not None]
        pages = [page for _, page in found]
        asked = read_wanted(json.dumps(wanted) if "is_span_asked" in wanted else None, stored.zone)
        is_recorded_only = bool(wanted.get("is_recorded_only"))
        for (exchange, page), verdict in zip(found, stored.verdicts(pages, asked, is_recorded_only), strict=True):
            if isinstance(verdict, Verdict):
                # An article that was wanted was recorded only: its row comes from the record.
                outcome = RECORDED_ONLY if verdict.article else verdict.outcome
                yield Unread(exchange, page, set(_keys(page)), outcome)
            else:
                place = exchange.place
                self._add_problem(f"{place.file} at {place.offset}: the page cannot be extracted: {verdict!r}")
