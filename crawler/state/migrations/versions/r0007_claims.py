"""When a host was last claimed: by a clock that ran ahead, if that is still to come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; of claims of before nobody knows when they were made."""
    op.add_column("hosts", sa.Column("claimed_at", sa.Float))
