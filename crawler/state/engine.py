"""The database of state, SQLite or PostgreSQL: opened and set up, with time-outs, its errors in plain words."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    Interval,
    String,
    bindparam,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crawler.state.facts import DamagedState, StateError, as_text
from crawler.system import clock
from crawler.system.terminal import Interrupted

DIALECTS = ("sqlite", "postgresql")

# Time-out of locks. Python handles no signal meanwhile, and a stopped run must end within 30 seconds. After a time-out
# or a signal the brief one applies.
BUSY_SECONDS, BRIEF_SECONDS = 20.0, 1.0
MODE_ATTEMPTS, MODE_PAUSE = 600, 0.05

# Pages of the log before a checkpoint: consecutive commits write the same pages.
LOG_PAGES = 10_000

# Time-outs for a server that no longer responds; without them a crawl would wait for hours.
POSTGRESQL = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "application_name": "khobor",
}


class now_text(FunctionElement[str]):  # noqa: N801 (used like a function of SQL)
    """The time as `as_text` writes it, by PostgreSQL's clock: those of machines that share a state may differ."""

    type = String()
    inherit_cache = True

    def __init__(self) -> None:
        super().__init__(
            bindparam("now", callable_=lambda: as_text(clock.now()), type_=String(), unique=True),
            bindparam("shift", callable_=clock.shift, type_=Interval(), unique=True),
        )


@compiles(now_text, "sqlite")
def _now_sqlite(element: now_text, compiler: Any, **options: Any) -> str:
    now, _shift = element.clauses
    return str(compiler.process(now, **options))


@compiles(now_text, "postgresql")
def _now_postgresql(element: now_text, compiler: Any, **options: Any) -> str:
    _now, shift = element.clauses
    moment = f"(clock_timestamp() + {compiler.process(shift, **options)}) AT TIME ZONE 'UTC'"
    return f"""to_char({moment}, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""


def time_of(engine: Engine) -> float:
    """Return the seconds since 1970 by the clock that all processes with this state share. Raises SQLAlchemyError."""
    if engine.dialect.name == "sqlite":
        return clock.timestamp()
    with engine.connect() as connection:
        seconds = connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one()
    return float(seconds) + clock.shift().total_seconds()


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
        return _without_interruptions(engine)
    if file := file_of(address):
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, paramstyle="named")  # as PostgreSQL's: statements take their values by name
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "handle_error", _explain)
    return _without_interruptions(engine)


def _without_interruptions(engine: Engine) -> Engine:
    """Keep an interruption while a connection is closed out of the log: SQLAlchemy logs it, and raises it again."""
    pool = type(engine.pool)
    logging.getLogger(f"{pool.__module__}.{pool.__qualname__}").addFilter(_is_no_interruption)
    return engine


def _is_no_interruption(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], Interrupted))


def file_of(address: str | URL) -> Path | None:
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


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Provide a connection whose statements all read the same moment of state."""
    is_sqlite = engine.dialect.name == "sqlite"
    options = {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection:
        if is_sqlite:  # else Python begins a transaction only with the first change
            connection.exec_driver_sql("BEGIN")
        yield connection


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")
    # busy_timeout does not apply to a concurrent change of the journal mode.
    for attempt in reversed(range(MODE_ATTEMPTS)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if not attempt or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(MODE_PAUSE)
    # No sync at each commit: recovery restores what a power cut takes. `durably` overrides it.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    cursor.close()


def be_brief(connection: Any, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout={min(BRIEF_SECONDS, BUSY_SECONDS) * 1000:.0f}").close()


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        # Like SQLite's synchronous=NORMAL and busy_timeout.
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(f"SET lock_timeout = {BUSY_SECONDS * 1000:.0f}")
    connection.commit()


def _explain(context: ExceptionContext) -> None:
    """Raise the StateError for an SQLite error, unless SQLite's own message suffices."""
    engine, error = context.engine, context.original_exception
    file = (engine and engine.url.database) or "the state"
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        if engine is not None:
            # Wait once only: the clean-up of a failed command would wait as long for every statement.
            event.listen(engine, "connect", be_brief)
            context.is_disconnect = True
        raise StateError(f"{file}: another process has kept it locked for {BUSY_SECONDS:.0f} seconds") from error
    if name == "SQLITE_NOTADB" or name.startswith("SQLITE_CORRUPT"):
        rebuild = "`scrapy state --rebuild` makes it again from the archive"
        raise DamagedState(f"{file} is damaged ({error}): {rebuild}") from error
    if name.startswith("SQLITE_READONLY"):
        raise StateError(f"{file} can't be written ({error})") from error
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")):
        raise StateError(f"{file}: {error}") from error
