"""The tables of state (SQLAlchemy Core)."""

from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from crawler.model.capture import Original

metadata = MetaData()
ORIGINAL = Original._fields
# SQLite's integers have 64 bits whatever they are called.
BIG = BigInteger().with_variant(Integer(), "sqlite")
# The condition of the partial indexes: recorded, but not archived yet.
WAITING = text("status = 'recorded'")


def optional(*names: str, **options: Any) -> list[Column[str]]:
    return [Column(name, String, **options) for name in names]


texts = partial(optional, nullable=False)
keys = partial(optional, primary_key=True)

# One line for each article of an outlet. `status` is "recorded" once record and row are synced in a spool,
# "archived" once verified in the archive.
articles = Table(
    "articles",
    metadata,
    *keys("outlet", "key"),
    *texts("url", "outcome", "scope"),
    Column("version", Integer, nullable=False, default=0),
    *optional("text_digest", "extractor", "file"),
    Column("offset", BIG),
    *optional("record_id"),
    *texts("status", "run", "fetched_at"),
    Index("ix_articles_waiting_file", "file", sqlite_where=WAITING, postgresql_where=WAITING),
)

# The last full response of each address. No index takes addresses of 100 kB, so a digest replaces the address.
captures = Table(
    "captures",
    metadata,
    *keys("outlet"),
    Column("url_digest", LargeBinary(16), primary_key=True),
    *texts("status"),
    *(Column(name, BIG if name in ("offset", "length") else String) for name in ORIGINAL),
    Index("ix_captures_waiting_file", "file", sqlite_where=WAITING, postgresql_where=WAITING),
)
runs = Table(
    "runs",
    metadata,
    *keys("run"),
    Column("outlet", String, nullable=False, index=True),
    Column("started", String, nullable=False, index=True),
    *optional("finished", "reason"),
    Column("rows", Integer),
    Column("requests", Integer),
    Column("bytes", BIG),
    Column("files", Integer),
    *optional("command"),
    Column("wanted", Text),
    Column("facts", Text),
)

# The outlets that refuse us.
standings = Table(
    "standings",
    metadata,
    *keys("outlet"),
    Column("refusals", Integer, nullable=False),
    *texts("refused_until", "reason", "since"),
)

# The problems of outlets that were reported: reported again after a day, forgotten once solved.
reports = Table("reports", metadata, *keys("outlet", "finding"), *texts("since", "reported"))

# Articles to revisit; `made` is how many visits of REVISIT_AFTER are over.
looks = Table(
    "looks",
    metadata,
    *keys("outlet", "key"),
    *texts("url"),
    *optional("published"),
    Column("national", Boolean, nullable=False),
    *texts("first_seen"),
    Column("made", Integer, nullable=False),
    Index("ix_looks_due", "outlet", "made", "first_seen"),
)

# The articles with a row for which the site last answered that they are gone: `since` when, and with which `status`.
withdrawn = Table(
    "withdrawn",
    metadata,
    *keys("outlet", "key"),
    *texts("id", "url", "since"),
    Column("status", Integer, nullable=False),
)

# The days of backfills, in the outlet's time zone. `is_settled` if the last run read all lists of the day and every
# article in them, `is_given_up` if khobor accepts the faults of its lists.
days = Table(
    "days",
    metadata,
    *keys("outlet", "scope", "day"),
    Column("is_settled", Boolean, nullable=False),
    Column("is_given_up", Boolean, nullable=False),
    *texts("updated"),
)

# The articles of days, under every day and scope that has them. `source` is the address of the list's first page; it is
# null for an article that no list of the day was seen to have: its page or the list of a day beside names the day, or
# it failed in an update. `national` if a national listing had it. `articles` and `failures` have the outcome.
listings = Table(
    "listings",
    metadata,
    *keys("outlet", "day", "scope", "key"),
    *texts("url"),
    Column("national", Boolean, nullable=False),
    *optional("source"),
    *texts("first_seen"),
    sqlite_with_rowid=False,
)

# The faults of the lists of days, in the order of a run. `source` is the address of the list's first page, `page` that
# of the faulty one, `since` when the source first failed on that day.
faults = Table(
    "faults",
    metadata,
    *keys("outlet", "scope", "day"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    *texts("source", "kind", "page", "reason", "since"),
)

# Articles that gave no row; a final failure is retried only with `--retry-failed`. `since` is when the first try
# failed, or when that option was last given.
failures = Table(
    "failures",
    metadata,
    *keys("outlet", "key"),
    *texts("url", "reason"),
    Column("is_final", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    *texts("at", "since"),
)

# When each host may be requested next, in seconds since 1970; during a request, when the process must have died.
hosts = Table(
    "hosts",
    metadata,
    *keys("host"),
    Column("free_at", Float, nullable=False),
    Column("claimed_at", Float),
)

# The segments that are not in the archive yet, with the spool of their files: a line for each run that wrote one. All
# pages in the first `decided` bytes of the WARC file have their verdict.
segments = Table(
    "segments",
    metadata,
    *keys("file"),
    Column("outlet", String, nullable=False, index=True),
    *keys("run"),
    *texts("spool"),
    Column("decided", BIG, nullable=False),
)

# The segments in the archive by their WARC files; `is_named` if the manifest of another archived one names it.
archived_segments = Table(
    "archived_segments",
    metadata,
    Column("file", String, primary_key=True),
    Column("outlet", String, nullable=False),
    Column("is_named", Boolean, nullable=False),
    Index("ix_archived_segments_ends", "outlet", "is_named"),
)

# Until when each spool has its lease: a later spool is lost, and its segments with it.
spools = Table("spools", metadata, *keys("spool"), *texts("held_until"))

# Facts about this deployment, by name: under `archive` the ID of the archive that holds its runs.
remembered = Table("remembered", metadata, *keys("name"), *texts("value"))


def insert_into(table: Table, dialect: Dialect) -> Any:
    return (postgresql if dialect.name == "postgresql" else sqlite).insert(table)


def is_waiting(table: Table) -> ColumnElement[bool]:
    """Return WAITING for a table of a join."""
    # A literal: SQLite does not match a partial index to a bound value.
    return table.c.status == literal_column("'recorded'")
