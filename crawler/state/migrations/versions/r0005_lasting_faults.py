"""Since when something has kept a day of a backfill open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column."""
    op.add_column("days", sa.Column("fault_since", sa.String))
