"""What was seen: articles with their last capture, and runs (SQLAlchemy Core; SQLite by default)."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Insert,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    make_url,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
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

ARTICLE = "article"
# Captured by a run that extracts nothing: its row comes from the record, not from another fetch.
RECORDED_ONLY = "recorded-only"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run learned of one article: `outcome` is "article" or why its page gave no row.

    `run` is the run whose rows hold the article's last version, if it has one.
    """

    outlet: str
    key: str
    url: str
    outcome: str
    scope: str
    run: str
    fetched_at: str
    file: str | None = None
    offset: int | None = None
    record_id: str | None = None
    version: int = 0
    text_digest: str | None = None
    extractor: str | None = None


class Known(NamedTuple):
    """Keys that need no fetch (rows exist, or this scope turned them down), and keys of which anything is known."""

    done: set[str]
    met: set[str]


class Version(NamedTuple):
    """An article's last version: its number, 0 without a row; its text digest; the run that wrote its row."""

    number: int
    text_digest: str | None
    run: str


class Entry(NamedTuple):
    """What state says of an article that recovery compares with the files."""

    outlet: str
    key: str
    outcome: str
    version: int
    file: str | None
    record_id: str | None


class State:
    """The store of what was seen; safe to use from several threads and processes.

    Every method raises `sqlalchemy.exc.SQLAlchemyError` when the store can't be read or written.
    """

    def __init__(self, url: str) -> None:
        database = make_url(url).database
        if url.startswith("sqlite") and database and database != ":memory:":
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = create_engine(url)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
        with self.engine.begin() as connection:
            _create_tables(connection)

    def known(self, outlet: str, keys: Sequence[str], scope: str) -> Known:
        """Return which keys of an outlet need no fetch, and which were met at all."""
        found = Known(set(), set())
        with self.engine.connect() as connection:
            for start in range(0, len(keys), 500):
                for key, is_done in _known(connection, outlet, keys[start : start + 500], scope):
                    found.met.add(key)
                    if is_done:
                        found.done.add(key)
        return found

    def last_version(self, outlet: str, key: str) -> Version:
        """Return an article's last version."""
        query = select(articles.c.version, articles.c.text_digest, articles.c.run).where(
            articles.c.outlet == outlet, articles.c.key == key
        )
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        return Version(*row) if row else Version(0, None, "")

    def settled(self, file: str) -> set[str]:
        """Return the identifiers of the records in a WARC of which state knows what became of them."""
        query = select(articles.c.record_id).where(articles.c.file == file, articles.c.outcome != RECORDED_ONLY)
        with self.engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def entries_of(self, run: str) -> list[Entry]:
        """Return what a run told of its articles, apart from what others told since."""
        query = select(*(articles.c[name] for name in Entry._fields)).where(articles.c.run == run)
        with self.engine.connect() as connection:
            return [Entry(*row) for row in connection.execute(query)]

    def take_back(self, entries: Iterable[Entry]) -> None:
        """Forget an article's last version, and the article when it was its first."""
        with self.engine.begin() as connection:
            for entry in entries:
                it = (articles.c.outlet == entry.outlet) & (articles.c.key == entry.key)
                if entry.version > 1:
                    values = {"version": entry.version - 1, "text_digest": None, "file": None, "record_id": None}
                    connection.execute(update(articles).where(it).values(**values))
                else:
                    connection.execute(delete(articles).where(it))

    def forget_captures(self, outlet: str, file: str, records: set[str]) -> None:
        """Forget the originals said to be in a WARC that are not among its records."""
        query = select(captures.c.record_id).where(captures.c.outlet == outlet, captures.c.file == file)
        with self.engine.begin() as connection:
            lost = set(connection.execute(query).scalars()) - records
            for record_id in lost:
                connection.execute(delete(captures).where(captures.c.file == file, captures.c.record_id == record_id))

    def originals(self, outlet: str, urls: Sequence[str]) -> dict[str, Original]:
        """Return by address the last full response of each, where it is archived."""
        query = select(*(captures.c[name] for name in ORIGINAL)).where(
            captures.c.outlet == outlet,
            captures.c.url_digest.in_([_digest(url) for url in urls]),
            captures.c.status == "archived",
        )
        with self.engine.connect() as connection:
            return {row.url: Original(*row) for row in connection.execute(query)}

    def recorded(self, seen: Iterable[Seen], outlet: str = "", originals: Iterable[Original] = ()) -> None:
        """Write what a batch of durable records and rows taught, in one transaction.

        `originals` are the full responses that were recorded for an outlet.
        """
        with self.engine.begin() as connection:
            for one in seen:
                _upsert(connection, one)
            _upsert_originals(connection, outlet, originals)

    def archived(self, file: str) -> None:
        """Say that a WARC, named by its path below the archive's root, is verified in the archive."""
        with self.engine.begin() as connection:
            for table in (articles, captures):
                connection.execute(update(table).where(table.c.file == file).values(status="archived"))

    def run_started(self, run: str, outlet: str) -> None:
        """Note the beginning of a run."""
        with self.engine.begin() as connection:
            connection.execute(runs.insert().values(run=run, outlet=outlet, started=_now()))

    def run_finished(self, run: str, **facts: Any) -> None:
        """Note the end of a run with its `reason`, `rows`, `requests` and `bytes`."""
        with self.engine.begin() as connection:
            connection.execute(update(runs).where(runs.c.run == run).values(finished=_now(), **facts))

    def runs_since(self, moment: datetime) -> list[dict[str, Any]]:
        """Return the runs started at or after an aware moment, oldest first, as dictionaries."""
        query = select(runs).where(runs.c.started >= _text(moment)).order_by(runs.c.started)
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _create_tables(connection: Connection) -> None:
    # IF NOT EXISTS rather than create_all: several processes may open a new state at the same moment.
    for table in metadata.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))


def _known(connection: Connection, outlet: str, keys: Sequence[str], scope: str) -> Iterator[tuple[str, bool]]:
    is_done = (
        (articles.c.version > 0)
        | (articles.c.outcome == RECORDED_ONLY)
        | ((articles.c.outcome == "out-of-scope") & (articles.c.scope == scope))
    )
    query = select(articles.c.key, is_done).where(articles.c.outlet == outlet, articles.c.key.in_(keys))
    for key, done in connection.execute(query):
        yield key, bool(done)


def _upsert(connection: Connection, seen: Seen) -> None:
    values = {name: getattr(seen, name) for name in Seen.__dataclass_fields__} | {"status": "recorded"}
    mine = (articles.c.outlet == seen.outlet) & (articles.c.key == seen.key)
    if seen.outcome != ARTICLE:
        # A page turned down today doesn't unmake the row it once gave.
        mine &= articles.c.version == 0
    if not connection.execute(update(articles).where(mine).values(**values)).rowcount:
        exists = select(articles.c.key).where(articles.c.outlet == seen.outlet, articles.c.key == seen.key)
        if connection.execute(exists).first() is None:
            connection.execute(articles.insert().values(**values))


def _upsert_originals(connection: Connection, outlet: str, originals: Iterable[Original]) -> None:
    values = {
        digest: {"outlet": outlet, "url_digest": digest, "status": "recorded"}
        | {name: getattr(original, name) for name in ORIGINAL}
        for digest, original in ((_digest(original.url), original) for original in originals)
    }
    if not values:
        return
    connection.execute(_upsert_of_captures(connection.dialect.name), list(values.values()))


@cache
def _upsert_of_captures(dialect: str) -> Insert:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(captures)
    changed = {name: insert.excluded[name] for name in ("status", *ORIGINAL)}
    upsert: Insert = insert.on_conflict_do_update(index_elements=["outlet", "url_digest"], set_=changed)
    return upsert


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _use_wal(cursor: Any) -> None:
    # The change of a new file's mode doesn't wait by busy_timeout when another process is at it.
    for attempt in range(100):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if attempt == 99:
                raise
            time.sleep(0.05)
        else:
            return


def _now() -> str:
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
