"""The tables of the first release; a new state gets its tables from crawler/state/tables.py."""

revision = "0101"
down_revision = None


def upgrade() -> None:
    """Change nothing: no earlier revision can be upgraded."""
