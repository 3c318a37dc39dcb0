"""Records: validators for revisits, later captures of known articles, and pages without a row, in state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from scrapy import Request
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

from crawler.archive import message
from crawler.archive.captures import capture_at, original_at
from crawler.archive.names import outlet_of
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.crawl.extraction_pool import ExtractionPool
from crawler.crawl.preflight import MakeSpider
from crawler.crawl.spider import NewsSpider
from crawler.crawl.stored_pages import Decoder, pages_of
from crawler.extraction import NotAnArticle
from crawler.model.capture import Original, Place
from crawler.model.listing import Listing, Page
from crawler.model.span import Wanted
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import Outlet
from crawler.outlets.selection import Selection
from crawler.recording.recovery.records import MAIN, WHOLE
from crawler.recording.stored_responses import StoredResponse, listing_of
from crawler.state.facts import RECORDED_ONLY, Seen
from crawler.state.queries import upsert, upsert_originals
from crawler.state.store import State
from crawler.tools.rebuild.inventory import Inventory
from crawler.tools.verification.rows import ANY_OUTLET

# Exchanges, or bytes of their entities, between two queries of state.
BATCH, BATCH_BYTES = 100, 8 << 20

# The spider of addresses given by hand requires some; nothing is crawled here.
NO_ADDRESSES = {"lines": [b"https://khobor.invalid/"]}

# Articles by outlet and key.
Articles = dict[tuple[str, str], Seen]


@dataclass(slots=True)
class StoredExchange:
    """A response or revisit of a run; `facts` is empty without a metadata record, `entity` unless the status is 200."""

    kind: str
    place: Place
    date: str
    run: str | None
    response: message.Response | None = None
    entity: bytes = b""
    original: Original | None = None
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def is_page(self) -> bool:
        is_whole = not self.facts or self.facts.get("outcome") in WHOLE
        return self.response is not None and self.response.status == 200 and is_whole

    @property
    def listing(self) -> Listing | None:
        """The listing that led here; without metadata, that of the address itself."""
        return listing_of(self.facts) if self.facts else Listing(self.place.url)

    def as_response(self) -> StoredResponse:
        response = self.response
        about = (response.status, response.mime, response.entity_digest) if response else ()
        capture = capture_at(self.place, datetime.fromisoformat(self.date), *about)
        return StoredResponse(capture, response.fields if response else [], self.entity, self.facts)


class StoredPage(NamedTuple):
    """The page of an exchange, its keys, and why it has no row, once that is known."""

    exchange: StoredExchange
    page: Page
    keys: list[str]
    outcome: str = ""


class Records:
    """Reads WARCs into a state that knows all rows already. Pages without a row are extracted in worker processes."""

    def __init__(
        self, inventory: Inventory, state: State, outlets: Outlets, make_spider: MakeSpider, pool: ExtractionPool
    ) -> None:
        self._inventory = inventory
        self._state = state
        self._outlets = outlets
        self._make_spider = make_spider
        self._pool = pool
        self._spiders: dict[str, tuple[NewsSpider, Decoder]] = {}

    def enter(self, key: str) -> None:
        """Enter a file. Raises OSError, StorageError, SQLAlchemyError."""
        outlet = outlet_of(key) or ""
        if self._outlets.named(outlet) is None:
            self._inventory.add_unknown_outlet(outlet)
        for run, found in groupby(_exchanges(self._inventory, key), lambda exchange: exchange.run):
            for batch in _batches(found):
                seen = self._seen(outlet, run, batch).values() if self._outlets.named(outlet) else ()
                with self._state.engine.begin() as connection:
                    originals = [exchange.original for exchange in batch if exchange.original]
                    upsert_originals(connection, outlet, originals, self._inventory)
                    upsert(connection, seen, self._inventory)

    def _spider(self, outlet: str) -> tuple[NewsSpider, Decoder]:
        if outlet not in self._spiders:
            spider = self._make_spider(outlet, NO_ADDRESSES if outlet == ANY_OUTLET else {})
            spider.crawler.stats = StatsCollector(spider.crawler)
            self._spiders[outlet] = spider, Decoder(spider.crawler)
        return self._spiders[outlet]

    def _seen(self, outlet: str, run: str | None, batch: list[StoredExchange]) -> Articles:
        spider, decoder = self._spider(outlet)
        wanted = self._inventory.wanted(run)
        scope = wanted.get("scope", spider.scope)
        listed = [found for exchange in batch if (found := _listed_page(exchange, spider)) is not None]
        known = self._known(listed)
        seen: Articles = {}
        unread = []
        for stored in listed:
            seen |= (entries := self._captured_again(stored, scope, known))
            if not entries and stored.exchange.is_page:
                unread.append(stored.exchange)
        decided = list(self._decided(spider, decoder, unread, wanted))
        known = self._known(decided) | known
        for stored in decided:
            seen |= self._captured_again(stored, scope, known) or _without_row(stored, scope)
        return seen

    def _known(self, pages: Iterable[StoredPage]) -> Articles:
        """Return the articles with a row under the keys of pages."""
        by_outlet: dict[str, set[str]] = {}
        for stored in pages:
            by_outlet.setdefault(stored.page.outlet, set()).update(stored.keys)
        return {
            (outlet, seen.key): seen
            for outlet, keys in by_outlet.items()
            for seen in self._state.entries(outlet, sorted(keys))
            if seen.version
        }

    def _captured_again(self, stored: StoredPage, scope: str, known: Articles) -> Articles:
        """Return the entries of an article with a row after this capture of it, and add them to the known ones."""
        found = (known.get((stored.page.outlet, key)) for key in stored.keys)
        entry = next(filter(None, found), None) or self._inventory.unplaced(stored.exchange.place.record_id)
        if entry is None:
            return {}
        if stored.exchange.date >= entry.fetched_at:
            entry = replace(entry, **_capture(stored, scope))
        entries = {(entry.outlet, key): replace(entry, key=key) for key in {entry.key, *stored.keys}}
        known.update(entries)
        return entries

    def _decided(
        self, spider: NewsSpider, decoder: Decoder, unread: list[StoredExchange], wanted: dict[str, Any]
    ) -> Iterator[StoredPage]:
        """Yield the pages in exchanges, with the outcome by the parameters of the run that recorded them."""
        pages = [(one, page) for one in unread for page in pages_of(one.as_response(), spider, decoder)]
        if wanted.get("is_recorded_only"):
            for exchange, page in pages:
                yield self._without_article(exchange, page, RECORDED_ONLY)
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
                yield self._without_article(exchange, page, refusal or RECORDED_ONLY, article.canonical_url)
            elif isinstance(error, NotAnArticle):
                yield self._without_article(exchange, page, error.reason)
            else:
                place = exchange.place
                problem = f"{place.file} at {place.offset}: the page cannot be extracted: {error!r}"
                self._inventory.add_problem(problem)

    def _rules(self, page: Page) -> type[Outlet]:
        return self._outlets.named(page.outlet) or self._outlets.unknown

    def _without_article(
        self, exchange: StoredExchange, page: Page, outcome: str, canonical: str | None = None
    ) -> StoredPage:
        rules = self._rules(page)
        key = page.key or rules.article_key(page.url, canonical or rules.canonical_url(page.url))
        return StoredPage(exchange, page, sorted({key, *page.aliases}), outcome)


def _exchanges(inventory: Inventory, key: str) -> Iterator[StoredExchange]:
    """Yield the exchanges of a file; damage is a problem, and reading continues at the next offset in the index."""
    # That of the last warcinfo: each run that continues a segment writes one.
    run: str | None = None
    offset: int | None = 0
    while offset is not None:
        waiting: StoredExchange | None = None
        start, offset = offset, None
        try:
            with inventory.open(key, start) as stream, closing(walk(stream, start)) as records:
                for record in records:
                    if record.kind == "warcinfo":
                        run = record.warc_fields().get("run")
                    elif record.kind in MAIN:
                        if waiting is not None:
                            yield waiting
                        waiting = _begun(key, record, run)
                    elif waiting is not None:
                        _add(waiting, record)
        except DamagedRecord as error:
            inventory.add_problem(f"{key} at {error.offset}: {error.problem}")
            offset = inventory.offset_after(key, error.offset)
        if waiting is not None:
            yield waiting


def _begun(file: str, record: StoredRecord, run: str | None) -> StoredExchange:
    place = Place(record.get("WARC-Target-URI"), record.get("WARC-Record-ID"), file, record.offset, record.length)
    exchange = StoredExchange(record.kind, place, record.get("WARC-Date"), run)
    exchange.response = message.read(record.block, record.size).response if record.kind == "response" else None
    if exchange.response is not None:
        if exchange.response.status == 200:
            exchange.entity = message.entity_of(record.block, exchange.response)
        if not record.get("WARC-Truncated"):
            exchange.original = original_at(place, exchange.date, exchange.response)
    return exchange


def _add(exchange: StoredExchange, record: StoredRecord) -> None:
    """Add the facts of the record after an exchange, if it belongs to it."""
    if exchange.place.record_id not in record.all("WARC-Concurrent-To"):
        return
    if record.kind == "metadata":
        exchange.facts = record.warc_fields()
    elif record.kind == "request" and not record.block.read(4).startswith(b"GET "):
        exchange.original = None


def _batches(found: Iterable[StoredExchange]) -> Iterator[list[StoredExchange]]:
    batch: list[StoredExchange] = []
    size = 0
    for exchange in found:
        batch.append(exchange)
        size += len(exchange.entity)
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _listed_page(exchange: StoredExchange, spider: NewsSpider) -> StoredPage | None:
    """Return the page of an exchange, without its body; None if it is not an article's."""
    listing = exchange.listing
    is_answer = exchange.kind == "revisit" or (exchange.response is not None and exchange.response.status == 200)
    if listing is None or not is_answer or (not exchange.facts and spider.key_of(listing.url) is None):
        return None
    page = spider.page(Response(exchange.place.url, request=Request(listing.url)), listing)
    return StoredPage(exchange, page, [key for key in (page.key, *page.aliases) if key])


def _without_row(stored: StoredPage, scope: str) -> Articles:
    outlet, run = stored.page.outlet, stored.exchange.run or ""
    capture = _capture(stored, scope)
    return {
        (outlet, key): Seen(outlet=outlet, key=key, outcome=stored.outcome, run=run, **capture) for key in stored.keys
    }


def _capture(stored: StoredPage, scope: str) -> dict[str, Any]:
    place = stored.exchange.place
    where = {"file": place.file, "offset": place.offset, "record_id": place.record_id}
    return {"url": stored.page.url, "scope": scope, "fetched_at": stored.exchange.date, **where}
