"""The lines of a row file: one gzip member, from its first byte to the file's last."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any, Protocol

from crawler.verification.measured import READ_BYTES

LINE_BYTES = 64 << 20


class Damaged(ValueError):
    """The file is no gzip member, or not only that."""


class Source(Protocol):
    """What can be read."""

    def read(self, size: int = -1) -> bytes:
        """Read as a file does."""


def lines(stream: Source) -> Iterator[bytes]:
    """Yield the lines with their ends, a longer one than 64 MiB in parts. Raises Damaged where they break off."""
    plain = io.BufferedReader(_Member(stream), READ_BYTES)
    while line := plain.readline(LINE_BYTES):
        yield line


class _Member(io.RawIOBase):
    """What a gzip member holds."""

    def __init__(self, stream: Source) -> None:
        self._stream = stream
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            text = self._inflate(len(buffer))
        except zlib.error as error:
            raise Damaged(str(error)) from error
        buffer[: len(text)] = text
        return len(text)

    def _inflate(self, size: int) -> bytes:
        while not self._inflater.eof:
            data = self._inflater.unconsumed_tail or self._stream.read(READ_BYTES)
            if text := self._inflater.decompress(data, size):
                return text
            if not data:
                raise Damaged("it ends within the gzip member")
        if self._inflater.unused_data or self._stream.read(1):
            raise Damaged("something stands behind the gzip member")
        return b""
