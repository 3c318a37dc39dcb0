"""What a backfill knows of its days, and the addresses that came to nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "days",
        sa.Column("outlet", sa.String, primary_key=True),
        sa.Column("scope", sa.String, primary_key=True),
        sa.Column("day", sa.String, primary_key=True),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("listed", sa.Integer, nullable=False),
        sa.Column("archived", sa.Integer, nullable=False),
        sa.Column("turned_down", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("fault", sa.String),
        sa.Column("updated", sa.String, nullable=False),
    )
    op.create_table(
        "failures",
        sa.Column("outlet", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("day", sa.String),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("is_final", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    op.create_index("ix_failures_day", "failures", ["outlet", "day"])
