"""Indexes of what waits for the archive instead of everything; room for numbers beyond 2 GB; hosts' turns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
WAITING = (("articles", "file"), ("articles", "run"), ("captures", "file"))
BIG = (("articles", "offset"), ("captures", "offset"), ("captures", "length"), ("runs", "bytes"))


def upgrade() -> None:
    """Replace the indexes, widen the numbers, make the table of hosts."""
    for table in ("articles", "captures"):
        op.drop_index(f"ix_{table}_file", table)
    is_waiting = sa.text("status = 'recorded'")
    for table, column in WAITING:
        name = f"ix_{table}_waiting_{column}"
        op.create_index(name, table, [column], sqlite_where=is_waiting, postgresql_where=is_waiting)
    op.create_index("ix_runs_started", "runs", ["started"])
    # SQLite's integers have 64 bits whatever they are called, and a change of type would copy the table.
    if op.get_bind().dialect.name != "sqlite":
        for table, column in BIG:
            op.alter_column(table, column, type_=sa.BigInteger)
    # Unnumbered states have it where they were used by the last khobor before revisions.
    op.create_table(
        "hosts",
        sa.Column("host", sa.String, primary_key=True),
        sa.Column("free_at", sa.Float, nullable=False),
        if_not_exists=True,
    )
