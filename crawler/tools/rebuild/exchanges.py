"""The exchanges in a WARC, as far as state wants to know of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from crawler.archive import message
from crawler.archive.captures import original_at
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.model.capture import Original, Place
from crawler.model.listing import Listing
from crawler.recording.recovery.warcs import MAIN, WHOLE
from crawler.recording.stored_responses import listing_of
from crawler.tools.rebuild.inventory import Inventory


@dataclass(slots=True)
class StoredExchange:
    """A response or revisit with what the records beside it say; `facts` is None when their metadata is lost.

    `fields` and `entity` are those of an answer with status 200.
    """

    kind: str
    place: Place
    date: str
    status: int | None = None
    mime: str | None = None
    digest: str | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    entity: bytes = b""
    original: Original | None = None
    facts: dict[str, str] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of the answer came."""
        return self.facts is None or self.facts.get("outcome") in WHOLE

    @property
    def listing(self) -> Listing | None:
        """The listing that led here; without metadata any address may be one."""
        return Listing(self.place.url) if self.facts is None else listing_of(self.facts)


class StoredWarc:
    """Reads the exchanges of one file; what is damaged is named and passed over as far as the index tells how."""

    def __init__(self, inventory: Inventory, key: str) -> None:
        self.key = key
        self.run: str | None = None
        self._inventory = inventory

    def exchanges(self) -> Iterator[StoredExchange]:
        """Yield what stands in the file. Raises OSError, StorageError."""
        offset: int | None = 0
        while offset is not None:
            try:
                yield from self._from(offset)
            except DamagedRecord as error:
                self._inventory.name(f"{self.key} at {error.offset}: {error.problem}")
                offset = self._inventory.offset_after(self.key, error.offset)
            else:
                return

    def _from(self, offset: int) -> Iterator[StoredExchange]:
        """Yield the exchanges from an offset on. Raises DamagedRecord after the last whole one."""
        waiting: StoredExchange | None = None
        try:
            with closing(self._inventory.open(self.key, offset)) as stream, closing(walk(stream, offset)) as records:
                for record in records:
                    if record.kind in MAIN and waiting is not None:
                        yield waiting
                    waiting = self._with(waiting, record)
        except DamagedRecord:
            if waiting is not None:
                yield waiting
            raise
        if waiting is not None:
            yield waiting

    def _with(self, waiting: StoredExchange | None, record: StoredRecord) -> StoredExchange | None:
        """Return the exchange that is being read after one more record."""
        if record.kind == "warcinfo":
            self.run = record.warc_fields().get("run")
        elif record.kind in MAIN:
            self._inventory.advance(record.offset)
            return _begun(self.key, record)
        elif waiting is not None and waiting.place.record_id in record.all("WARC-Concurrent-To"):
            if record.kind == "metadata":
                waiting.facts = record.warc_fields()
            elif record.kind == "request" and not record.block.read(4).startswith(b"GET "):
                waiting.original = None
        return waiting


def _begun(file: str, record: StoredRecord) -> StoredExchange:
    place = Place(record.get("WARC-Target-URI"), record.get("WARC-Record-ID"), file, record.offset, record.length)
    exchange = StoredExchange(record.kind, place, record.get("WARC-Date"))
    response = message.read(record.block, record.size).response if record.kind == "response" else None
    if response is None:
        return exchange
    exchange.status, exchange.mime, exchange.digest = response.status, response.mime, response.entity_digest
    if response.status == 200:
        exchange.fields, exchange.entity = response.fields, message.entity_of(record.block, response)
    if not record.get("WARC-Truncated"):
        exchange.original = original_at(place, exchange.date, response)
    return exchange
