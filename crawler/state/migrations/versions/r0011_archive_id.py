"""The ID of the archive that holds the runs of this state."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the table; the next command that writes takes the archive's ID."""
    op.create_table(
        "remembered",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )
