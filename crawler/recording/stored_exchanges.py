"""Stored exchanges: responses and revisits, read back with the facts of the records that belong to them."""

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import BinaryIO

from crawler.archive import message
from crawler.archive.captures import CONFIRMED_STATUS, NOT_MODIFIED, REVISIT_MIME, capture_at, original_at
from crawler.archive.storage.base import Storage
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.model.capture import Capture, Original, Place
from crawler.model.listing import Listing
from crawler.model.span import rfc3339
from crawler.recording.signals import codes_in

WHOLE = ("complete", "complete-at-close")
MAIN = ("response", "revisit")


@dataclass(slots=True)
class StoredExchange:
    """A response or revisit of a run.

    `facts` are those of the metadata record, empty without one. `response` is the head in the record, if there is one,
    `digest` the WARC-Payload-Digest. `entity` is only read of responses with status 200. `run` and `run_wanted` are the
    name and the parameters in the warcinfo record. A revisit `refers_to` an address, a time and a record ID.
    """

    kind: str
    place: Place
    date: datetime
    run: str | None
    run_wanted: str | None
    response: message.Response | None
    digest: str | None
    entity: bytes = b""
    is_truncated: bool = False
    is_not_modified: bool = False
    is_get: bool = True
    facts: dict[str, str] = field(default_factory=dict)
    opt_outs: tuple[str, ...] = ()
    refers_to: tuple[str, str, str] = ("", "", "")

    @property
    def capture(self) -> Capture:
        response, opt_outs = self.response, self.opt_outs
        status = response.status if response else None
        if self.kind == "revisit":
            status = CONFIRMED_STATUS if self.is_not_modified else status
            digest = self.facts.get("entityDigest", self.digest)
            return capture_at(self.place, self.date, status, REVISIT_MIME, digest, self.revisited, opt_outs)
        if response is None:
            return capture_at(self.place, self.date)
        return capture_at(self.place, self.date, status, response.mime, response.entity_digest, opt_outs=opt_outs)

    @property
    def original(self) -> Original | None:
        """The record to which later captures may refer."""
        if self.response is None or self.kind != "response" or self.is_truncated or not self.is_get:
            return None
        return original_at(self.place, rfc3339(self.date), self.response)

    @property
    def revisited(self) -> Original | None:
        """The record with the content of a revisit; None for another exchange, or without its metadata record."""
        try:
            place = (self.facts["originalFile"], int(self.facts["originalOffset"]), int(self.facts["originalLength"]))
            return Original(*self.refers_to, *place, self.facts["entityDigest"], body_digest=self.digest or "")
        except (KeyError, ValueError):
            return None

    @property
    def is_page(self) -> bool:
        """Whether the whole of a page came."""
        is_whole = not self.facts or self.facts.get("outcome") in WHOLE
        return self.kind == "response" and self.response is not None and self.response.status == 200 and is_whole

    @property
    def listing(self) -> Listing | None:
        """The listing that led here; without metadata, that of the address itself."""
        return _listing(self.facts) if self.facts else Listing(self.place.url)

    def add(self, record: StoredRecord) -> None:
        """Add the facts of another record of the exchange."""
        if record.kind == "metadata":
            fields = record.warc_field_list()
            self.facts = dict(fields)
            self.opt_outs = codes_in(value for name, value in fields if name == "optOut")
        elif record.kind == "request":
            self.is_get = record.block.read(4).startswith(b"GET ")


def exchanges(
    records: Iterable[StoredRecord], file: str, has_entities: bool = True
) -> Generator[StoredExchange, None, None]:
    """Yield the exchanges in the records of a file, those before damage too. Raises DamagedRecord."""
    waiting: StoredExchange | None = None
    run: str | None = None
    wanted: str | None = None
    try:
        for record in records:
            if record.kind == "warcinfo":
                # Each run that continues a segment writes one.
                about = record.warc_fields()
                run, wanted = about.get("run"), about.get("wanted")
            elif record.kind in MAIN:
                if waiting is not None:
                    yield waiting
                waiting = _begun(file, record, run, wanted, has_entities)
            elif waiting is not None and waiting.place.record_id in record.all("WARC-Concurrent-To"):
                waiting.add(record)
    except DamagedRecord:
        if waiting is not None:
            yield waiting
        raise
    if waiting is not None:
        yield waiting


def read_exchange(stream: BinaryIO, file: str, offset: int) -> StoredExchange | None:
    """Return the exchange whose main record begins at the stream's position, if any. Raises DamagedRecord, OSError."""
    with closing(walk(stream, offset)) as records, closing(exchanges(records, file)) as found:
        return next(found, None)


def read_content(storage: Storage, original: Original) -> tuple[message.Response, bytes] | None:
    """Return head and entity (content coding kept) of an original, None if another record is in its place.

    Raises OSError, StorageError, DamagedRecord.
    """
    with closing(storage.open(original.file, original.offset)) as stream:
        member = BytesIO(stream.read(original.length))
    for record in walk(member, original.offset):
        response = message.read(record.block, record.size).response
        is_it = record.get("WARC-Record-ID") == original.record_id
        if response is not None and is_it and response.entity_digest == original.payload_digest:
            return response, message.entity_of(record.block, response)
    return None


def _begun(file: str, record: StoredRecord, run: str | None, wanted: str | None, has_entity: bool) -> StoredExchange:
    place = Place(record.get("WARC-Target-URI"), record.get("WARC-Record-ID"), file, record.offset, record.length)
    is_not_modified = record.kind == "revisit" and record.get("WARC-Profile").endswith(NOT_MODIFIED)
    response = None if is_not_modified else message.read(record.block, record.size).response
    is_read = has_entity and record.kind == "response" and response is not None and response.status == 200
    return StoredExchange(
        kind=record.kind,
        place=place,
        date=datetime.fromisoformat(record.get("WARC-Date")),
        run=run,
        run_wanted=wanted,
        response=response,
        digest=None if is_not_modified else record.get("WARC-Payload-Digest"),
        entity=message.entity_of(record.block, response) if is_read and response else b"",
        is_truncated=bool(record.get("WARC-Truncated")),
        is_not_modified=is_not_modified,
        refers_to=(
            record.get("WARC-Refers-To-Target-URI"),
            record.get("WARC-Refers-To-Date"),
            record.get("WARC-Refers-To"),
        ),
    )


def _listing(facts: dict[str, str]) -> Listing | None:
    url = facts.get("listingUrl")
    if url is None:
        return None
    published = facts.get("listingPublished")
    read = date.fromisoformat if published and len(published) == len("2026-11-24") else datetime.fromisoformat
    return Listing(
        url=url,
        published=read(published) if published else None,
        title=facts.get("listingTitle"),
        national=facts.get("listingNational") == "true",
        source=facts.get("listing"),
    )
