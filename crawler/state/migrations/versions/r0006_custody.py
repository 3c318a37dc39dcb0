"""In whose spool the files of runs stand that are not wholly in the archive yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables; runs of before are taken to be where they should."""
    op.create_table(
        "spooled_runs",
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("outlet", sa.String, nullable=False),
        sa.Column("command", sa.String),
        sa.Column("wanted", sa.Text),
        sa.Column("spool", sa.String, nullable=False),
        sa.Column("held_until", sa.String, nullable=False),
    )
    op.create_table(
        "spooled_files",
        sa.Column("file", sa.String, primary_key=True),
        sa.Column("run", sa.String, nullable=False),
    )
