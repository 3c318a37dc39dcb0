"""The tables of version 0.1.0; a new state gets its tables from crawler/state/tables.py."""

revision = "0010"
down_revision = None


def upgrade() -> None:
    """Change nothing: no earlier revision can be upgraded."""
