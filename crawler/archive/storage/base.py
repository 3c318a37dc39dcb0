"""The interface of a store, its errors, and the options of uploads to S3."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from crawler.system import clock

# The archive's marker holds its ID (`crawler.recording.archive_identity`), and a bucket is tried out on it. Our
# listings leave it out. It is never replaced or removed.
MARK = ".khobor"

# How every marker begins. A marker is shorter than MARK_BYTES.
MARK_LINE = b"khobor keeps an archive below this place.\n"
MARK_BYTES = 1000

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
LEAST_PART, MOST_PART = 5 << 20, 5 << 30
LOCKS = ("GOVERNANCE", "COMPLIANCE")

# How many small files are read at a time: a request to a bucket takes some hundredths of a second.
READERS = 8


class StorageError(Exception):
    """The store can't keep files: access refused, full, misconfigured, or a key with other content."""


class StoreUnreachable(StorageError):
    """The store does not answer at the moment; finished files wait in the spool."""


class NoAccess(StorageError):
    """The store refuses every request (token, keys, clock, bucket, region), not only that for one file."""


# These say that this machine is short of something, not that a file is damaged.
OURS = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


def fault_of_file(error: Exception) -> str:
    """Return why a file cannot be read; raise the error if the store or this machine is at fault."""
    if isinstance(error, (StoreUnreachable, NoAccess)) or (isinstance(error, OSError) and error.errno in OURS):
        raise error
    return getattr(error, "strerror", None) or str(error)


@contextmanager
def failing(what: str) -> Iterator[None]:
    """Raise StorageError in place of an OSError, whose reason ends the sentence."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{what}: {error.strerror}") from error


def unwatched(count: int) -> None:
    """Ignore the number of bytes that were sent."""


class Storage(Protocol):
    """A place for finished files, named by keys: paths below the archive's root with `/` between parts."""

    url: str

    def check(self) -> None:
        """Raise StorageError if nothing could be put here."""

    def put(self, local: Path, key: str, sent: Callable[[int], object] = unwatched, sha256: str = "") -> None:
        """Keep a copy of a finished file, verified; never overwrite. Raises StorageError, OSError.

        `sent` is called with numbers of bytes on their way. `sha256`, if known, is the digest that the file must have.
        """

    def replace(self, local: Path, key: str, sha256: str) -> None:
        """Put a finished file in place of a damaged one, which stays until the new one is complete.

        `sha256` is the digest that the local file must have; the caller reads the new file back. Raises StorageError,
        OSError.
        """

    def remove(self, key: str) -> None:
        """Remove a file that another one has replaced, if it is there. Raises StorageError."""

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield (key, bytes) of the files below a prefix.

        A bucket is listed in key order, a directory folder by folder, the files of each in order before its folders.
        """

    def folders(self, prefix: str) -> Iterator[str]:
        """Yield the names of the folders directly below a prefix that ends with `/`, in order."""

    def head(self, key: str) -> int:
        """Return the bytes of a file. Raises FileNotFoundError."""

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Open a file for reading from an offset. Raises FileNotFoundError."""

    def marker(self) -> bytes:
        """Return the content of the archive's marker, empty without one. Raises StorageError."""

    def mark(self, content: bytes, is_replaced: bool = False) -> None:
        """Write the archive's marker unless there is one that is not to be replaced. Raises StorageError."""


@dataclass(frozen=True, slots=True)
class Options:
    """Bytes of a part, parts sent at once, bytes a second (0: unlimited), and how a bucket keeps objects."""

    part_size: int = 8 << 20
    parts_at_once: int = 4
    bytes_per_second: float = 0.0
    storage_class: str = ""
    lock: str = ""
    lock_days: int = 0

    def keeping(self, key: str) -> dict[str, Any]:
        """Return how an object is kept; the storage class is for WARC files: others are small and often read."""
        kept: dict[str, Any] = {}
        if self.storage_class and key.startswith("warc/"):
            kept["StorageClass"] = self.storage_class
        if self.lock:
            kept["ObjectLockMode"] = self.lock
            kept["ObjectLockRetainUntilDate"] = clock.machine_now() + timedelta(days=self.lock_days)
        return kept
