"""Locks between processes of one spool: an exclusive flock that ends with its process, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self


class Locked(Exception):
    """Somebody else holds the lock."""


class DirectoryLock:
    """An exclusive lock on a directory: no lock file is left behind, none can be stale.

    With `wait` it is taken when the holder lets go, otherwise at once or not at all.
    """

    def __init__(self, path: Path, wait: bool = False) -> None:
        self.path = path
        self._how = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Take the lock. Raises Locked when it is held, OSError when the directory can't be made."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._descriptor, self._how)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise Locked(str(self.path)) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Let go."""
        os.close(self._descriptor)


def outlet_lock(spool: Path, outlet: str) -> DirectoryLock:
    """Return the lock under which one process at a time crawls an outlet."""
    return DirectoryLock(spool / "locks" / outlet)


def push_lock(spool: Path, outlet: str) -> DirectoryLock:
    """Return the lock, waited for, under which one process at a time brings up an outlet's files."""
    return DirectoryLock(spool / "locks" / "push" / outlet, wait=True)


def update_lock(spool: Path) -> DirectoryLock:
    """Return the lock under which one `update` at a time works in a spool."""
    return DirectoryLock(spool / "locks" / "update")
