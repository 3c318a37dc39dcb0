"""Sitemaps that come in a gzip file."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress
from io import BytesIO

from crawler.sources.base import BrokenSource

# sitemaps.org allows 50 MB uncompressed.
MAXIMUM_SIZE = 64 * 1024 * 1024
PIECE_BYTES = 1 << 20


def unpacked(body: bytes) -> bytes:
    """Return what a body holds, of a gzip file that is cut short what came of it. Raises BrokenSource."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    content = bytearray()
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as packed, suppress(EOFError):
            while len(content) <= MAXIMUM_SIZE and (piece := packed.read1(PIECE_BYTES)):
                content += piece
    except (OSError, zlib.error) as error:
        raise BrokenSource(f"it answered with broken gzip ({error})") from error
    if not content:
        raise BrokenSource("it answered with broken gzip (it holds nothing)")
    if len(content) > MAXIMUM_SIZE:
        raise BrokenSource(f"it unpacks to more than {MAXIMUM_SIZE} bytes")
    return bytes(content)
