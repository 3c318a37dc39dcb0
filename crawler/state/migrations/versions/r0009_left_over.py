"""Whether a national listing had an article that came to nothing, and which days have no list at all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns; of what was found before nobody knows it until it is asked for again."""
    op.add_column("failures", sa.Column("national", sa.Boolean))
    op.add_column("days", sa.Column("is_absent", sa.Boolean))
