"""The database of state: opened and set up, with its errors in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from crawler.state import sqlite
from crawler.state.facts import StateLocked

DIALECTS = ("sqlite", "postgresql")

# Time-outs for a server that no longer responds; without them a crawl would wait for hours.
POSTGRESQL = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "application_name": "khobor",
}


def open_engine(address: str) -> Engine:
    """Return the engine of an SQLAlchemy URL. Raises SQLAlchemyError, OSError."""
    url = make_url(address)
    if url.get_backend_name() not in DIALECTS:
        raise ArgumentError(f"{url.get_backend_name()} is neither sqlite nor postgresql")
    if url.get_backend_name() == "postgresql":
        arguments = {name: value for name, value in POSTGRESQL.items() if name not in url.query}
        try:
            engine = create_engine(url, pool_pre_ping=True, connect_args=arguments)
        except ImportError as error:
            raise ArgumentError(f"{url.drivername} needs a driver that is not installed: {error}") from error
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    if file := file_of(address):
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, paramstyle="named")  # as PostgreSQL's: statements take their values by name
    event.listen(engine, "connect", sqlite.prepare)
    event.listen(engine, "handle_error", _explain)
    return engine


def file_of(address: str) -> Path | None:
    """Return the file of an SQLite URL; None for PostgreSQL, memory and SQLite's `file:` addresses."""
    url = make_url(address)
    database = url.database if url.get_backend_name() == "sqlite" else None
    is_path = database and database != ":memory:" and not database.startswith("file:")
    return Path(str(database)) if is_path else None


@contextmanager
def durably(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that, once committed, survives a power cut with all earlier ones."""
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
        else:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
        yield connection
        connection.commit()
        if is_sqlite:  # one that failed keeps it, and is only slower
            connection.exec_driver_sql("PRAGMA synchronous=NORMAL")


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        # Like SQLite's synchronous=NORMAL and busy_timeout.
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(f"SET lock_timeout = {sqlite.BUSY_SECONDS * 1000:.0f}")
    connection.commit()


def _explain(context: ExceptionContext) -> None:
    file = context.engine.url.database if context.engine else None
    meaning = sqlite.explained(context.original_exception, file or "the state")
    if isinstance(meaning, StateLocked) and context.engine is not None:
        # Wait once only: the clean-up of a failed command would wait as long for every statement.
        event.listen(context.engine, "connect", sqlite.be_brief)
        context.is_disconnect = True
    if meaning is not None:
        raise meaning from context.original_exception
