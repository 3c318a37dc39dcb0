"""Articles of the index: versions of one, those of a day, the newest, and how many there are of each day."""

import sqlite3
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from crawler.room.index.database import day_of_number, first_number
from crawler.room.index.indexing import EVERY, facet, id_of, unpacked

Row = dict[str, Any]
# What a page shows at most: rows have some kilobytes.
LIMIT = 1000


def versions(connection: sqlite3.Connection, article: str) -> list[Row]:
    """Return the versions of an article, oldest first, each as first captured; empty if unknown.

    Captures of one text in a row are one version; a text that returns after another one is a version of its own.
    """
    try:
        key = id_of(article)
    except ValueError:
        return []
    found = connection.execute(
        "SELECT row FROM rows JOIN texts USING (number) WHERE id = ? ORDER BY fetched, file, number", (key,)
    )
    rows = (unpacked(packed) for (packed,) in found)
    return [next(same) for _, same in groupby(rows, itemgetter("text_digest"))]


def of_day(connection: sqlite3.Connection, day: date, outlet: str | None = None, limit: int = LIMIT) -> list[Row]:
    """Return the newest rows of the articles of a day, of one outlet or of all, latest first."""
    begin, end = first_number(day), first_number(day + timedelta(1))
    return _newest_rows(connection, outlet, limit, "AND rowid > ? AND rowid <= ?", (-end, -begin))


def newest(connection: sqlite3.Connection, limit: int, outlet: str | None = None) -> list[Row]:
    """Return the newest rows of the articles that were published last, of one outlet or of all."""
    return _newest_rows(connection, outlet, limit)


def coverage(connection: sqlite3.Connection, outlet: str | None = None) -> dict[date, int]:
    """Return the number of articles of each day that has any, in order, of one outlet or of all."""
    condition, values = ("WHERE outlet = ?", (outlet,)) if outlet else ("", ())
    days = connection.execute(f"SELECT day, sum(articles) FROM coverage {condition} GROUP BY day ORDER BY day", values)
    return {date.fromordinal(day): count for day, count in days}


def outlets(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the outlets that have articles, and how many, in the order of their names."""
    counts = connection.execute("SELECT outlet, sum(articles) FROM coverage GROUP BY outlet ORDER BY outlet")
    return dict(map(tuple, counts))


def rows_of(connection: sqlite3.Connection, numbers: Iterable[int]) -> list[tuple[date, Row]]:
    """Return the days and rows with these numbers, in their order."""
    one = "SELECT row FROM texts WHERE number = ?"
    found = ((number, connection.execute(one, (number,)).fetchone()) for number in numbers)
    # The filler may remove a row meanwhile.
    return [(day_of_number(number), unpacked(row[0])) for number, row in found if row]


def _newest_rows(
    connection: sqlite3.Connection, outlet: str | None, limit: int, condition: str = "", values: tuple[int, ...] = ()
) -> list[Row]:
    match = f'"{facet("outlet", outlet) if outlet else EVERY}"'
    found = connection.execute(
        f"SELECT -rowid FROM search WHERE search MATCH ? {condition} ORDER BY rowid LIMIT ?",
        (match, *values, limit),
    )
    return [row for _, row in rows_of(connection, [number for (number,) in found.fetchall()])]
