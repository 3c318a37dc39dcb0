"""WARC/1.1 records about to be written, their fields, and their gzip members: warcio writes them, ISA-L compresses."""

import platform
import random
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from io import BytesIO
from typing import IO
from urllib.parse import quote

import scrapy
from isal import isal_zlib
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

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

# On pages of news sites a quarter of the time of zlib's quickest level, and no larger.
COMPRESSION, GZIP = 2, 16 + 15

# Each call of the compressor lets another thread take the interpreter: most records need one.
STEP_BYTES = 1 << 18

# ISA-L's head of a member.
MEMBER_HEAD = b"\x1f\x8b\x08" + bytes(6) + b"\xff"


def record(kind: str, identifier: str, fields: Fields, block: IO[bytes], size: int) -> ArcWarcRecord:
    """Return a record to be written by warcio; `fields` are those after its type and identifier."""
    head = StatusAndHeaders("", [], VERSION)
    # Strings already, which the constructor would convert.
    head.headers += [("WARC-Type", kind), ("WARC-Record-ID", identifier), *fields, ("Content-Length", str(size))]
    # Without HTTP headers, so that warcio writes the block as it is; without a type, because it writes no block of a
    # revisit.
    return ArcWarcRecord("warc", None, head, block, None, None, size)


def warcinfo(filename: str, fields: Mapping[str, str], date: datetime) -> ArcWarcRecord:
    """Return the first record of a file; `filename` is the file's final name."""
    block = warc_fields(fields.items())
    about = [("WARC-Date", rfc3339(date)), ("WARC-Filename", single_line(filename))]
    about += block_fields(WARC_FIELDS, block)
    return record("warcinfo", new_id(), about, BytesIO(block), len(block))


def new_id() -> str:
    # uuid.uuid4 asks the system each time, and lets another thread take the interpreter.
    return f"<urn:uuid:{uuid.UUID(int=random.getrandbits(128), version=4)}>"


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


def block_fields(content_type: str | None, block: bytes) -> Fields:
    kind = [("Content-Type", content_type)] if content_type else []
    return [("WARC-Block-Digest", digest([block])), *kind]


def software() -> str:
    return f"khobor/{__version__} scrapy/{scrapy.__version__} python/{platform.python_version()}"


class GzipMembers:
    """A stream that compresses what is written to it; each `flush` ends a gzip member."""

    def __init__(self) -> None:
        self.ended: list[bytes] = []
        self._plain = bytearray()
        self._packed: list[bytes] = []
        self._compressor = isal_zlib.compressobj(COMPRESSION, isal_zlib.DEFLATED, GZIP)

    def write(self, data: bytes) -> None:
        self._plain += data
        while len(self._plain) >= STEP_BYTES:
            self._packed.append(self._compressor.compress(self._plain[:STEP_BYTES]))
            del self._plain[:STEP_BYTES]

    def flush(self) -> None:
        if self._packed:
            last = self._compressor.compress(self._plain) + self._compressor.flush()
            self._compressor = isal_zlib.compressobj(COMPRESSION, isal_zlib.DEFLATED, GZIP)
        else:
            last = isal_zlib.compress(self._plain, COMPRESSION, GZIP)
        self.ended.append(b"".join([*self._packed, last]))
        self._packed = []
        self._plain.clear()


class RecordWriter(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """Writes records with the header fields, digests and blocks that they have, each as a gzip member."""

    def __init__(self) -> None:
        super().__init__(GzipMembers(), gzip=False)

    def ensure_digest(self, record: ArcWarcRecord, block: bool = True, payload: bool = True) -> None:
        """Add no digest: warcio's of a chunked payload is not the standard's."""

    def members(self, records: Iterable[ArcWarcRecord]) -> list[bytes]:
        """Return the gzip member of each record. Raises OSError if a block can't be read."""
        members: list[bytes] = []
        self.out.ended = members
        for record in records:
            self.write_record(record)
        return members
