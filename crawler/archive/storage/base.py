"""Where finished files go: one small interface, a directory or S3 behind it, chosen by URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

# The archive's marker holds its ID (`crawler.recording.archive_identity`), and a bucket is tried out on it. Our
# listings leave it out. It stays: deletion takes a right of its own, and leaves more behind where versions are kept.
MARK = ".khobor"


class StorageError(Exception):
    """The store can't keep its promise: refused, full, misconfigured, or holding something else already."""


class StoreUnreachable(StorageError):
    """The store gives no answer at the moment; finished files wait in the spool."""


class NoAccess(StorageError):
    """The store gives nothing to who asks as we do (token, keys, clock, bucket, region): no matter of one file."""


def unwatched(count: int) -> None:
    """Take note of nothing, where nobody watches how many bytes have arrived."""


class Storage(Protocol):
    """A place for finished files, named by keys: paths below the archive's root with `/` between parts."""

    url: str

    def check(self) -> None:
        """Raise StorageError when nothing could be put here."""

    def put(self, local: Path, key: str, sent: Callable[[int], object] = unwatched, sha256: str = "") -> None:
        """Keep a copy of a finished file, verified; never overwrite. Raises StorageError, OSError.

        `sent` is called with numbers of bytes as they arrive. `sha256`, where it is known, is what the file must have.
        """

    def remove(self, key: str) -> None:
        """Remove a file that another one has replaced; one that is not there is none. Raises StorageError."""

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield (key, bytes) of what lies below a prefix.

        A bucket is listed in key order, a directory folder by folder, the files of each in order before its folders.
        """

    def head(self, key: str) -> int:
        """Return the bytes of a kept file. Raises FileNotFoundError."""

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Open a kept file for reading from an offset. Raises FileNotFoundError."""

    def marker(self) -> bytes:
        """Return the content of the archive's marker, empty where there is none. Raises StorageError."""

    def mark(self, content: bytes) -> None:
        """Write the archive's marker, in the place of one that is there. Raises StorageError."""
