"""Whether a national listing had an article that came to nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; of what failed before nobody knows it until it is listed again."""
    op.add_column("failures", sa.Column("national", sa.Boolean))
