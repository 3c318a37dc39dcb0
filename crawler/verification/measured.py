"""A stream that tells afterwards what went through it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import BinaryIO

READ_BYTES = 1 << 18


class Measured:
    """A stream that is read once: what passes through is counted, hashed and reported as progress."""

    def __init__(self, stream: BinaryIO, progress: Callable[[int], None]) -> None:
        self.bytes = 0
        self._stream = stream
        self._progress = progress
        self._hasher = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read as a file does."""
        data = self._stream.read(size)
        self.bytes += len(data)
        self._hasher.update(data)
        self._progress(len(data))
        return data

    def readline(self, size: int = -1) -> bytes:
        """Read a line as a file does, of at most so many bytes."""
        data = self._stream.readline(size)
        self.bytes += len(data)
        self._hasher.update(data)
        self._progress(len(data))
        return data

    def drain(self) -> None:
        """Read what is left."""
        while self.read(READ_BYTES):
            continue

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was read, in hexadecimal."""
        return self._hasher.hexdigest()
