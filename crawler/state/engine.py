"""The database behind state: opened, set up, and its errors put into words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from crawler.state import postgresql, sqlite
from crawler.state.facts import StateLocked

DIALECTS = ("sqlite", "postgresql")


def open_engine(address: str) -> Engine:
    """Return the engine of an SQLAlchemy URL. Raises SQLAlchemyError, OSError."""
    url = make_url(address)
    if url.get_backend_name() not in DIALECTS:
        raise ArgumentError(f"{url.get_backend_name()} is neither sqlite nor postgresql")
    if url.get_backend_name() == "postgresql":
        arguments = {name: value for name, value in postgresql.PATIENCE.items() if name not in url.query}
        try:
            engine = create_engine(url, pool_pre_ping=True, connect_args=arguments)
        except ImportError as error:
            raise ArgumentError(f"{url.drivername} needs a driver that is not there: {error}") from error
        event.listen(engine, "connect", postgresql.prepare)
        return engine
    if file := file_of(address):
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, paramstyle="named")  # as PostgreSQL's: statements take their values by name
    event.listen(engine, "connect", sqlite.prepare)
    event.listen(engine, "handle_error", _explain)
    return engine


def reading(engine: Engine) -> Engine:
    """Return an engine for what only reads: without a transaction, which is a statement each way on PostgreSQL.

    Python's sqlite3 begins none for a question, and to be told so costs a statement.
    """
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="AUTOCOMMIT")


def hurry(engine: Engine) -> None:
    """Let nothing that follows wait long for other processes: the process is to end. PostgreSQL keeps its patience."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", sqlite.be_brief)
        engine.dispose()


def file_of(address: str) -> Path | None:
    """Return the file of an SQLite URL; None for PostgreSQL, for memory, and for SQLite's own `file:` addresses."""
    url = make_url(address)
    database = url.database if url.get_backend_name() == "sqlite" else None
    is_path = database and database != ":memory:" and not database.startswith("file:")
    return Path(str(database)) if is_path else None


@contextmanager
def durably(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that, once committed, outlives a power cut, as does all that was committed before."""
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


def _explain(context: ExceptionContext) -> None:
    file = context.engine.url.database if context.engine else None
    meaning = sqlite.explained(context.original_exception, file or "the state")
    if isinstance(meaning, StateLocked) and context.engine is not None:
        # It is waited for once: all that a command does when it fails would wait as long again, one after the other.
        event.listen(context.engine, "connect", sqlite.be_brief)
        context.is_disconnect = True
    if meaning is not None:
        raise meaning from context.original_exception
