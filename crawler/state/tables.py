"""The tables of state (SQLAlchemy Core), as the newest revision under migrations/ leaves them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal_column,
)

from crawler.model.capture import Original

metadata = MetaData()
ORIGINAL = Original._fields

# SQLite's integers have 64 bits whatever they are called.
BIG = BigInteger().with_variant(Integer(), "sqlite")

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
    Column("file", String),
    Column("offset", BIG),
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
    Column("url_digest", LargeBinary(16), primary_key=True),
    Column("status", String, nullable=False),
    *(Column(name, BIG if name in ("offset", "length") else String) for name in ORIGINAL),
)
runs = Table(
    "runs",
    metadata,
    Column("run", String, primary_key=True),
    Column("outlet", String, nullable=False, index=True),
    Column("started", String, nullable=False, index=True),
    Column("finished", String),
    Column("reason", String),
    Column("rows", Integer),
    Column("requests", Integer),
    Column("bytes", BIG),
    Column("files", Integer),
    # Which command asked for it, and what came of it as JSON (`crawler.crawl.health.facts`).
    Column("command", String),
    Column("facts", Text),
)

# The outlets that refuse us: how many runs in a row, and until when they are left alone.
standings = Table(
    "standings",
    metadata,
    Column("outlet", String, primary_key=True),
    Column("refusals", Integer, nullable=False),
    Column("refused_until", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("since", String, nullable=False),
)

# What is wrong with outlets and was told: it is told again after a day, and forgotten when it is mended.
reports = Table(
    "reports",
    metadata,
    Column("outlet", String, primary_key=True),
    Column("finding", String, primary_key=True),
    Column("since", String, nullable=False),
    Column("told", String, nullable=False),
)

# Articles of the last days, to be asked for again: `made` of REVISIT_AFTER's looks are over.
looks = Table(
    "looks",
    metadata,
    Column("outlet", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("published", String),
    Column("national", Boolean, nullable=False),
    Column("first_seen", String, nullable=False),
    Column("made", Integer, nullable=False),
    Index("ix_looks_due", "outlet", "made", "first_seen"),
)

# What backfills found on each day, in the outlet's own time zone: it is "closed" when its sources were read whole and
# every article that they listed is archived, turned down or has failed for good, or when it is given up. `fault` says
# what keeps it open, or kept it open until it was given up; `fault_since` is when that began with its lists, `fault_of`
# which lists these are: the addresses of their first pages, separated by spaces. `is_absent` when all that is wrong is
# that there is no list, or an empty one.
days = Table(
    "days",
    metadata,
    Column("outlet", String, primary_key=True),
    Column("scope", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("archived", Integer, nullable=False),
    Column("turned_down", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("fault", String),
    Column("updated", String, nullable=False),
    Column("fault_since", String),
    Column("fault_of", String),
    Column("is_absent", Boolean),
)

# Listed articles that came to nothing; a final failure is tried again only when somebody asks for that. `since` is when
# the first of its tries failed, or the first after somebody asked; `national` when a national listing had it.
failures = Table(
    "failures",
    metadata,
    Column("outlet", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("day", String),
    Column("reason", String, nullable=False),
    Column("is_final", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("at", String, nullable=False),
    Column("since", String),
    Column("national", Boolean),
    Index("ix_failures_day", "outlet", "day"),
)

# When each host may next be asked, `free_at` in seconds since 1970: while it is being asked, the moment at which
# whoever asks must have died.
hosts = Table(
    "hosts",
    metadata,
    Column("host", String, primary_key=True),
    Column("free_at", Float, nullable=False),
    Column("claimed_at", Float),
)

# Runs that are not wholly in the archive yet: in which spool their files stand, and until when nobody else may take
# them for lost. `wanted` is what they were asked for, as JSON. Their WARC files lie there or have gone up early.
spooled_runs = Table(
    "spooled_runs",
    metadata,
    Column("run", String, primary_key=True),
    Column("outlet", String, nullable=False),
    Column("command", String),
    Column("wanted", Text),
    Column("spool", String, nullable=False),
    Column("held_until", String, nullable=False),
)
spooled_files = Table(
    "spooled_files",
    metadata,
    Column("file", String, primary_key=True),
    Column("run", String, nullable=False),
)

# Facts about this deployment, by name: under `archive` the ID of the archive that holds its runs.
remembered = Table(
    "remembered",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)


def is_waiting(table: Table) -> ColumnElement[bool]:
    """Return the condition for what is recorded and not archived yet; it has small indexes of its own."""
    # Spelled out, not bound: SQLite uses a partial index only where it can read the condition.
    return table.c.status == literal_column("'recorded'")


for table, name in ((articles, "file"), (articles, "run"), (captures, "file")):
    Index(
        f"ix_{table.name}_waiting_{name}",
        table.c[name],
        sqlite_where=is_waiting(table),
        postgresql_where=is_waiting(table),
    )
