"""The schema of a state: made when it is new, migrated when it is old, by one process at a time."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from crawler.state.facts import DamagedState, NewerSchema
from crawler.state.sqlite import BUSY_SECONDS

if TYPE_CHECKING:
    from alembic.config import Config

# The newest revision under migrations/: known without loading Alembic, which takes longer than most commands.
REVISION = "0011"

# What khobor made before it numbered revisions.
UNNUMBERED = "0001"
MIGRATIONS = Path(__file__).parent / "migrations"

# As one bigint for PostgreSQL's advisory locks: "khobor".
LOCK = int.from_bytes(b"khobor")
MIGRATION_MILLISECONDS = 600_000


def bring_up(engine: Engine) -> bool:
    """Make the tables, or bring them to the newest revision; tell whether they are new.

    Raises NewerSchema, SQLAlchemyError.
    """
    with engine.connect() as connection:
        if revision_of(connection) == REVISION:
            return False
    with engine.connect() as connection:
        _lock(connection)
        is_new = _migrate(connection)
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")
    return is_new


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a state, None for one that has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _lock(connection: Connection) -> None:
    """Let other processes wait that open the state at the same moment."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA busy_timeout={MIGRATION_MILLISECONDS}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {MIGRATION_MILLISECONDS}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def _migrate(connection: Connection) -> bool:
    """Bring the tables up; tell whether there were none."""
    # Before it is loaded: it tells of every step, its own loading included.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command

    config = alembic_config(connection)
    revision = revision_of(connection)
    is_unnumbered = revision is None and inspect(connection).has_table("articles")
    if is_unnumbered:
        _check_unnumbered(connection)
        command.stamp(config, UNNUMBERED)
    elif revision is not None:
        _check_known(config, revision)
    command.upgrade(config, "head")
    return revision is None and not is_unnumbered


def alembic_config(connection: Connection) -> Config:
    """Return what Alembic's commands need to work on a connection, without a file of settings."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _check_known(config: Config, revision: str) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision not in known:
        raise NewerSchema(f"the state is of schema revision {revision}, a newer khobor's; this one knows {REVISION}")


def _check_unnumbered(connection: Connection) -> None:
    """Refuse tables that no revision describes, such as those of a khobor before its first release."""
    columns = {column["name"] for column in inspect(connection).get_columns("articles")}
    if not {"outlet", "key", "extractor", "record_id"} <= columns:
        raise DamagedState(
            "the state was made by a khobor before its first release: `scrapy state --rebuild` makes it again"
        )
