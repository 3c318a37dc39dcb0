"""Locks between the processes of one machine: an flock ends with its process, however that ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Self

# Between two attempts.
PAUSE_SECONDS = 0.02


class Locked(Exception):
    """Another process holds the lock; the message names its work."""


class DirectoryLock:
    """An exclusive lock on a directory, without a lock file that could become stale.

    It waits `seconds` for the holder; several processes may hold a `shared` lock. `holder` is the message of Locked.
    """

    def __init__(self, path: Path, seconds: float = 0.0, shared: bool = False, holder: str = "") -> None:
        self.path = path
        self._seconds = seconds
        self._how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
        self._holder = holder or str(path)
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Take the lock. Raises Locked, and OSError if the directory can't be made."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        end = time.monotonic() + self._seconds
        while True:
            try:
                fcntl.flock(self._descriptor, self._how)
                return self
            except BlockingIOError:
                if time.monotonic() >= end:
                    os.close(self._descriptor)
                    raise Locked(self._holder) from None
            time.sleep(PAUSE_SECONDS)

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def outlet_lock(spool: Path, outlet: str) -> DirectoryLock:
    return DirectoryLock(spool / "locks" / outlet, holder=f"another crawl of {outlet} is running")


def backfill_lock(spool: Path, outlet: str) -> DirectoryLock:
    """Return the lock under which one process at a time backfills an outlet; an update may run at the same time."""
    return DirectoryLock(spool / "locks" / "backfill" / outlet, holder=f"another backfill of {outlet} is running")


def push_lock(spool: Path, outlet: str, seconds: float = 0.0) -> DirectoryLock:
    """Return the lock under which one process at a time uploads an outlet's files; wait `seconds` for it."""
    holder = "another process uploads this outlet's files"
    return DirectoryLock(spool / "locks" / "push" / outlet, seconds, holder=holder)


def update_lock(spool: Path, outlet: str | None = None) -> AbstractContextManager[object]:
    """Return the lock of an update of all outlets, or of one: updates of different outlets may run together."""
    return _outlets_lock(spool / "locks" / "update", outlet, "an update is running in this spool")


def reextraction_lock(spool: Path, outlet: str | None = None) -> AbstractContextManager[object]:
    return _outlets_lock(spool / "locks" / "reextract", outlet, "another re-extraction is running in this spool")


@contextmanager
def _outlets_lock(path: Path, outlet: str | None, holder: str) -> Iterator[None]:
    own = DirectoryLock(path / outlet, holder=holder) if outlet else nullcontext()
    with DirectoryLock(path, shared=outlet is not None, holder=holder), own:
        yield


def dataset_lock(spool: Path, name: str, target: str) -> DirectoryLock:
    """Return the lock under which one process at a time writes a data set, by a name of its place."""
    return DirectoryLock(spool / "locks" / "dataset" / name, holder=f"another process writes the data set {target}")


def rebuild_lock(spool: Path) -> DirectoryLock:
    return DirectoryLock(spool / "locks" / "state", holder="a crawl is running in this spool")


@contextmanager
def crawling(spool: Path, outlet: DirectoryLock | None) -> Iterator[None]:
    """Hold the locks of a crawl: state against a rebuild, and its outlet's if it has one. Raises Locked."""
    state = DirectoryLock(spool / "locks" / "state", shared=True, holder="state is being rebuilt")
    with state, outlet or nullcontext():
        yield
