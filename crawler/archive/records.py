"""From an exchange to its WARC/1.1 records: response, request, metadata, each with the exact bytes.

Who made a file, with what, and under which rules: the fields of warcinfo and run files."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import scrapy

from crawler import __version__
from crawler.archive.message import digest
from crawler.model.span import rfc3339

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


def warcinfo(filename: str, fields: Mapping[str, str], date: datetime, identifier: str | None = None) -> Record:
    """Return the record that a file begins with; `filename` is the file's final name."""
    block = warc_fields(fields.items())
    lines = [f"WARC-Date: {rfc3339(date)}", f"WARC-Filename: {single_line(filename)}"]
    return Record("warcinfo", identifier or new_id(), lines + _block_lines(WARC_FIELDS, block), [block])


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


def _block_lines(content_type: str | None, block: bytes) -> list[str]:
    kind = [f"Content-Type: {content_type}"] if content_type else []
    return [f"WARC-Block-Digest: {digest([block])}", *kind, f"Content-Length: {len(block)}"]


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def software() -> str:
    """Return the software line of warcinfo and run files."""
    return f"khobor/{__version__} scrapy/{scrapy.__version__} python/{platform.python_version()}"
