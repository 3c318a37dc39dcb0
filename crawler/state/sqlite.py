"""SQLite as state needs it: a write-ahead log, patience with other processes, errors in words."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from crawler.state.facts import DamagedState, StateError, StateLocked

# How long other processes are waited for: no signal is heard meanwhile, and a run that is told to stop ends within 30
# seconds. Who has waited in vain, or was told to stop, waits no longer than briefly.
BUSY_SECONDS, BRIEF_SECONDS = 20.0, 1.0
MODE_ATTEMPTS, MODE_PAUSE = 600, 0.05

# Pages of the log before it is brought into the file: the same pages are written by many commits in a row.
LOG_PAGES = 10_000


def prepare(connection: Any, _record: Any) -> None:
    """Set a new connection up."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")
    _use_log(cursor)
    # Without a sync at each commit: state is told last, and what a power cut takes is told again by recovery.
    # What must outlive it is written `durably`.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    cursor.close()


def be_brief(connection: Any, _record: Any) -> None:
    """Let a new connection, set up before, not wait long for other processes."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={min(BRIEF_SECONDS, BUSY_SECONDS) * 1000:.0f}")
    cursor.close()


def _use_log(cursor: Any) -> None:
    # The change of a new file's mode doesn't wait by busy_timeout when another process is at it.
    for attempt in range(MODE_ATTEMPTS):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if attempt == MODE_ATTEMPTS - 1 or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(MODE_PAUSE)
        else:
            return


def explained(error: BaseException, file: str) -> SQLAlchemyError | None:
    """Return what SQLite's error means for a state file, None when it says all there is to say."""
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_NOTADB" or name.startswith("SQLITE_CORRUPT"):
        return DamagedState(f"{file} is damaged ({error}): `scrapy state --rebuild` makes it again from the archive")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StateLocked(f"{file}: another process has kept it locked for {BUSY_SECONDS:.0f} seconds")
    if name.startswith("SQLITE_READONLY"):
        return StateError(f"{file} can't be written ({error})")
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")):
        return StateError(f"{file}: {error}")
    return None
