"""PostgreSQL as state needs it: no wait without an end, commits that don't wait for its disk."""

from __future__ import annotations

from typing import Any

from crawler.state import sqlite

# A network that is gone answers nothing: without these a crawl would wait for hours.
PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "application_name": "khobor",
}


def prepare(connection: Any, _record: Any) -> None:
    """Set a new connection up."""
    with connection.cursor() as cursor:
        # As SQLite's synchronous=NORMAL: what must outlive a power cut is written `durably`.
        cursor.execute("SET synchronous_commit = off")
        # As SQLite's busy_timeout: a machine may sleep in the midst of a transaction.
        cursor.execute(f"SET lock_timeout = {sqlite.BUSY_SECONDS * 1000:.0f}")
    connection.commit()
