"""From an exchange to the gzip members of its records, which any file can take that they name as theirs."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from isal import isal_zlib

from crawler.recording import message
from crawler.recording.exchange import Exchange
from crawler.recording.message import Response
from crawler.recording.records import Record, records

# ISA-L's best: a fifth of zlib's time for a few hundredths of the size. On little text its quickest does as well.
COMPRESSION, QUICK = 3, 1
LITTLE_BYTES = 1 << 12
GZIP, RAW = 16 + 15, -15
STEP_BYTES = 1 << 18
PACKED = {"gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd"}
# A gzip member by hand (RFC 1952; RFC 1951 §3.2.3): its head, which is ISA-L's own, the most that a stored block holds,
# an empty last block.
MEMBER_HEAD = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
STORED_BYTES = (1 << 16) - 1
LAST_BLOCK = b"\x03\x00"


class Packed(NamedTuple):
    """The members of one exchange and what kinds of record they hold, the main one first, which has `identifier`.

    `response` is None when no answer came.
    """

    warcinfo_id: str
    identifier: str
    kinds: list[str]
    members: list[bytes]
    response: Response | None


def pack(exchange: Exchange, warcinfo_id: str) -> Packed:
    """Return the members of an exchange for the file with this warcinfo. Raises OSError."""
    if exchange.fault is not None:
        raise exchange.fault
    received = message.read(exchange.response, exchange.received)
    made = records(exchange, received, warcinfo_id)
    comes_packed = received.response is not None and is_packed(received.response.value("content-encoding"))
    members = [_packing_of(one, comes_packed)(one.pieces()) for one in made]
    return Packed(warcinfo_id, made[0].identifier, [one.kind for one in made], members, received.response)


def is_packed(coding: str) -> bool:
    """Tell whether a Content-Encoding makes content smaller: `identity`, or one that is none at all, doesn't."""
    return any(name.strip() in PACKED for name in coding.lower().split(","))


def _packing_of(record: Record, comes_packed: bool) -> Callable[[Iterable[bytes]], bytes]:
    return stored_member if comes_packed and record.kind == "response" else member


def member(pieces: Iterable[bytes]) -> bytes:
    """Return the pieces of a record as a gzip member of its own."""
    left = iter(pieces)
    first = _step(left)
    if len(first) < STEP_BYTES:
        return isal_zlib.compress(first, QUICK if len(first) < LITTLE_BYTES else COMPRESSION, GZIP)
    compressor = isal_zlib.compressobj(COMPRESSION, isal_zlib.DEFLATED, GZIP)
    packed = [compressor.compress(first)]
    while step := _step(left):
        packed.append(compressor.compress(step))
    return b"".join([*packed, compressor.flush()])


def _step(pieces: Iterator[bytes]) -> bytes:
    """Take what is compressed at once: STEP_BYTES or more, less at the end."""
    step: list[bytes] = []
    size = 0
    for piece in pieces:
        step.append(piece)
        size += len(piece)
        if size >= STEP_BYTES:
            break
    return b"".join(step)


def stored_member(pieces: Iterable[bytes]) -> bytes:
    """Return a response as a gzip member that deflates its heads alone: what comes packed gets no smaller by it."""
    head, block, *rest = pieces
    http_head, blank, body = block.partition(b"\r\n\r\n")
    heads = head + http_head + blank
    compressor = isal_zlib.compressobj(QUICK, isal_zlib.DEFLATED, RAW)
    parts = [MEMBER_HEAD, compressor.compress(heads), compressor.flush(isal_zlib.Z_FULL_FLUSH)]
    checksum, size = isal_zlib.crc32(heads), len(heads)
    for piece in (body, *rest):
        parts += _stored_blocks(piece)
        checksum = isal_zlib.crc32(piece, checksum)
        size += len(piece)
    return b"".join([*parts, LAST_BLOCK, struct.pack("<LL", checksum, size & 0xFFFFFFFF)])


def _stored_blocks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), STORED_BYTES):
        part = data[start : start + STORED_BYTES]
        yield struct.pack("<BHH", 0, len(part), len(part) ^ 0xFFFF)
        yield part
