"""Since when an article has failed, and which lists of a day have been at fault since its fault began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns; what failed before begins its time with the next try."""
    op.add_column("failures", sa.Column("since", sa.String))
    op.add_column("days", sa.Column("fault_of", sa.String))
