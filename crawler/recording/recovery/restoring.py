"""A finished WARC that a disk has damaged after it went up: the archive's copy takes its place."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

from crawler.recording.files import PARTIAL
from crawler.recording.recovery.tails import COPY_BYTES
from crawler.storage import Storage, sync_path


def no_copy(path: Path, key: str) -> None:
    """Return that there is none, where there is no archive."""


def restore(storage: Storage, path: Path, key: str) -> int | None:
    """Return the descriptor that holds the flock of the file as the archive has it, None when it has none.

    Raises StorageError, OSError.
    """
    try:
        source = storage.open(key)
    except FileNotFoundError:
        return None
    restored = path.with_name(path.name + PARTIAL)
    descriptor = os.open(restored, os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_CLOEXEC, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with closing(source), os.fdopen(os.dup(descriptor), "wb") as target:
        shutil.copyfileobj(source, cast(BinaryIO, target), COPY_BYTES)
        target.flush()
        os.fsync(target.fileno())
    restored.rename(path)
    sync_path(path.parent)
    return descriptor
