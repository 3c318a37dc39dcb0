"""SQLite as state needs it: a write-ahead log, every commit synced, patience with other processes."""

from __future__ import annotations

import sqlite3
import time
from typing import Any


def prepare(connection: Any, _record: Any) -> None:
    """Set a new connection up."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _use_wal(cursor: Any) -> None:
    # The change of a new file's mode doesn't wait by busy_timeout when another process is at it.
    for attempt in range(100):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if attempt == 99:
                raise
            time.sleep(0.05)
        else:
            return
