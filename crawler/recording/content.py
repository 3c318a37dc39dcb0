"""The content of a response, both codings removed, as far as somebody wants to see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from isal import isal_zlib
from isal.igzip_lib import IsalError

from crawler.recording.message import Response, dechunked, pieces

INFLATE_BYTES = 1 << 13
# All that a decoder is given is copied, and the beginning of a page is mostly enough.
READ_BYTES = 1 << 10


def beginning(file: IO[bytes], response: Response, limit: int, end: bytes = b"") -> bytes:
    """Return the first `limit` bytes of a response's content, both codings removed; b"" for codings not known here.

    They may be fewer once `end`, in lower case, is among them.
    """
    found = b""
    for part in _content(file, response):
        found += part
        # The end may have begun with the part before.
        if len(found) >= limit or (end and end in found[-len(part) - len(end) :].lower()):
            break
    return found[:limit]


def _content(file: IO[bytes], response: Response) -> Iterable[bytes]:
    coding = response.value("content-encoding").lower()
    body = pieces(file, response.body, response.end, READ_BYTES)
    entity = dechunked(body) if response.transfer_coded else body
    if coding in ("gzip", "x-gzip", "deflate"):
        return _inflated(entity)
    return entity if coding in ("", "identity") else ()


def _inflated(entity: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what gzip, zlib's or raw deflate data hold, in short parts, up to where it is damaged."""
    decoder = None
    for piece in entity:
        decoder = decoder or isal_zlib.decompressobj(_window(piece[0]))
        part, left = b"", piece
        try:
            while left or len(part) == INFLATE_BYTES:
                part = decoder.decompress(left, INFLATE_BYTES)
                left = decoder.unconsumed_tail
                yield part
        except IsalError:  # type: ignore[misc]  # its stub calls it an instance
            return


def _window(first: int) -> int:
    """Return zlib's word for a format by its first byte: deflate comes with and without header (RFC 9110 §8.4.1.2)."""
    if first == 0x1F:
        return 31
    return 15 if first & 0x0F == 8 else -15
