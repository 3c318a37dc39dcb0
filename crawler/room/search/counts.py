"""Numbers of the index: articles of each outlet and day, and those that are new or edited."""

import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from crawler.room.search.articles import outlets

# Levels of a cell's colour: none, and quarters of the busiest day.
LEVELS = 4
# A backfill captures a million articles in a day; counting all of them takes longer than a page may.
RECENT = 10_000


class KeptSince(NamedTuple):
    """The articles captured for the first time since a moment, and those with a new version.

    `is_capped`: there may be more.
    """

    new: int
    edited: int
    is_capped: bool


def kept_since(connection: sqlite3.Connection, moment: datetime, most: int = RECENT) -> KeptSince:
    """Count the articles of the rows captured since a moment, of the last `most` ones if there are more."""
    since = moment.timestamp()
    found = connection.execute(
        "SELECT (SELECT min(fetched) FROM rows WHERE rows.id = recent.id) >= ? AS is_new, count(*) AS rows,"
        " EXISTS (SELECT 1 FROM rows WHERE rows.id = recent.id AND fetched < ?) AS is_known"
        " FROM (SELECT id FROM rows WHERE fetched >= ? ORDER BY fetched DESC LIMIT ?) AS recent GROUP BY id",
        (since, since, since, most),
    ).fetchall()
    edited = sum(row["is_known"] or row["rows"] > 1 for row in found)
    return KeptSince(sum(row["is_new"] for row in found), edited, sum(row["rows"] for row in found) == most)


class Kept(NamedTuple):
    """The articles of an outlet and the days of the first and the last of them."""

    outlet: str
    articles: int
    first: date
    last: date


def kept_of_outlets(connection: sqlite3.Connection) -> list[Kept]:
    """Return the outlets that have articles, in the order of their names."""
    found = connection.execute(
        "SELECT outlet, sum(articles) AS articles, min(day) AS first, max(day) AS last FROM coverage"
        " GROUP BY outlet ORDER BY outlet"
    )
    return [Kept(row[0], row[1], date.fromordinal(row[2]), date.fromordinal(row[3])) for row in found]


def counts_of_days(connection: sqlite3.Connection, first: date, last: date) -> dict[str, dict[date, int]]:
    """Return by outlet the articles of each day between two that has any; outlets in the order of their names."""
    one = "SELECT day, articles FROM coverage WHERE outlet = ? AND day BETWEEN ? AND ? ORDER BY day"
    span = (first.toordinal(), last.toordinal())
    found = {name: connection.execute(one, (name, *span)).fetchall() for name in outlets(connection)}
    return {name: {date.fromordinal(row["day"]): row["articles"] for row in rows} for name, rows in found.items()}


def last_day(connection: sqlite3.Connection, today: date) -> date:
    """Return the last day with articles that is not in the future, today without any."""
    day = connection.execute("SELECT max(day) FROM coverage WHERE day <= ?", (today.toordinal(),)).fetchone()[0]
    return date.fromordinal(day) if day else today


def level(articles: int, most: int) -> int:
    """Return the level of a day's colour beside the busiest day: 0 for no article, up to LEVELS."""
    return -(-articles * LEVELS // max(most, articles, 1))


def busiest(counts: Iterable[int]) -> int:
    """Return a number that few days exceed: one enormous day must not make all others pale."""
    ordered = sorted(counts)
    return ordered[-1 - len(ordered) // 20] if ordered else 0
