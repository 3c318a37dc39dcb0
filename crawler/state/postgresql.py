"""PostgreSQL as state needs it: commits that don't wait for its disk, and connections whose loss is noticed."""

from __future__ import annotations

from typing import Any

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
    connection.commit()
