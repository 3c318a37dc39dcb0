"""From an exchange to its WARC/1.1 records: response, request, metadata, each with the exact bytes."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from crawler.items import Listing, rfc3339
from crawler.recording.exchange import Exchange
from crawler.recording.message import Received, Response, digest, pieces
from crawler.recording.revisits import NOT_MODIFIED, Profile, revisit_of
from crawler.recording.signals import noted

Headers = list[tuple[str, str]]

VERSION = "WARC/1.1"
WARC_FIELDS = "application/warc-fields"
HTTP_RESPONSE = "application/http; msgtype=response"
HTTP_REQUEST = "application/http; msgtype=request"
PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
EMPTY_DIGEST = digest([])
HTTP_VERSION = re.compile(r"HTTP/\d\.\d")
NOT_ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
NOT_IN_ADDRESS = re.compile(r"[^!-~]")
# Of a UUID's 128 bits, those that say its version and variant, and what they say of a random one (RFC 9562 §5.4).
VERSION_BITS, VERSION_4 = 0xF << 76 | 0x3 << 62, 0x4 << 76 | 0x2 << 62


class Record(NamedTuple):
    """A record about to be written: its fields in their order, WARC-Type first, and the pieces of its block."""

    fields: Headers
    block: Iterable[bytes]

    @property
    def kind(self) -> str:
        """The WARC-Type."""
        return self.fields[0][1]

    @property
    def identifier(self) -> str:
        """The WARC-Record-ID."""
        return self.fields[1][1]

    def pieces(self) -> Iterator[bytes]:
        """Yield the record as it is written; a response's block can be read once only."""
        yield "\r\n".join([VERSION, *map(": ".join, self.fields), "", ""]).encode()
        yield from self.block
        yield b"\r\n\r\n"


def warcinfo(filename: str, fields: Mapping[str, str], date: datetime, identifier: str | None = None) -> Record:
    """Return the record that a file begins with; `filename` is the file's final name."""
    headers = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", identifier or new_id()),
        ("WARC-Date", rfc3339(date)),
        ("WARC-Filename", single_line(filename)),
    ]
    return _record(headers, WARC_FIELDS, warc_fields(fields.items()))


def records(exchange: Exchange, received: Received, warcinfo_id: str) -> list[Record]:
    """Return the records of one exchange; the first is the one that its capture points at.

    The response's block is read from the exchange's own file: write the records in order, once.
    """
    response = received.response
    profile = revisit_of(exchange, response) if response else None
    main = [] if response is None else ["revisit" if profile else "response"]
    kinds = [*main, "request", "metadata"]
    identifiers = {kind: new_id() for kind in kinds}
    shared = _shared(exchange, warcinfo_id)
    request, redacted = exchange.secrets.redact(bytes(exchange.request))
    made = []
    for kind in kinds:
        headers = [("WARC-Type", kind), ("WARC-Record-ID", identifiers[kind]), *shared]
        headers += [("WARC-Concurrent-To", identifiers[other]) for other in kinds if other != kind]
        if kind == "metadata":
            made.append(_record(headers, WARC_FIELDS, warc_fields(metadata(exchange, received, profile, redacted))))
        elif kind == "request":
            made.append(_request(headers, exchange, request))
        elif profile and response:
            made.append(_revisit(headers, exchange, response, profile))
        elif response:
            made.append(_response(headers, exchange, response))
    return made


def metadata(exchange: Exchange, received: Received, profile: Profile | None, redacted: list[str]) -> Headers:
    """Return what else is known of an exchange: whence it came, how it went, bytes without a record.

    `redacted` are the header fields whose values the request record leaves out.
    """
    response = received.response
    fields = [
        ("via", exchange.via),
        ("hopsFromSeed", exchange.hops),
        ("fetchTimeMs", _milliseconds(exchange.started, exchange.ended)),
        ("firstByteTimeMs", _milliseconds(exchange.started, exchange.first_byte)),
        ("outcome", exchange.outcome),
        ("entityDigest", _entity_digest(exchange, response, profile)),
        ("notModifiedResponse", _base64(_block(exchange, response)) if response and profile == NOT_MODIFIED else None),
        ("interimResponses", _base64(received.interim)),
        ("incompleteResponse", _base64(received.fragment)),
        ("surplusBytes", str(exchange.surplus) if exchange.surplus else None),
        ("proxied", "true" if exchange.proxied else None),
        ("redacted", ", ".join(redacted)),
        *(("optOut", str(signal)) for signal in noted(exchange, response)),
        *_listing(exchange.listing),
    ]
    return [(name, value) for name, value in fields if value]


def new_id() -> str:
    """Return a new record identifier: a UUID of version 4, made in a third of the time that `uuid` takes."""
    digits = f"{int.from_bytes(os.urandom(16), 'big') & ~VERSION_BITS | VERSION_4:032x}"
    return f"<urn:uuid:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}>"


def single_line(text: str) -> str:
    """Return a text that cannot leave its line nor break UTF-8: control characters become spaces."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return NOT_ONE_LINE.sub(" ", text).strip().encode("utf-8", "replace").decode("utf-8")


def target_uri(url: str) -> str:
    """Return an address without its fragment, everything but visible ASCII percent-encoded."""
    address = url.partition("#")[0]
    if address.isascii() and address.isprintable() and " " not in address:
        return address
    return NOT_IN_ADDRESS.sub(lambda match: _percent(match[0]), address)


def warc_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return the block of an application/warc-fields record."""
    return "".join([f"{name}: {single_line(value)}\r\n" for name, value in fields]).encode()


def _response(headers: Headers, exchange: Exchange, response: Response) -> Record:
    headers += _protocols(exchange, response.version)
    if exchange.truncated:
        headers.append(("WARC-Truncated", exchange.truncated))
    headers.append(("WARC-Block-Digest", response.block_digest))
    # Of chunked entities, readers of the standard and those of the wire expect different digests; of some
    # heads they do not find the end. The entity's digest stands in the metadata and the index all the same.
    if not response.transfer_coded and not response.ambiguous:
        headers.append(("WARC-Payload-Digest", response.entity_digest))
    length = response.end - response.start
    return _raw_record(headers, HTTP_RESPONSE, pieces(exchange.response, response.start, response.end), length)


def _revisit(headers: Headers, exchange: Exchange, response: Response, profile: Profile) -> Record:
    """Return the record of content that an archived capture has already (WARC/1.1 §6.7)."""
    original = exchange.original
    if original is None:
        raise AssertionError("a revisit without its original")
    headers += _protocols(exchange, response.version)
    headers += [
        ("WARC-Profile", PROFILE + profile),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", original.url),
        ("WARC-Refers-To-Date", original.date),
    ]
    if profile == NOT_MODIFIED:
        # Its head stands in the metadata: with one in its block, pywb replays an empty page with status 304.
        return _record(headers, None, b"")
    # What any index computes of the original: of a chunked one, the digest of its chunks. With another digest
    # here, pywb on an index of its own making takes the revisit for one of something else.
    headers += [("WARC-Truncated", "length"), ("WARC-Payload-Digest", original.body_digest)]
    return _record(headers, HTTP_RESPONSE, b"".join(pieces(exchange.response, response.start, response.body)))


def _request(headers: Headers, exchange: Exchange, block: bytes) -> Record:
    headers += _protocols(exchange, "HTTP/1.1")
    payload = block.partition(b"\r\n\r\n")[2]
    headers.append(("WARC-Payload-Digest", digest([payload]) if payload else EMPTY_DIGEST))
    return _record(headers, HTTP_REQUEST, block)


def _shared(exchange: Exchange, warcinfo_id: str) -> Headers:
    headers = [
        ("WARC-Target-URI", target_uri(exchange.url)),
        ("WARC-Date", rfc3339(exchange.started)),
        ("WARC-Warcinfo-ID", warcinfo_id),
    ]
    return headers + ([("WARC-IP-Address", exchange.peer)] if exchange.peer else [])


def _protocols(exchange: Exchange, version: str) -> Headers:
    http = version.lower() if HTTP_VERSION.fullmatch(version) else None
    headers = [("WARC-Protocol", protocol) for protocol in (http, exchange.tls_version) if protocol]
    return headers + ([("WARC-Cipher-Suite", exchange.cipher_suite)] if exchange.cipher_suite else [])


def _record(headers: Headers, content_type: str | None, block: bytes) -> Record:
    headers.append(("WARC-Block-Digest", digest([block])))
    return _raw_record(headers, content_type, [block], len(block))


def _raw_record(headers: Headers, content_type: str | None, block: Iterable[bytes], length: int) -> Record:
    headers += [("Content-Type", content_type)] if content_type else []
    headers.append(("Content-Length", str(length)))
    return Record(headers, block)


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


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
