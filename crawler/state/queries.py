"""The longer questions that are put to state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select

from crawler.recording.revisits import Original
from crawler.state.facts import RECORDED_ONLY
from crawler.state.tables import ORIGINAL, articles, captures, is_waiting

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
