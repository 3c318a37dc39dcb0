"""Alembic's environment: everything in the transaction of the connection that it is given."""

from __future__ import annotations

from alembic import context

from crawler.state.tables import metadata

# SQLite's DDL can be taken back too, where the driver has begun a transaction.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
