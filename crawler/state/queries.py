"""The longer questions that are put to state.

What is written into state for every page: compiled once, as building it anew costs more than writing it."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Select, Table, bindparam, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from crawler.model.capture import Original
from crawler.state.facts import ARTICLE, RECORDED_ONLY, SEEN, Seen
from crawler.state.tables import ORIGINAL, articles, captures, is_waiting, remembered, spooled_files

# The two questions that are put for every listing and every page: built once, as building costs more than asking.
_IS_DONE = (
    (articles.c.version > 0)
    | (articles.c.outcome == RECORDED_ONLY)
    | ((articles.c.outcome == "out-of-scope") & (articles.c.scope == bindparam("scope")))
)
_KNOWN = select(articles.c.key, _IS_DONE).where(
    articles.c.outlet == bindparam("outlet"), articles.c.key.in_(bindparam("keys", expanding=True))
)
_ORIGINALS = select(*(captures.c[name] for name in ORIGINAL)).where(
    captures.c.outlet == bindparam("outlet"),
    captures.c.url_digest.in_(bindparam("digests", expanding=True)),
    captures.c.status == "archived",
)


def known(connection: Connection, outlet: str, keys: Sequence[str], scope: str) -> Iterator[tuple[str, bool]]:
    """Yield the keys that were met, and whether each needs no fetch."""
    for key, done in connection.execute(_KNOWN, {"outlet": outlet, "keys": keys, "scope": scope}).all():
        yield key, bool(done)


def originals(connection: Connection, outlet: str, urls: Sequence[str]) -> Iterator[Original]:
    """Yield the last full response of each address, where it is archived."""
    for row in connection.execute(_ORIGINALS, {"outlet": outlet, "digests": [url_digest(url) for url in urls]}).all():
        yield Original(*row)


def waiting_of(table: Table, file: str) -> Select[Any]:
    """Return the keys of what waits in a WARC for its archive; PostgreSQL locks them in the order of the upserts."""
    keys = list(table.primary_key.columns)
    return select(*keys).where(table.c.file == file, is_waiting(table)).order_by(*keys).with_for_update()


def url_digest(url: str) -> bytes:
    """Return the 16 bytes that stand for an address in indexes: the first half of its SHA-256."""
    return hashlib.sha256(url.encode()).digest()[:16]


Rows = Sequence[dict[str, Any]]


def upsert(connection: Connection, seen: Iterable[Seen], archived: Container[str | None] = ()) -> None:
    """Write what was learned of articles; `archived` are the WARCs that are in the archive already.

    A page turned down today doesn't unmake the row it once gave, and no version is followed by a lower one.
    """
    rows = [{"status": _status(one.file, archived)} | {name: getattr(one, name) for name in SEEN} for one in seen]
    # In one order: of two processes that write the same articles, neither waits for the other in a circle.
    rows.sort(key=itemgetter("outlet", "key"))
    _write(connection, _upsert_of_articles(connection.dialect), rows)


def upsert_originals(
    connection: Connection, outlet: str, originals: Iterable[Original], archived: Container[str | None] = ()
) -> None:
    """Write the full responses that were recorded, each instead of the one before of its address."""
    last = {url_digest(original.url): original for original in originals}
    rows = [
        {"outlet": outlet, "url_digest": digest, "status": _status(original.file, archived)} | original._asdict()
        for digest, original in sorted(last.items())
    ]
    _write(connection, _upsert_of_captures(connection.dialect), rows)


def insert_spooled(connection: Connection, spooled: Mapping[str, str]) -> None:
    """Write which runs WARC files are of, by their names; one that is known stays as it is."""
    rows = [{"file": file, "run": run} for file, run in spooled.items()]
    _write(connection, _insert_of_spooled(connection.dialect), rows)


def insert_remembered(connection: Connection, facts: Mapping[str, str]) -> None:
    """Write facts about this deployment by their names; one that is known stays as it is."""
    rows = [{"name": name, "value": value} for name, value in facts.items()]
    _write(connection, _insert_of_remembered(connection.dialect), rows)


def _write(connection: Connection, statement: str, rows: Rows) -> None:
    if rows:
        # Past SQLAlchemy's work on each row, which takes as long as SQLite's: all values are texts and integers.
        connection.exec_driver_sql(statement, list(rows))


@lru_cache(maxsize=8)
def _upsert_of_articles(dialect: Dialect) -> str:
    insert = _insert(dialect, articles)
    old, new = articles.c, insert.excluded
    is_article = new.outcome == literal_column(f"'{ARTICLE}'")
    is_later = (old.version == literal_column("0")) | (is_article & (new.version >= old.version))
    changed = {name: new[name] for name in ("status", *SEEN) if name not in ("outlet", "key")}
    return _text(insert.on_conflict_do_update(index_elements=["outlet", "key"], set_=changed, where=is_later), dialect)


@lru_cache(maxsize=8)
def _upsert_of_captures(dialect: Dialect) -> str:
    insert = _insert(dialect, captures)
    changed = {name: insert.excluded[name] for name in ("status", *ORIGINAL)}
    return _text(insert.on_conflict_do_update(index_elements=["outlet", "url_digest"], set_=changed), dialect)


@lru_cache(maxsize=8)
def _insert_of_spooled(dialect: Dialect) -> str:
    return _text(_insert(dialect, spooled_files).on_conflict_do_nothing(), dialect)


@lru_cache(maxsize=8)
def _insert_of_remembered(dialect: Dialect) -> str:
    return _text(_insert(dialect, remembered).on_conflict_do_nothing(), dialect)


def _insert(dialect: Dialect, table: Table) -> Any:
    return (postgresql if dialect.name == "postgresql" else sqlite).insert(table)


def _text(statement: Any, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect))


def _status(file: str | None, archived: Container[str | None]) -> str:
    return "archived" if file in archived else "recorded"
