"""SQLite for state: write-ahead log, time-outs, errors in plain words."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from crawler.state.facts import DamagedState, StateError, StateLocked

# Time-out of locks. Python handles no signal meanwhile, and a stopped run must end within 30 seconds. After a time-out
# or a signal the brief one applies.
BUSY_SECONDS, BRIEF_SECONDS = 20.0, 1.0
MODE_ATTEMPTS, MODE_PAUSE = 600, 0.05

# Pages of the log before a checkpoint: consecutive commits write the same pages.
LOG_PAGES = 10_000


def prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")
    _use_log(cursor)
    # No sync at each commit: recovery restores what a power cut takes. `durably` overrides it.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    cursor.close()


def be_brief(connection: Any, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout={min(BRIEF_SECONDS, BUSY_SECONDS) * 1000:.0f}").close()


def _use_log(cursor: Any) -> None:
    # busy_timeout does not apply to a concurrent change of the journal mode.
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
    """Return the StateError for an SQLite error, None if SQLite's own message suffices."""
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
