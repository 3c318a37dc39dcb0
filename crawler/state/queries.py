"""The statements that every page executes, compiled once: building one costs more than executing it."""

import hashlib
from collections.abc import Container, Iterable
from functools import lru_cache
from operator import itemgetter

from sqlalchemy import Connection, Dialect, Table, bindparam, literal_column, select

from crawler.archive.names import outlet_of
from crawler.model.capture import Original
from crawler.state.facts import ARTICLE, LOST, RECORDED_ONLY, SEEN, Seen
from crawler.state.tables import ORIGINAL, articles, captures, insert_into

_IS_DONE = (
    ((articles.c.version > 0) & (articles.c.outcome != LOST))
    | (articles.c.outcome == RECORDED_ONLY)
    | ((articles.c.outcome == "out-of-scope") & (articles.c.scope == bindparam("scope")))
)
KNOWN = select(articles.c.key, _IS_DONE).where(
    articles.c.outlet == bindparam("outlet"), articles.c.key.in_(bindparam("keys", expanding=True))
)
ORIGINALS = select(*(captures.c[name] for name in ORIGINAL)).where(
    captures.c.outlet == bindparam("outlet"),
    captures.c.url_digest.in_(bindparam("digests", expanding=True)),
    captures.c.status == "archived",
)


def url_digest(url: str) -> bytes:
    """Return the first 16 bytes of an address's SHA-256, which indexes hold in its place."""
    return hashlib.sha256(url.encode()).digest()[:16]


def upsert(connection: Connection, seen: Iterable[Seen], archived: Container[str | None] = ()) -> None:
    """Write the results for articles; `archived` are the WARC files that are in the archive.

    A page that gives no row keeps its earlier row, and a version is never replaced by a lower one. A lost row replaces
    only lower versions.
    """
    rows = [{"status": _status(one.file, archived)} | {name: getattr(one, name) for name in SEEN} for one in seen]
    if rows:
        # Processes that write the same articles use one order, so that none deadlocks. SQLAlchemy's work on each row
        # takes as long as SQLite's; texts and integers need no conversion.
        rows.sort(key=itemgetter("outlet", "key"))
        connection.exec_driver_sql(_upsert_of(articles, connection.dialect), rows)


def upsert_originals(
    connection: Connection, originals: Iterable[Original], archived: Container[str | None] = ()
) -> None:
    """Write the recorded full responses, each of the outlet of its segment; it replaces the last one of its address."""
    last = {(outlet_of(original.file) or "", url_digest(original.url)): original for original in originals}
    rows = [
        {"outlet": outlet, "url_digest": digest, "status": _status(original.file, archived)} | original._asdict()
        for (outlet, digest), original in sorted(last.items())
    ]
    if rows:
        connection.exec_driver_sql(_upsert_of(captures, connection.dialect), rows)


@lru_cache(maxsize=8)
def _upsert_of(table: Table, dialect: Dialect) -> str:
    """Return the statement that replaces rows by their key; only a later result replaces an article's row."""
    insert = insert_into(table, dialect)
    old, new, keys = table.c, insert.excluded, list(table.primary_key.columns)
    changed = {column.name: new[column.name] for column in table.columns if not column.primary_key}
    is_later = None
    if table is articles:
        is_article = new.outcome == literal_column(f"'{ARTICLE}'")
        is_again = is_article & (new.version == old.version)
        is_later = (old.version == literal_column("0")) | (new.version > old.version) | is_again
    return str(insert.on_conflict_do_update(index_elements=keys, set_=changed, where=is_later).compile(dialect=dialect))


def _status(file: str | None, archived: Container[str | None]) -> str:
    return "archived" if file in archived else "recorded"
