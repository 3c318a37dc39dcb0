"""Who numbers versions: one process at a time, from the look at an article's last one until state knows the next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Engine, func, select

from crawler.locks import DirectoryLock, Locked
from crawler.state import sqlite
from crawler.state.errors import StateError


@contextmanager
def numbering(engine: Engine, outlets: Iterable[str]) -> Iterator[None]:
    """Number versions of outlets, as soon as nobody else does. Raises OSError, SQLAlchemyError.

    SQLite is of one machine: the lock stands beside its file. Machines that share PostgreSQL share its locks. Whoever
    holds one and sleeps is waited for no longer than one who keeps state itself locked.
    """
    with ExitStack() as stack:
        # In one order: nobody waits for others in a circle.
        for outlet in sorted(set(outlets)):
            if engine.dialect.name == "postgresql":
                stack.enter_context(_advisory_lock(engine, outlet))
            elif engine.url.database and engine.url.database != ":memory:":
                _lock_beside(Path(engine.url.database), outlet, stack)
        yield


def _lock_beside(file: Path, outlet: str, stack: ExitStack) -> None:
    folder, seconds = file.parent / "locks" / "versions" / outlet, sqlite.BUSY_SECONDS
    told = f"{folder}: another process has kept it locked for {seconds:.0f} seconds"
    try:
        stack.enter_context(DirectoryLock(folder, seconds, holder=told))
    except Locked as error:
        raise StateError(told) from error


@contextmanager
def _advisory_lock(engine: Engine, outlet: str) -> Iterator[None]:
    number = int.from_bytes(hashlib.sha256(f"khobor versions {outlet}".encode()).digest()[:8], signed=True)
    with engine.connect() as connection:
        # It ends with the transaction, and so with the connection.
        connection.execute(select(func.pg_advisory_xact_lock(number)))
        yield
