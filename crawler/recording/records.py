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

Fields = list[tuple[str, str]]

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
    """A record about to be written: WARC-Type, WARC-Record-ID, the lines of its other fields, its block in pieces."""

    kind: str
    identifier: str
    lines: list[str]
    block: Iterable[bytes]

    def pieces(self) -> Iterator[bytes]:
        """Yield the record as it is written; a response's block can be read once only."""
        first = (VERSION, f"WARC-Type: {self.kind}", f"WARC-Record-ID: {self.identifier}")
        yield "\r\n".join([*first, *self.lines, "", ""]).encode()
        yield from self.block
        yield b"\r\n\r\n"


# Of a record: its kind, the lines that it doesn't share with others of its exchange, its block.
Part = tuple[str, list[str], Iterable[bytes]]


def warcinfo(filename: str, fields: Mapping[str, str], date: datetime, identifier: str | None = None) -> Record:
    """Return the record that a file begins with; `filename` is the file's final name."""
    block = warc_fields(fields.items())
    lines = [f"WARC-Date: {rfc3339(date)}", f"WARC-Filename: {single_line(filename)}"]
    return Record("warcinfo", identifier or new_id(), lines + _block_lines(WARC_FIELDS, block), [block])


def records(exchange: Exchange, received: Received, warcinfo_id: str) -> list[Record]:
    """Return the records of one exchange; the first is the one that its capture points at.

    The response's block is read from the exchange's own file: write the records in order, once.
    """
    response = received.response
    profile = revisit_of(exchange, response) if response else None
    request, redacted = exchange.secrets.redact(bytes(exchange.request))
    parts = [_request(exchange, request), _metadata(metadata(exchange, received, profile, redacted))]
    if response is not None:
        parts.insert(0, _revisit(exchange, response, profile) if profile else _response(exchange, response))
    identifiers = [new_id() for _ in parts]
    shared = _shared(exchange, warcinfo_id)
    made = []
    for identifier, (kind, lines, block) in zip(identifiers, parts, strict=True):
        concurrent = [f"WARC-Concurrent-To: {other}" for other in identifiers if other != identifier]
        made.append(Record(kind, identifier, [*shared, *concurrent, *lines], block))
    return made


def metadata(exchange: Exchange, received: Received, profile: Profile | None, redacted: list[str]) -> Fields:
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


def _response(exchange: Exchange, response: Response) -> Part:
    lines = _protocols(exchange, response.version)
    if exchange.truncated:
        lines.append(f"WARC-Truncated: {exchange.truncated}")
    lines.append(f"WARC-Block-Digest: {response.block_digest}")
    # Of chunked entities, readers of the standard and those of the wire expect different digests; of some
    # heads they do not find the end. The entity's digest stands in the metadata and the index all the same.
    if not response.transfer_coded and not response.ambiguous:
        lines.append(f"WARC-Payload-Digest: {response.entity_digest}")
    lines += [f"Content-Type: {HTTP_RESPONSE}", f"Content-Length: {response.end - response.start}"]
    return "response", lines, pieces(exchange.response, response.start, response.end)


def _revisit(exchange: Exchange, response: Response, profile: Profile) -> Part:
    """Return what is of a record of content that an archived capture has already (WARC/1.1 §6.7)."""
    original = exchange.original
    if original is None:
        raise AssertionError("a revisit without its original")
    lines = _protocols(exchange, response.version)
    lines += [
        f"WARC-Profile: {PROFILE}{profile}",
        f"WARC-Refers-To: {original.record_id}",
        f"WARC-Refers-To-Target-URI: {original.url}",
        f"WARC-Refers-To-Date: {original.date}",
    ]
    if profile == NOT_MODIFIED:
        # Its head stands in the metadata: with one in its block, pywb replays an empty page with status 304.
        return "revisit", lines + _block_lines(None, b""), [b""]
    # What any index computes of the original: of a chunked one, the digest of its chunks. With another digest
    # here, pywb on an index of its own making takes the revisit for one of something else.
    lines += ["WARC-Truncated: length", f"WARC-Payload-Digest: {original.body_digest}"]
    head = b"".join(pieces(exchange.response, response.start, response.body))
    return "revisit", lines + _block_lines(HTTP_RESPONSE, head), [head]


def _request(exchange: Exchange, block: bytes) -> Part:
    payload = block.partition(b"\r\n\r\n")[2]
    lines = _protocols(exchange, "HTTP/1.1")
    lines.append(f"WARC-Payload-Digest: {digest([payload]) if payload else EMPTY_DIGEST}")
    return "request", lines + _block_lines(HTTP_REQUEST, block), [block]


def _metadata(fields: Fields) -> Part:
    block = warc_fields(fields)
    return "metadata", _block_lines(WARC_FIELDS, block), [block]


def _shared(exchange: Exchange, warcinfo_id: str) -> list[str]:
    lines = [
        f"WARC-Target-URI: {target_uri(exchange.url)}",
        f"WARC-Date: {rfc3339(exchange.started)}",
        f"WARC-Warcinfo-ID: {warcinfo_id}",
    ]
    return lines + ([f"WARC-IP-Address: {exchange.peer}"] if exchange.peer else [])


def _protocols(exchange: Exchange, version: str) -> list[str]:
    http = version.lower() if HTTP_VERSION.fullmatch(version) else None
    lines = [f"WARC-Protocol: {protocol}" for protocol in (http, exchange.tls_version) if protocol]
    return lines + ([f"WARC-Cipher-Suite: {exchange.cipher_suite}"] if exchange.cipher_suite else [])


def _block_lines(content_type: str | None, block: bytes) -> list[str]:
    kind = [f"Content-Type: {content_type}"] if content_type else []
    return [f"WARC-Block-Digest: {digest([block])}", *kind, f"Content-Length: {len(block)}"]


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
