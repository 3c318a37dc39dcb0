"""Durable files, and their digests."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO

READ_BYTES = 1 << 18


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
    """Make a directory and its parents durably."""
    if not path.is_dir():
        make_directory(path.parent)
        path.mkdir(exist_ok=True)
        sync_path(path.parent)


def name_new(partial: Path, target: Path) -> bool:
    """Give a file a name unless that exists; return whether it has it. The caller removes the first name."""
    # A link never replaces a file; a file system without links gets a check and a rename.
    try:
        os.link(partial, target)
    except FileExistsError:
        return False
    except OSError:
        if target.exists():
            return False
        partial.rename(target)
    return True


class Measured:
    """A stream that is read once: its bytes are counted, hashed, reported as progress, and copied `into` a file."""

    def __init__(self, stream: BinaryIO, progress: Callable[[int], None], into: IO[bytes] | None = None) -> None:
        self.bytes = 0
        self._stream = stream
        self._progress = progress
        self._into = into
        self._hasher = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        return self._measured(self._stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._measured(self._stream.readline(size))

    def _measured(self, data: bytes) -> bytes:
        self.bytes += len(data)
        self._hasher.update(data)
        if self._into is not None:
            self._into.write(data)
        self._progress(len(data))
        return data

    def drain(self) -> None:
        while self.read(READ_BYTES):
            continue

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes read so far, in hexadecimal."""
        return self._hasher.hexdigest()
