"""WARC/1.1 records about to be written, and their fields."""

from __future__ import annotations

import platform
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

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


class Record(NamedTuple):
    """WARC-Type, WARC-Record-ID, the lines of the other fields, and the block in pieces."""

    kind: str
    identifier: str
    lines: list[str]
    block: Iterable[bytes]

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the record; the block of a response can be read only once."""
        first = (VERSION, f"WARC-Type: {self.kind}", f"WARC-Record-ID: {self.identifier}")
        yield "\r\n".join([*first, *self.lines, "", ""]).encode()
        yield from self.block
        yield b"\r\n\r\n"


def warcinfo(filename: str, fields: Mapping[str, str], date: datetime, identifier: str | None = None) -> Record:
    """Return the first record of a file; `filename` is the file's final name."""
    block = warc_fields(fields.items())
    lines = [f"WARC-Date: {rfc3339(date)}", f"WARC-Filename: {single_line(filename)}"]
    return Record("warcinfo", identifier or new_id(), lines + _block_lines(WARC_FIELDS, block), [block])


def new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def single_line(text: str) -> str:
    """Return a text as one line of valid UTF-8: control characters become spaces."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return NOT_ONE_LINE.sub(" ", text).strip().encode("utf-8", "replace").decode("utf-8")


def target_uri(url: str) -> str:
    """Return an address without its fragment; all but visible ASCII is percent-encoded."""
    address = url.partition("#")[0]
    if address.isascii() and address.isprintable() and " " not in address:
        return address
    return NOT_IN_ADDRESS.sub(lambda match: quote(match[0], safe="", errors="surrogatepass"), address)


def warc_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    return "".join([f"{name}: {single_line(value)}\r\n" for name, value in fields]).encode()


def _block_lines(content_type: str | None, block: bytes) -> list[str]:
    kind = [f"Content-Type: {content_type}"] if content_type else []
    return [f"WARC-Block-Digest: {digest([block])}", *kind, f"Content-Length: {len(block)}"]


def software() -> str:
    return f"khobor/{__version__} scrapy/{scrapy.__version__} python/{platform.python_version()}"
