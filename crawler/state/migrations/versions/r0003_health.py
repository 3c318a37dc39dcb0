"""What runs found and how outlets stand: facts of runs, standings, reports, and articles to be looked at again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("runs", sa.Column("command", sa.String))
    op.add_column("runs", sa.Column("facts", sa.Text))
    op.create_table(
        "standings",
        sa.Column("outlet", sa.String, primary_key=True),
        sa.Column("refusals", sa.Integer, nullable=False),
        sa.Column("refused_until", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("since", sa.String, nullable=False),
    )
    op.create_table(
        "reports",
        sa.Column("outlet", sa.String, primary_key=True),
        sa.Column("finding", sa.String, primary_key=True),
        sa.Column("since", sa.String, nullable=False),
        sa.Column("told", sa.String, nullable=False),
    )
    op.create_table(
        "looks",
        sa.Column("outlet", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("published", sa.String),
        sa.Column("national", sa.Boolean, nullable=False),
        sa.Column("first_seen", sa.String, nullable=False),
        sa.Column("made", sa.Integer, nullable=False),
    )
    op.create_index("ix_looks_due", "looks", ["outlet", "made", "first_seen"])
