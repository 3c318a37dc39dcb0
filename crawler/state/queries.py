"""The longer questions that are put to state, and what is written into it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from sqlalchemy import Connection, Insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crawler.recording.revisits import Original
from crawler.state.facts import ARTICLE, RECORDED_ONLY, Seen
from crawler.state.tables import ORIGINAL, articles, captures


def known(connection: Connection, outlet: str, keys: Sequence[str], scope: str) -> Iterator[tuple[str, bool]]:
    """Yield the keys that were met, and whether each needs no fetch."""
    is_done = (
        (articles.c.version > 0)
        | (articles.c.outcome == RECORDED_ONLY)
        | ((articles.c.outcome == "out-of-scope") & (articles.c.scope == scope))
    )
    query = select(articles.c.key, is_done).where(articles.c.outlet == outlet, articles.c.key.in_(keys))
    for key, done in connection.execute(query):
        yield key, bool(done)


def upsert(connection: Connection, seen: Seen) -> None:
    """Write what was learned of an article."""
    values = {name: getattr(seen, name) for name in Seen.__dataclass_fields__} | {"status": "recorded"}
    mine = (articles.c.outlet == seen.outlet) & (articles.c.key == seen.key)
    if seen.outcome != ARTICLE:
        # A page turned down today doesn't unmake the row it once gave.
        mine &= articles.c.version == 0
    if not connection.execute(update(articles).where(mine).values(**values)).rowcount:
        exists = select(articles.c.key).where(articles.c.outlet == seen.outlet, articles.c.key == seen.key)
        if connection.execute(exists).first() is None:
            connection.execute(articles.insert().values(**values))


def upsert_originals(connection: Connection, outlet: str, originals: Iterable[Original]) -> None:
    """Write the full responses that were recorded, each instead of the one before of its address."""
    values = {
        digest: {"outlet": outlet, "url_digest": digest, "status": "recorded"}
        | {name: getattr(original, name) for name in ORIGINAL}
        for digest, original in ((url_digest(original.url), original) for original in originals)
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


def url_digest(url: str) -> str:
    """Return what stands for an address in indexes."""
    return hashlib.sha256(url.encode()).hexdigest()
