"""Copies of a run's files in the spool and in the archive, and durable replacements of damaged ones."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import BinaryIO

from crawler.archive.names import OPEN, PARTIAL
from crawler.archive.storage.base import Storage, StorageError
from crawler.system.files import sync_path

COPY_BYTES = 1 << 20


def is_here(spool: Path, key: str) -> bool:
    """Return whether a file is in the spool, finished or growing."""
    # In the order of its moving on; a growing run file is a claim.
    growing = key.removesuffix(".gz" if key.startswith("articles/") else ".json") + OPEN
    return (spool / growing).exists() or (spool / key).exists()


def size_of(storage: Storage, key: str) -> int | None:
    """Return the bytes of a file in the archive, None if it is not there. Raises StorageError."""
    try:
        return storage.head(key)
    except FileNotFoundError:
        return None


def read(storage: Storage, key: str) -> bytes | None:
    """Return the content of a file in the archive, None if it is not there. Raises StorageError."""
    try:
        with closing(storage.open(key)) as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{key} can't be read in {storage.url}: {error.strerror or error}") from error


def no_copy(path: Path, key: str) -> None:
    """Return that the archive has no copy."""


def restore(storage: Storage, path: Path, key: str) -> int | None:
    """Replace a file by the archive's copy; return the descriptor with its flock, None without a copy."""
    try:
        source = storage.open(key)
    except FileNotFoundError:
        return None
    with closing(source):
        return replace(path, partial(copy, source))


def replace(path: Path, write: Callable[[BinaryIO], object]) -> int:
    """Replace a file durably; return the descriptor with the flock of the new one. Raises OSError."""
    growing = path.with_name(path.name + PARTIAL)
    descriptor = os.open(growing, os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_CLOEXEC, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with os.fdopen(os.dup(descriptor), "wb") as target:
        write(target)
        target.flush()
        os.fsync(target.fileno())
    growing.rename(path)
    sync_path(path.parent)
    return descriptor


def copy(source: BinaryIO, target: BinaryIO, size: int | None = None) -> None:
    if size is None:
        shutil.copyfileobj(source, target, COPY_BYTES)
        return
    while size and (piece := source.read(min(COPY_BYTES, size))):
        target.write(piece)
        size -= len(piece)
