"""Stored responses, read back from their records for extraction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from crawler.archive import message
from crawler.archive.captures import capture_at
from crawler.archive.warc_reader import StoredRecord, walk
from crawler.model.capture import Capture, Place
from crawler.model.listing import Listing
from crawler.recording.signals import codes_in


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response read back: its capture, header fields, entity, and the facts of its metadata record."""

    capture: Capture
    fields: list[tuple[str, str]]
    entity: bytes
    facts: dict[str, str]


def read_response(stream: BinaryIO, file: str, offset: int) -> StoredResponse | None:
    """Return the response whose record begins at the stream's position, if any. Raises DamagedRecord, OSError."""
    with closing(walk(stream, offset)) as records:
        first = next(records, None)
        response = message.read(first.block, first.size).response if first else None
        if first is None or response is None:
            return None
        entity = message.entity_of(first.block, response)
        place = Place(first.get("WARC-Target-URI"), first.get("WARC-Record-ID"), file, offset, first.length)
        moment = datetime.fromisoformat(first.get("WARC-Date"))
        facts, opt_outs = _metadata(records, place.record_id)
        capture = capture_at(
            place, moment, response.status, response.mime, response.entity_digest, opt_outs=codes_in(opt_outs)
        )
        return StoredResponse(capture, response.fields, entity, facts)


def listing_of(facts: dict[str, str]) -> Listing | None:
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


def _metadata(records: Iterator[StoredRecord], record_id: str) -> tuple[dict[str, str], list[str]]:
    """Return the facts of the metadata record of a record, and its opt-out signals."""
    for record in records:
        if record_id not in record.all("WARC-Concurrent-To"):
            break
        if record.kind == "metadata":
            fields = record.warc_field_list()
            return dict(fields), [value for name, value in fields if name == "optOut"]
    return {}, []
