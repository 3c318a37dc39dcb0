"""Records as gzip members."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from isal import isal_zlib

from crawler.archive.message import READ_BYTES

# ISA-L's best level: a fifth of zlib's time for a few hundredths of the size. On a short text the quickest is as good.
COMPRESSION, QUICK = 3, 1
LITTLE_BYTES = 1 << 12
GZIP, RAW = 16 + 15, -15
STEP_BYTES = 1 << 18
PACKED = {"gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd"}

# A gzip member by hand (RFC 1952; RFC 1951 §3.2.3): ISA-L's own head, the capacity of a stored block, an empty last
# block.
MEMBER_HEAD = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
STORED_BYTES = (1 << 16) - 1
LAST_BLOCK = b"\x03\x00"


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


def _step(pieces: Iterator[bytes]) -> bytearray:
    step = bytearray()
    while len(step) < STEP_BYTES and (piece := next(pieces, None)) is not None:
        step += piece
    return step


def stored_member(pieces: Iterable[bytes]) -> bytes:
    """Return a response as a gzip member that deflates only its heads: its body is compressed already."""
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


# Longer members are not packed again to be compared.
COMPARED_BYTES = 1 << 25


def altered_member(stream: BinaryIO, places: Iterable[tuple[int, int]]) -> int | None:
    """Return the offset of the only member that differs from what `member` or `stored_member` makes of its content.

    `places` are offset and length of all members, in order. If several differ, another version of the compressor, or
    one for another processor, packed them, and the result is None.
    """
    found = [offset for offset, packed in _members(stream, places) if not _is_ours(packed)]
    return found[0] if len(found) == 1 else None


def _members(stream: BinaryIO, places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    at = 0
    for offset, length in places:
        while at < offset:
            skipped = len(stream.read(min(STEP_BYTES, offset - at)))
            if not skipped:
                return  # the file became shorter meanwhile
            at += skipped
        if length < COMPARED_BYTES:
            yield offset, stream.read(length)
            at += length


def _is_ours(packed: bytes) -> bool:
    decompressor = zlib.decompressobj(GZIP)
    pieces = _pieces(decompressor.decompress(packed, COMPARED_BYTES))
    return bool(decompressor.unconsumed_tail) or packed in (member(pieces), stored_member(pieces))


def _pieces(content: bytes) -> list[bytes]:
    head, end = content.find(b"\r\n\r\n") + 4, len(content) - 4
    block = [content[start : min(start + READ_BYTES, end)] for start in range(head, end, READ_BYTES)]
    return [content[:head], *(block or [b""]), content[end:]]
