"""Records: validators for revisits, later captures of known articles, and pages without a row, in state."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from scrapy.http import Response
from scrapy.settings import Settings

from crawler.archive.names import outlet_of
from crawler.archive.warc_reader import DamagedRecord, walk_past_damage
from crawler.crawl.article_pages import ArticlePages
from crawler.crawl.extraction_pool import ExtractionPool
from crawler.crawl.stored_pages import StoredPages
from crawler.model.listing import Page, Verdict
from crawler.model.span import read_wanted, rfc3339
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import Outlet
from crawler.recording.stored_exchanges import StoredExchange, exchanges
from crawler.state.facts import LOST, RECORDED_ONLY, Seen
from crawler.state.queries import upsert, upsert_originals
from crawler.state.store import State
from crawler.tools.rebuild.inventory import Inventory

# Exchanges, or bytes of their entities, between two queries of state.
BATCH, BATCH_BYTES = 100, 8 << 20

Item = TypeVar("Item")

# Articles by outlet and key.
Articles = dict[tuple[str, str], Seen]


class StoredPage(NamedTuple):
    """The page of an exchange, its keys, and why it has no row, once that is known."""

    exchange: StoredExchange
    page: Page
    keys: list[str]
    outcome: str = ""


class Records:
    """Reads WARCs into a state that knows all rows already. Pages without a row are extracted in worker processes."""

    def __init__(
        self, inventory: Inventory, state: State, outlets: Outlets, settings: Settings, pool: ExtractionPool
    ) -> None:
        self._inventory = inventory
        self._state = state
        self._outlets = outlets
        self._settings = settings
        self._pool = pool
        # None if the outlet's own code fails.
        self._pages: dict[str, StoredPages | None] = {}

    def enter(self, key: str) -> None:
        """Enter a file. Raises OSError, StorageError, SQLAlchemyError."""
        outlet = outlet_of(key) or ""
        known = self._outlets.named(outlet)
        if known is None:
            self._inventory.add_unknown_outlet(outlet)
        pages = self._pages_of(known) if known else None
        for run, found in groupby(_exchanges(self._inventory, key), lambda exchange: exchange.run):
            for batch in batches(found, BATCH, lambda exchange: len(exchange.entity)):
                seen = self._seen(pages, run, batch).values() if pages else ()
                with self._state.engine.begin() as connection:
                    originals = [exchange.original for exchange in batch if exchange.original]
                    upsert_originals(connection, originals, self._inventory)
                    upsert(connection, seen, self._inventory)

    def _pages_of(self, outlet: type[Outlet]) -> StoredPages | None:
        if outlet.name not in self._pages:
            opened = self._outlets.ask(outlet, partial(StoredPages, outlet, self._settings, self._pool))
            self._pages[outlet.name] = opened
        return self._pages[outlet.name]

    def _seen(self, pages: StoredPages, run: str | None, batch: list[StoredExchange]) -> Articles:
        wanted = self._inventory.wanted(run)
        scope = wanted.get("scope", "national")
        ask = partial(self._outlets.ask, pages.outlet)
        listed = [one for each in batch if (one := ask(partial(_listed_page, each, pages.article_pages))) is not None]
        known = self._known(listed)
        seen: Articles = {}
        unread = []
        for stored in listed:
            seen |= (entries := self._captured_again(stored, scope, known))
            if not entries and stored.exchange.is_page:
                unread.append(stored.exchange)
        decided = list(self._decided(pages, unread, wanted))
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
        if entry.outcome != LOST and rfc3339(stored.exchange.date) >= entry.fetched_at:
            entry = replace(entry, **_capture(stored, scope))
        entries = {(entry.outlet, key): replace(entry, key=key) for key in {entry.key, *stored.keys}}
        known.update(entries)
        return entries

    def _decided(
        self, pages: StoredPages, unread: list[StoredExchange], wanted: dict[str, Any]
    ) -> Iterator[StoredPage]:
        """Yield the pages in exchanges, with the outcome by the parameters of the run that recorded them."""
        ask = partial(self._outlets.ask, pages.outlet)
        found = [(one, page) for one in unread if (page := ask(partial(pages.page, one))) is not None]
        asked = read_wanted(json.dumps(wanted) if "is_span_asked" in wanted else None, pages.zone)
        verdicts = pages.verdicts([page for _, page in found], asked, bool(wanted.get("is_recorded_only")))
        for (exchange, page), verdict in zip(found, verdicts, strict=True):
            if isinstance(verdict, Verdict):
                # An article that was wanted was recorded only: its row comes from the record.
                outcome = RECORDED_ONLY if verdict.article else verdict.outcome
                yield StoredPage(exchange, page, _keys(page), outcome)
            else:
                place = exchange.place
                problem = f"{place.file} at {place.offset}: the page cannot be extracted: {verdict!r}"
                self._inventory.add_problem(problem)


def _exchanges(inventory: Inventory, key: str) -> Iterator[StoredExchange]:
    """Yield the exchanges of a file; damage is a problem, and reading continues at the next offset in the index."""

    def offset_after(damage: DamagedRecord) -> int | None:
        inventory.add_problem(f"{key} {damage}")
        return inventory.offset_after(key, damage.offset)

    with closing(walk_past_damage(partial(inventory.open, key), offset_after)) as records:
        yield from exchanges(records, key)


def batches(items: Iterable[Item], most: int, size_of: Callable[[Item], int] = lambda item: 0) -> Iterator[list[Item]]:
    """Yield up to `most` items at once, fewer if their sizes reach BATCH_BYTES."""
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += size_of(item)
        if len(batch) >= most or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _listed_page(exchange: StoredExchange, rules: ArticlePages) -> StoredPage | None:
    """Return the page of an exchange, without its body; None if it is not an article's."""
    listing = exchange.listing
    is_answer = exchange.kind == "revisit" or (exchange.response is not None and exchange.response.status == 200)
    if listing is None or not is_answer or (not exchange.facts and rules.key_of(listing.url) is None):
        return None
    page = rules.page(Response(exchange.place.url), listing)
    return StoredPage(exchange, page, _keys(page))


def _keys(page: Page) -> list[str]:
    return sorted({key for key in (page.key, *page.aliases) if key})


def _without_row(stored: StoredPage, scope: str) -> Articles:
    outlet, run = stored.page.outlet, stored.exchange.run or ""
    capture = _capture(stored, scope)
    return {
        (outlet, key): Seen(outlet=outlet, key=key, outcome=stored.outcome, run=run, **capture) for key in stored.keys
    }


def _capture(stored: StoredPage, scope: str) -> dict[str, Any]:
    place = stored.exchange.place
    where = {"file": place.file, "offset": place.offset, "record_id": place.record_id}
    return {"url": stored.page.url, "scope": scope, "fetched_at": rfc3339(stored.exchange.date), **where}
