"""Locks between processes of one machine: an exclusive flock that ends with its process, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Self

# Between two looks at a lock that is waited for.
PAUSE_SECONDS = 0.02


class Locked(Exception):
    """Somebody else holds the lock; the message tells what is going on."""


class DirectoryLock:
    """An exclusive lock on a directory: no lock file is left behind, none can be stale.

    The holder is waited for so many seconds, by default not at all; with `shared` several may hold it who all do.
    `holder` says what is going on while it is held.
    """

    def __init__(self, path: Path, seconds: float = 0.0, shared: bool = False, holder: str = "") -> None:
        self.path = path
        self._seconds = seconds
        self._how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
        self._holder = holder or str(path)
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Take the lock. Raises Locked when it is held, OSError when the directory can't be made."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        end = time.monotonic() + self._seconds
        while not self._is_taken():
            if time.monotonic() >= end:
                os.close(self._descriptor)
                raise Locked(self._holder)
            time.sleep(PAUSE_SECONDS)
        return self

    def _is_taken(self) -> bool:
        try:
            fcntl.flock(self._descriptor, self._how)
        except BlockingIOError:
            return False
        return True

    def __exit__(self, *_: object) -> None:
        """Let go."""
        os.close(self._descriptor)


def outlet_lock(spool: Path, outlet: str) -> DirectoryLock:
    """Return the lock under which one process at a time crawls an outlet."""
    return DirectoryLock(spool / "locks" / outlet, holder="another crawl of this outlet is running")


def backfill_lock(spool: Path, outlet: str) -> DirectoryLock:
    """Return the lock under which one process at a time backfills an outlet, beside its crawl for what is new."""
    return DirectoryLock(spool / "locks" / "backfill" / outlet, holder="another backfill of this outlet is running")


def push_lock(spool: Path, outlet: str, seconds: float = 0.0) -> DirectoryLock:
    """Return the lock, waited for so many seconds, under which one process at a time brings up an outlet's files."""
    holder = "another process brings this outlet's files up"
    return DirectoryLock(spool / "locks" / "push" / outlet, seconds, holder=holder)


def update_lock(spool: Path) -> DirectoryLock:
    """Return the lock under which one `update` at a time works in a spool."""
    return DirectoryLock(spool / "locks" / "update", holder="an update is running")


def rebuild_lock(spool: Path) -> DirectoryLock:
    """Return the lock under which state is made again: no crawl runs meanwhile."""
    return DirectoryLock(spool / "locks" / "state", holder="a crawl is running")


@contextmanager
def crawling(spool: Path, outlet: DirectoryLock | None) -> Iterator[None]:
    """Hold what a crawl holds: state against its being made again, and its outlet if it has one. Raises Locked."""
    state = DirectoryLock(spool / "locks" / "state", shared=True, holder="state is being made again")
    with state, outlet or nullcontext():
        yield
