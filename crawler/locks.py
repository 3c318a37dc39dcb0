"""Locks between processes of one spool: an exclusive flock that ends with its process, however it ends."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, func, select


class Locked(Exception):
    """Somebody else holds the lock; the message tells what is going on."""


class DirectoryLock:
    """An exclusive lock on a directory: no lock file is left behind, none can be stale.

    With `wait` it is taken when the holder lets go, otherwise at once or not at all; with `shared` several may hold
    it who all do. `holder` says what is going on while it is held.
    """

    def __init__(self, path: Path, wait: bool = False, shared: bool = False, holder: str = "") -> None:
        self.path = path
        self._how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        self._holder = holder or str(path)
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Take the lock. Raises Locked when it is held, OSError when the directory can't be made."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._descriptor, self._how)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise Locked(self._holder) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Let go."""
        os.close(self._descriptor)


def outlet_lock(spool: Path, outlet: str) -> DirectoryLock:
    """Return the lock under which one process at a time crawls an outlet."""
    return DirectoryLock(spool / "locks" / outlet, holder="another crawl of this outlet is running")


def backfill_lock(spool: Path, outlet: str) -> DirectoryLock:
    """Return the lock under which one process at a time backfills an outlet, beside its crawl for what is new."""
    return DirectoryLock(spool / "locks" / "backfill" / outlet, holder="another backfill of this outlet is running")


def push_lock(spool: Path, outlet: str) -> DirectoryLock:
    """Return the lock, waited for, under which one process at a time brings up an outlet's files."""
    return DirectoryLock(spool / "locks" / "push" / outlet, wait=True)


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


@contextmanager
def numbering(engine: Engine, outlets: Iterable[str]) -> Iterator[None]:
    """Let one process at a time number versions: from the look at an article's last one until state knows the next.

    SQLite is of one machine: the lock stands beside its file. Machines that share PostgreSQL share its locks.
    """
    with ExitStack() as stack:
        # In one order: nobody waits for others in a circle.
        for outlet in sorted(set(outlets)):
            if engine.dialect.name == "postgresql":
                stack.enter_context(_advisory_lock(engine, outlet))
            elif engine.url.database and engine.url.database != ":memory:":
                folder = Path(engine.url.database).parent / "locks" / "versions" / outlet
                stack.enter_context(DirectoryLock(folder, wait=True))
        yield


@contextmanager
def _advisory_lock(engine: Engine, outlet: str) -> Iterator[None]:
    number = int.from_bytes(hashlib.sha256(f"khobor versions {outlet}".encode()).digest()[:8], signed=True)
    with engine.connect() as connection:
        # It ends with the transaction, and so with the connection.
        connection.execute(select(func.pg_advisory_xact_lock(number)))
        yield
