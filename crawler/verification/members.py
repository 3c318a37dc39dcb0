"""Bytes of a WARC that carry no content: how that of a gzip member was packed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from crawler.recording.message import READ_BYTES
from crawler.recording.packing import STEP_BYTES, member, stored_member

GZIP = zlib.MAX_WBITS | 16
LONGEST_BYTES = 1 << 25


def altered_member(stream: BinaryIO, places: Iterable[tuple[int, int]]) -> int | None:
    """Return the offset of the member that is not as our writer packs its content, None when that can't be told.

    `places` are offset and length of all members in their order; each can be read.
    """
    found = []
    for offset, packed in _members(stream, places):
        if not _is_ours(packed):
            found.append(offset)
    # Where several differ, another version of the compressor has packed them, or one for another processor.
    return found[0] if len(found) == 1 else None


def _members(stream: BinaryIO, places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    """Yield those that are not longer than any download may be by default, and some."""
    at = 0
    for offset, length in places:
        while at < offset:
            passed = len(stream.read(min(STEP_BYTES, offset - at)))
            if not passed:
                return  # it has become shorter meanwhile
            at += passed
        if length < LONGEST_BYTES:
            packed = stream.read(length)
            at += length
            yield offset, packed


def _is_ours(packed: bytes) -> bool:
    decompressor = zlib.decompressobj(GZIP)
    content = decompressor.decompress(packed, LONGEST_BYTES)
    pieces = _pieces(content)
    return bool(decompressor.unconsumed_tail) or packed in (member(pieces), stored_member(pieces))


def _pieces(content: bytes) -> list[bytes]:
    """Return a record in the pieces in which it is written."""
    head = content.find(b"\r\n\r\n") + 4
    end = len(content) - 4
    block = [content[start : min(start + READ_BYTES, end)] for start in range(head, end, READ_BYTES)]
    return [content[:head], *(block or [b""]), content[end:]]
