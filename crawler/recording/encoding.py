"""From an exchange to its WARC/1.1 records, full or revisit, and to their gzip members."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import IO

from warcio.limitreader import LimitReader
from warcio.recordloader import ArcWarcRecord

from crawler.archive.captures import (
    CONFIRMED_STATUS,
    IDENTICAL,
    NOT_MODIFIED,
    REVISIT_MIME,
    Profile,
    capture_at,
    codings,
    has_body,
    original_at,
)
from crawler.archive.message import Received, Response, digest, pieces
from crawler.archive.records import (
    EMPTY_DIGEST,
    HTTP_REQUEST,
    HTTP_RESPONSE,
    HTTP_VERSION,
    PROFILE,
    WARC_FIELDS,
    Fields,
    block_fields,
    new_id,
    record,
    target_uri,
    warc_fields,
)
from crawler.model.capture import Capture, Original, Place
from crawler.model.listing import Listing
from crawler.model.span import rfc3339
from crawler.recording.exchange import Exchange
from crawler.recording.signals import (
    HTML_BYTES,
    HTML_TYPES,
    MOST_SIGNALS,
    ROBOTS_BYTES,
    Signal,
    beginning,
    in_fields,
    in_html,
)

# A record's kind, its own fields, its block and the block's size.
Part = tuple[str, Fields, IO[bytes], int]


def records(exchange: Exchange, received: Received, warcinfo_id: str) -> list[ArcWarcRecord]:
    """Return the records of one exchange, the main one first; write them in order, once."""
    response = received.response
    profile = revisit_of(exchange, response) if response else None
    request, redacted = exchange.secrets.redact(bytes(exchange.request))
    facts = warc_fields(metadata(exchange, received, profile, redacted))
    parts = [_request(exchange, request), _part("metadata", [], WARC_FIELDS, facts)]
    if response is not None:
        parts.insert(0, _revisit(exchange, response, profile) if profile else _response(exchange, response))
    identifiers = [new_id() for _ in parts]
    shared = _shared(exchange, warcinfo_id)
    made = []
    for identifier, (kind, fields, block, size) in zip(identifiers, parts, strict=True):
        concurrent = [("WARC-Concurrent-To", other) for other in identifiers if other != identifier]
        made.append(record(kind, identifier, [*shared, *concurrent, *fields], block, size))
    return made


def metadata(exchange: Exchange, received: Received, profile: Profile | None, redacted: list[str]) -> Fields:
    """Return the other facts about an exchange; `redacted` are the header fields without value in its request."""
    response = received.response
    fields = [
        ("via", exchange.via),
        ("hopsFromSeed", exchange.hops),
        ("fetchTimeMs", _milliseconds(exchange.started, exchange.ended)),
        ("firstByteTimeMs", _milliseconds(exchange.started, exchange.first_byte)),
        ("outcome", exchange.outcome),
        ("entityDigest", _entity_digest(exchange, response, profile)),
        ("notModifiedResponse", _base64(_block(exchange, response)) if response and profile == NOT_MODIFIED else None),
        *(_original_place(exchange.original) if profile and exchange.original else ()),
        ("interimResponses", _base64(received.interim)),
        ("incompleteResponse", _base64(received.fragment)),
        ("surplusBytes", str(exchange.surplus) if exchange.surplus else None),
        ("proxied", "true" if exchange.proxied else None),
        ("redacted", ", ".join(redacted)),
        *(("optOut", str(signal)) for signal in noted(exchange, response)),
        *_listing(exchange.listing),
        ("wanted", json.dumps(exchange.wanted.as_json()) if exchange.wanted else None),
    ]
    return [(name, value) for name, value in fields if value]


def _response(exchange: Exchange, response: Response) -> Part:
    fields = _protocols(exchange, response.version)
    if exchange.truncated:
        fields.append(("WARC-Truncated", exchange.truncated))
    fields.append(("WARC-Block-Digest", response.block_digest))
    # Readers disagree on the digest of chunked entities, and on the end of some heads. Metadata record and index have
    # the entity's digest.
    if not response.transfer_coded and not response.ambiguous:
        fields.append(("WARC-Payload-Digest", response.entity_digest))
    fields.append(("Content-Type", HTTP_RESPONSE))
    # Nothing else reads the file before the record is written.
    exchange.response.seek(response.start)
    size = response.end - response.start
    return "response", fields, LimitReader(exchange.response, size), size


def _revisit(exchange: Exchange, response: Response, profile: Profile) -> Part:
    """Return a record for content that an archived capture has (WARC/1.1 §6.7)."""
    original = exchange.original
    if original is None:
        raise AssertionError("a revisit without its original")
    fields = _protocols(exchange, response.version)
    fields += [
        ("WARC-Profile", PROFILE + profile),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", original.url),
        ("WARC-Refers-To-Date", original.date),
    ]
    if profile == NOT_MODIFIED:
        # The head is in the metadata record: with one in the block, pywb replays an empty page with status 304.
        return _part("revisit", fields, None, b"")
    # The digest that any index computes of the original; of a chunked one, that of its chunks. pywb does not match a
    # revisit with another digest.
    fields += [("WARC-Truncated", "length"), ("WARC-Payload-Digest", original.body_digest)]
    head = b"".join(pieces(exchange.response, response.start, response.body))
    return _part("revisit", fields, HTTP_RESPONSE, head)


def _request(exchange: Exchange, block: bytes) -> Part:
    payload = block.partition(b"\r\n\r\n")[2]
    fields = _protocols(exchange, "HTTP/1.1")
    fields.append(("WARC-Payload-Digest", digest([payload]) if payload else EMPTY_DIGEST))
    return _part("request", fields, HTTP_REQUEST, block)


def _part(kind: str, fields: Fields, content_type: str | None, block: bytes) -> Part:
    return kind, fields + block_fields(content_type, block), BytesIO(block), len(block)


def _shared(exchange: Exchange, warcinfo_id: str) -> Fields:
    fields = [
        ("WARC-Target-URI", target_uri(exchange.url)),
        ("WARC-Date", rfc3339(exchange.started)),
        ("WARC-Warcinfo-ID", warcinfo_id),
    ]
    return fields + ([("WARC-IP-Address", exchange.peer)] if exchange.peer else [])


def _protocols(exchange: Exchange, version: str) -> Fields:
    http = version.lower() if HTTP_VERSION.fullmatch(version) else None
    fields = [("WARC-Protocol", protocol) for protocol in (http, exchange.tls_version) if protocol]
    return fields + ([("WARC-Cipher-Suite", exchange.cipher_suite)] if exchange.cipher_suite else [])


def _original_place(original: Original) -> list[tuple[str, str]]:
    place = {"File": original.file, "Offset": original.offset, "Length": original.length}
    return [(f"original{name}", str(value)) for name, value in place.items()]


def _entity_digest(exchange: Exchange, response: Response | None, profile: Profile | None) -> str | None:
    if profile == NOT_MODIFIED and exchange.original:
        return exchange.original.payload_digest
    return response.entity_digest if response else None


def _block(exchange: Exchange, response: Response) -> bytes:
    return b"".join(pieces(exchange.response, response.start, response.end))


def _listing(listing: Listing | None) -> list[tuple[str, str | None]]:
    if listing is None:
        return []
    return [
        ("listing", listing.source),
        ("listingUrl", listing.url),
        ("listingPublished", listing.published.isoformat() if listing.published else None),
        ("listingTitle", listing.title),
        ("listingNational", "true" if listing.national else None),
    ]


def _milliseconds(start: datetime, end: datetime | None) -> str | None:
    return None if end is None else str(max(0, round((end - start).total_seconds() * 1000)))


def _base64(data: bytes) -> str | None:
    return base64.b64encode(data).decode("ascii") if data else None


def revisit_of(exchange: Exchange, response: Response) -> Profile | None:
    """Return the profile of a revisit, None for a full record."""
    original = exchange.original
    if original is None or not is_whole(exchange):
        return None
    if response.status == 304:
        return NOT_MODIFIED if exchange.is_conditional else None
    # With other codings the head would not describe the replayed bytes.
    same = codings(response) == (original.transfer_encoding, original.content_encoding, original.mime)
    is_same = response.status == 200 and same and response.entity_digest == original.payload_digest
    return IDENTICAL if is_same and has_body(response) else None


def is_whole(exchange: Exchange) -> bool:
    """Return whether a revisit can be, or refer to, this exchange: the whole of a plain GET."""
    return exchange.method == "GET" and exchange.truncated is None


def capture_of(exchange: Exchange, response: Response | None, place: Place, is_revisit: bool) -> Capture:
    """Return the capture of an exchange whose main record is at a place."""
    if response is None:
        return capture_at(place, exchange.started)
    if is_revisit and exchange.original:
        digest, status, mime = exchange.original.payload_digest, CONFIRMED_STATUS, REVISIT_MIME
        return capture_at(place, exchange.started, status, mime, digest, exchange.original, codes(exchange))
    original = original_at(place, rfc3339(exchange.started), response) if is_whole(exchange) else None
    facts = (response.status, response.mime, response.entity_digest, original)
    return capture_at(place, exchange.started, *facts, codes(exchange))


def noted(exchange: Exchange, response: Response | None) -> list[Signal]:
    """Return the signals for an exchange, computed once; a robots.txt is remembered for its hosts."""
    if exchange.signals is None:
        found = _seen(exchange, response) if response else iter(())
        exchange.signals = list(islice(dict.fromkeys(found), MOST_SIGNALS))
        if response and exchange.robots_of:
            is_rules = 200 <= response.status < 300
            exchange.robots.note(
                exchange.robots_of, beginning(exchange.response, response, ROBOTS_BYTES) if is_rules else b""
            )
    return exchange.signals


def codes(exchange: Exchange) -> tuple[str, ...]:
    return tuple(dict.fromkeys(signal.code for signal in exchange.signals or ()))


def _seen(exchange: Exchange, response: Response) -> Iterator[Signal]:
    yield from in_fields(response.fields)
    if (response.mime or "").lower() in HTML_TYPES:
        yield from in_html(beginning(exchange.response, response, HTML_BYTES, b"<body"))
    if not exchange.robots_of:
        yield from exchange.robots.signals(exchange.url)
