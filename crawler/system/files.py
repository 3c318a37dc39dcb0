"""Where finished files go: one small interface, a directory or S3 behind it, chosen by URL.

A stream that tells afterwards what went through it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

# How every marker begins; an older one ends there.
MARK_LINE = b"khobor keeps an archive below this place.\n"

# A marker is shorter.
MARK_BYTES = 1000


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_path(path: Path) -> None:
    """Make a file's content or a directory's names durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> None:
    """Make a directory whose names, its own included, survive a power cut."""
    if not path.is_dir():
        make_directory(path.parent)
        path.mkdir(exist_ok=True)
        sync_path(path.parent)


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
