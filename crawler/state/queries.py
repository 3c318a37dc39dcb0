"""The longer questions that are put to state, and what is written into it."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, Select, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from crawler.recording.revisits import Original
from crawler.state.facts import ARTICLE, RECORDED_ONLY, Seen
from crawler.state.tables import ORIGINAL, articles, captures, is_waiting, spooled_files

SEEN = tuple(Seen.__dataclass_fields__)


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
    for key, done in connection.execute(_KNOWN, {"outlet": outlet, "keys": keys, "scope": scope}):
        yield key, bool(done)


def originals(connection: Connection, outlet: str, urls: Sequence[str]) -> Iterator[Original]:
    """Yield the last full response of each address, where it is archived."""
    for row in connection.execute(_ORIGINALS, {"outlet": outlet, "digests": [url_digest(url) for url in urls]}):
        yield Original(*row)


def upsert(connection: Connection, seen: Iterable[Seen], archived: Container[str | None] = ()) -> None:
    """Write what was learned of articles; `archived` are the WARCs that are in the archive already.

    A page turned down today doesn't unmake the row it once gave, and no version is followed by a lower one.
    """
    rows = [{name: getattr(one, name) for name in SEEN} | _status(one.file, archived) for one in seen]
    if rows:
        # In one order: of two processes that write the same articles, neither waits for the other in a circle.
        rows.sort(key=itemgetter("outlet", "key"))
        connection.execute(_upsert_of_articles(connection.dialect.name), rows)


def upsert_originals(
    connection: Connection, outlet: str, originals: Iterable[Original], archived: Container[str | None] = ()
) -> None:
    """Write the full responses that were recorded, each instead of the one before of its address."""
    values = {
        digest: {"outlet": outlet, "url_digest": digest, **_status(original.file, archived), **original._asdict()}
        for digest, original in ((url_digest(original.url), original) for original in originals)
    }
    if values:
        connection.execute(_upsert_of_captures(connection.dialect.name), [values[digest] for digest in sorted(values)])


def insert_spooled(connection: Connection, spooled: Mapping[str, str]) -> None:
    """Write which runs WARC files are of, by their names; one that is known stays as it is."""
    if spooled:
        rows = [{"file": file, "run": run} for file, run in spooled.items()]
        connection.execute(_insert(connection.dialect.name, spooled_files).on_conflict_do_nothing(), rows)


def waiting_of(table: Table, file: str) -> Select[Any]:
    """Return the keys of what waits in a WARC for its archive; PostgreSQL locks them in the order of the upserts."""
    keys = list(table.primary_key.columns)
    return select(*keys).where(table.c.file == file, is_waiting(table)).order_by(*keys).with_for_update()


@cache
def _upsert_of_articles(dialect: str) -> Insert:
    insert = _insert(dialect, articles)
    old, new = articles.c, insert.excluded
    is_later = (old.version == 0) | ((new.outcome == ARTICLE) & (new.version >= old.version))
    changed = {name: new[name] for name in ("status", *SEEN) if name not in ("outlet", "key")}
    upsert: Insert = insert.on_conflict_do_update(index_elements=["outlet", "key"], set_=changed, where=is_later)
    return upsert


@cache
def _upsert_of_captures(dialect: str) -> Insert:
    insert = _insert(dialect, captures)
    changed = {name: insert.excluded[name] for name in ("status", *ORIGINAL)}
    upsert: Insert = insert.on_conflict_do_update(index_elements=["outlet", "url_digest"], set_=changed)
    return upsert


def _status(file: str | None, archived: Container[str | None]) -> dict[str, str]:
    return {"status": "archived" if file in archived else "recorded"}


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


def url_digest(url: str) -> str:
    """Return what stands for an address in indexes."""
    return hashlib.sha256(url.encode()).hexdigest()
