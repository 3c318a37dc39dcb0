"""The captures of an archive in the room's database: found by address, time, or place in a WARC file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from crawler.archive.captures import REVISIT_MIME
from crawler.archive.cdxj import entry_of, surt
from crawler.archive.names import is_key, name_of, warc_of

# One line of an index is one row. `withheld_captures` has the addresses of withheld articles, and their IDs.
SCHEMA = """
CREATE TABLE captures (
    number INTEGER PRIMARY KEY, surt TEXT NOT NULL, timestamp INTEGER NOT NULL, url TEXT NOT NULL,
    status TEXT NOT NULL, mime TEXT NOT NULL, digest TEXT NOT NULL,
    warc INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL
);
CREATE INDEX captures_of_address ON captures (surt, timestamp);
CREATE UNIQUE INDEX captures_at_place ON captures (warc, offset);
CREATE TABLE capture_warcs (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE withheld_captures (surt TEXT, article BLOB, PRIMARY KEY (surt, article)) WITHOUT ROWID;
"""

SELECT = """
SELECT captures.number, surt, timestamp, url, status, mime, digest, name, offset, length
FROM captures CROSS JOIN capture_warcs ON capture_warcs.number = warc
WHERE surt NOT IN (SELECT surt FROM withheld_captures) AND
"""

# All columns are in the index, which is read several times as fast.
IN_INDEX = """
FROM captures WHERE surt >= ? AND surt < ? AND timestamp BETWEEN ? AND ?
AND surt NOT IN (SELECT surt FROM withheld_captures)
"""

MatchType = Literal["exact", "prefix", "host", "domain"]
MATCH_TYPES: tuple[MatchType, ...] = get_args(MatchType)

# A site redirects http to https, or to www: both captures have one key, and are seconds apart.
SAME_VISIT = timedelta(minutes=1)

WEB_BEGINS = 1990
FIRST, LAST = 0, 10**14 - 1
STAMP = "%Y%m%d%H%M%S"


class IndexedCapture(NamedTuple):
    """A line of an index. `timestamp` is in UTC, as a number of 14 digits; `name` is that of the WARC file."""

    number: int
    surt: str
    timestamp: int
    url: str
    status: str
    mime: str
    digest: str
    name: str
    offset: int
    length: int

    @property
    def key(self) -> str:
        """The WARC file's path below the archive's root."""
        return warc_of(self.name)

    @property
    def moment(self) -> datetime:
        return moment_of(self.timestamp)

    @property
    def is_revisit(self) -> bool:
        return self.mime == REVISIT_MIME


class Position(NamedTuple):
    """The place of a capture in the order of results; the next one begins after it."""

    surt: str
    timestamp: int
    number: int


def add_captures(connection: sqlite3.Connection, lines: Iterable[bytes]) -> int:
    """Add the lines of an index, unless they are there; return the number of malformed ones, which are left out."""
    malformed = 0
    warcs: dict[str, int] = {}
    for line in lines:
        row = _row_of(line)
        if row is None:
            malformed += 1
            continue
        *fields, name, offset, length = row
        if name not in warcs:
            warcs[name] = _number_of(connection, name)
        connection.execute(
            "INSERT OR IGNORE INTO captures (surt, timestamp, url, status, mime, digest, warc, offset, length)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*fields, warcs[name], offset, length),
        )
    return malformed


def withhold_captures(connection: sqlite3.Connection, article: bytes, urls: Iterable[str]) -> None:
    """Let the captures of an article, which has these addresses, not be found."""
    rows = ((surt(url), article) for url in urls)
    connection.executemany("INSERT OR IGNORE INTO withheld_captures VALUES (?, ?)", rows)


def release_captures(connection: sqlite3.Connection, article: bytes) -> None:
    connection.execute("DELETE FROM withheld_captures WHERE article = ?", (article,))


def find(
    connection: sqlite3.Connection,
    url: str,
    match_type: MatchType = "exact",
    since: int = FIRST,
    until: int = LAST,
    limit: int | None = None,
    *,
    after: Position | None = None,
    is_reversed: bool = False,
) -> Iterator[IndexedCapture]:
    """Yield the captures of an address, or of those below it, by key and time; `since` and `until` are timestamps."""
    low, high = keys_of(url, match_type)
    where, given = "surt >= ? AND surt < ? AND timestamp BETWEEN ? AND ?", [low, high, since, until]
    if after is not None:
        where += " AND (surt, timestamp, captures.number) > (?, ?, ?)"
        given += after
        # The index is read from here on.
        given[0] = max(low, after.surt)
    direction = "DESC" if is_reversed else "ASC"
    order = f"surt {direction}, timestamp {direction}, captures.number {direction}"
    given.append(-1 if limit is None else limit)
    yield from map(IndexedCapture._make, connection.execute(f"{SELECT} {where} ORDER BY {order} LIMIT ?", given))


def count(
    connection: sqlite3.Connection, url: str, match_type: MatchType = "exact", since: int = FIRST, until: int = LAST
) -> int:
    """Return the number of captures that `find` yields."""
    given = (*keys_of(url, match_type), since, until)
    return int(connection.execute(f"SELECT count(*) {IN_INDEX}", given).fetchone()[0])


def last_of(
    connection: sqlite3.Connection, url: str, match_type: MatchType, since: int, until: int, number: int
) -> Position | None:
    """Return the position of the last of the first `number` captures that `find` yields; None for 0 or too many."""
    query = f"SELECT surt, timestamp, number {IN_INDEX} ORDER BY surt, timestamp, number LIMIT 1 OFFSET ?"
    given = (*keys_of(url, match_type), since, until, number - 1)
    row = connection.execute(query, given).fetchone() if number > 0 else None
    return Position._make(row) if row else None


def nearest(connection: sqlite3.Connection, url: str, moment: datetime) -> IndexedCapture | None:
    """Return the capture of an address that is nearest to a moment, None without any.

    Addresses with one key count as one. Of captures of one visit, that of this very address comes first: the other
    may be the redirect to it.
    """
    first = min(_neighbours(connection, url, moment), key=lambda one: _distance(one, moment), default=None)
    if first is None:
        return None
    visit = (timestamp_of(first.moment - SAME_VISIT), timestamp_of(first.moment + SAME_VISIT))
    around = find(connection, url, since=visit[0], until=visit[1])
    return min(around, key=lambda one: (one.url != url, _distance(one, moment), one.status[:1] != "2"), default=first)


def at_place(connection: sqlite3.Connection, name: str, offset: int) -> IndexedCapture | None:
    """Return the capture whose record holds this byte of a WARC file."""
    of_file = "warc = (SELECT number FROM capture_warcs WHERE name = ?)"
    query = f"{SELECT} {of_file} AND offset <= ? ORDER BY offset DESC LIMIT 1"
    row = connection.execute(query, (name, offset)).fetchone()
    found = IndexedCapture._make(row) if row else None
    return found if found and offset < found.offset + found.length else None


def keys_of(url: str, match_type: MatchType) -> tuple[str, str]:
    """Return the first key of the addresses that match, and the first key behind them."""
    address = url if "://" in url else f"http://{url}"
    key = surt(address)
    host = key.partition(")")[0]
    if match_type == "host":
        return f"{host})", f"{host}*"  # the character after the parenthesis
    if match_type == "domain":
        return f"{host})", f"{host}-"  # after the comma, which begins a subdomain
    if match_type == "prefix":
        # Of "/news/*", not "/newspapers".
        key += "/" if address.endswith("/") and not key.endswith("/") and "?" not in key else ""
        return key, key[:-1] + chr(ord(key[-1]) + 1)
    return key, f"{key}\0"


def timestamp_of(moment: datetime) -> int:
    return int(moment.astimezone(UTC).strftime(STAMP))


def moment_of(timestamp: int) -> datetime:
    """Return the moment of 14 digits. Raises ValueError."""
    return datetime.strptime(f"{timestamp:014}", STAMP).replace(tzinfo=UTC)


def _neighbours(connection: sqlite3.Connection, url: str, moment: datetime) -> Iterator[IndexedCapture]:
    stamp = timestamp_of(moment)
    yield from find(connection, url, until=stamp, limit=1, is_reversed=True)
    yield from find(connection, url, since=stamp, limit=1)


def _distance(capture: IndexedCapture, moment: datetime) -> timedelta:
    return abs(capture.moment - moment)


def _number_of(connection: sqlite3.Connection, name: str) -> int:
    connection.execute("INSERT OR IGNORE INTO capture_warcs (name) VALUES (?)", (name,))
    return int(connection.execute("SELECT number FROM capture_warcs WHERE name = ?", (name,)).fetchone()[0])


def _row_of(line: bytes) -> tuple[Any, ...] | None:
    """Return the values of a row, without its number; None for a line that names no record of an archive."""
    entry = entry_of(line)
    names = ("url", "status", "mime", "digest", "filename", "offset", "length")
    texts = [text for name in names if isinstance(text := entry.get(name), str)]
    if len(texts) < len(names):
        return None
    *facts, name, offset, length = texts
    try:
        key, stamp, _ = line.decode().split(" ", 2)
        timestamp, place = int(stamp[:14]), (int(offset), int(length))
        year = moment_of(timestamp).year
    except (ValueError, OverflowError):
        return None
    is_time = len(stamp) >= 14 and WEB_BEGINS <= year < 9999
    is_place = min(place) >= 0 and max(place) >> 63 == 0
    is_file = name_of(name) is not None and is_key(warc_of(name)) and warc_of(name).endswith(f"/{name}")
    if not (is_time and is_place and is_file):
        return None
    return (key, timestamp, *facts, name, *place)
