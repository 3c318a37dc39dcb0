"""The database of the queue: Procrastinate's tables, and one of ours that says where a job runs and why it failed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.schema import SchemaManager
from psycopg_pool import PoolTimeout

from crawler.model.exit_codes import FAILED, USAGE, Refused
from crawler.state.engine import POSTGRESQL

SCHEMES = ("postgresql://", "postgres://")
# SQLAlchemy's names of its drivers, as in STATE_URL.
DRIVERS = ("postgresql+psycopg://", "postgresql+psycopg2://")
# A name for PostgreSQL's advisory lock: several commands may create the tables at the same time.
TABLES_LOCK = 0x6B686F626F72

# `place` is a host and a spool, `spool` the ID of the spool, `failures` the number of failed tries.
ATTEMPTS = """
CREATE TABLE IF NOT EXISTS khobor_attempts (
    job_id bigint PRIMARY KEY REFERENCES procrastinate_jobs (id) ON DELETE CASCADE,
    place text NOT NULL,
    spool text NOT NULL,
    started timestamptz NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    reason text
)
"""


def address_of(url: str) -> str:
    """Return QUEUE_URL as libpq reads it. Raises Refused."""
    for driver in DRIVERS:
        url = url.replace(driver, SCHEMES[0], 1)
    if not url:
        raise Refused("QUEUE_URL is not set: give the PostgreSQL database of the queue (docs/cluster.md)", USAGE)
    if not url.startswith(SCHEMES):
        raise Refused("QUEUE_URL is not an address of PostgreSQL, such as postgresql:///khobor", USAGE)
    return url


def create_tables(address: str) -> None:
    """Create the tables that are missing. Raises psycopg.Error."""
    with psycopg.connect(address, **POSTGRESQL) as connection:  # type: ignore[arg-type]
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [TABLES_LOCK])
        row = connection.execute("SELECT to_regclass('procrastinate_jobs') IS NULL").fetchone()
        if row and row[0]:
            connection.execute(SchemaManager.get_schema())
        connection.execute(ATTEMPTS)


def make_app(address: str, connections: int = 4) -> App:
    """Return Procrastinate's application, whose connections notice that a server no longer answers."""
    return App(connector=PsycopgConnector(conninfo=address, kwargs=POSTGRESQL, min_size=1, max_size=connections))


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[App]:
    """Yield the application for QUEUE_URL, with its tables. An error of the database becomes Refused."""
    address = address_of(url)
    try:
        create_tables(address)
        async with make_app(address).open_async() as app:
            yield app
    except (psycopg.Error, ConnectorException, PoolTimeout) as error:
        cause = error.__cause__ or error
        raise Refused(f"QUEUE_URL can't be used: {str(cause).strip().splitlines()[0]}", FAILED) from error
