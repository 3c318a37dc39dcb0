"""The schema of a state: created if it is new, migrated if it is old, by one process at a time."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from crawler.state.engine import BUSY_SECONDS
from crawler.state.facts import DamagedState, StateError
from crawler.state.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

# The oldest and the newest revision under migrations/: known without loading Alembic, which takes longer than most
# commands.
FIRST, REVISION = "0101", "0101"
MIGRATIONS = Path(__file__).parent / "migrations"
# As one bigint for PostgreSQL's advisory locks: "khobor".
LOCK = int.from_bytes(b"khobor")
MIGRATION_MILLISECONDS = 600_000


def bring_up(engine: Engine) -> None:
    """Create the tables, or migrate them to the newest revision.

    Raises StateError for a newer schema, DamagedState for an older one that has no migration, SQLAlchemyError.
    """
    with engine.connect() as connection:
        if revision_of(connection) == REVISION:
            return
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={MIGRATION_MILLISECONDS}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {MIGRATION_MILLISECONDS}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        _migrate(connection)
        connection.commit()
        if is_sqlite:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")


def revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _migrate(connection: Connection) -> None:
    # Before Alembic is loaded: it logs every step, its own loading included.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command

    config = alembic_config(connection)
    revision = revision_of(connection)
    if revision is None and not inspect(connection).has_table("articles"):
        metadata.create_all(connection)
        command.stamp(config, "head")
        return
    if revision and revision > REVISION:
        raise StateError(f"the state has schema revision {revision} of a newer khobor; this one knows {REVISION}")
    if not revision or revision < FIRST:
        raise DamagedState(
            f"the state has the schema of an older khobor (revision {revision or 'unnumbered'}): "
            "run `scrapy state --rebuild` to make it again from the archive"
        )
    command.upgrade(config, "head")


def alembic_config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
