"""The tables as khobor made them before it numbered its revisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make articles, captures and runs."""
    op.create_table(
        "articles",
        sa.Column("outlet", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("text_digest", sa.String),
        sa.Column("extractor", sa.String),
        sa.Column("file", sa.String, index=True),
        sa.Column("offset", sa.Integer),
        sa.Column("record_id", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("fetched_at", sa.String, nullable=False),
    )
    op.create_table(
        "captures",
        sa.Column("outlet", sa.String, primary_key=True),
        sa.Column("url_digest", sa.String, primary_key=True),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("url", sa.String),
        sa.Column("date", sa.String),
        sa.Column("record_id", sa.String),
        sa.Column("file", sa.String, index=True),
        sa.Column("offset", sa.Integer),
        sa.Column("length", sa.Integer),
        sa.Column("payload_digest", sa.String),
        sa.Column("body_digest", sa.String),
        sa.Column("transfer_encoding", sa.String),
        sa.Column("content_encoding", sa.String),
        sa.Column("mime", sa.String),
        sa.Column("etag", sa.String),
        sa.Column("last_modified", sa.String),
    )
    op.create_table(
        "runs",
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("outlet", sa.String, nullable=False, index=True),
        sa.Column("started", sa.String, nullable=False),
        sa.Column("finished", sa.String),
        sa.Column("reason", sa.String),
        sa.Column("rows", sa.Integer),
        sa.Column("requests", sa.Integer),
        sa.Column("bytes", sa.Integer),
        sa.Column("files", sa.Integer),
    )
