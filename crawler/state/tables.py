"""The tables of state (SQLAlchemy Core)."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table
from sqlalchemy.schema import CreateIndex, CreateTable

from crawler.recording.revisits import Original

metadata = MetaData()
ORIGINAL = tuple(Original.__dataclass_fields__)

# One line an article and outlet, however often it was captured. `status` follows the order of durability:
# "recorded" when record and row are synced in a spool, "archived" when verified in the archive.
articles = Table(
    "articles",
    metadata,
    Column("outlet", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("version", Integer, nullable=False, default=0),
    Column("text_digest", String),
    Column("extractor", String),
    Column("file", String, index=True),
    Column("offset", Integer),
    Column("record_id", String),
    Column("status", String, nullable=False),
    Column("run", String, nullable=False),
    Column("fetched_at", String, nullable=False),
)

# The last full response of each address, to which later captures may refer once it is archived. The digest
# stands for the address: addresses of 100 kB exist, and no index takes them.
captures = Table(
    "captures",
    metadata,
    Column("outlet", String, primary_key=True),
    Column("url_digest", String, primary_key=True),
    Column("status", String, nullable=False),
    *(Column(name, Integer if name in ("offset", "length") else String, index=name == "file") for name in ORIGINAL),
)

runs = Table(
    "runs",
    metadata,
    Column("run", String, primary_key=True),
    Column("outlet", String, nullable=False, index=True),
    Column("started", String, nullable=False),
    Column("finished", String),
    Column("reason", String),
    Column("rows", Integer),
    Column("requests", Integer),
    Column("bytes", Integer),
    Column("files", Integer),
)


def create_tables(connection: Connection) -> None:
    """Make the tables and indexes that are missing."""
    # IF NOT EXISTS rather than create_all: several processes may open a new state at the same moment.
    for table in metadata.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
