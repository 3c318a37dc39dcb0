"""The exchanges in a WARC: each response or revisit with the facts of the records that belong to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from crawler.archive import message
from crawler.archive.captures import capture_at, original_at
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.model.capture import Original, Place
from crawler.model.listing import Listing
from crawler.recording.recovery.records import MAIN, WHOLE
from crawler.recording.stored_responses import StoredResponse, listing_of
from crawler.tools.rebuild.inventory import Inventory


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


def exchanges(inventory: Inventory, key: str) -> Iterator[StoredExchange]:
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
                        inventory.advance(record.offset)
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
