"""The pairs of copies in the index: articles of different outlets, with much of the same text, within two days."""

import sqlite3
from collections.abc import Container, Iterator, Sequence

from crawler.room.index.database import DAY_BITS
from crawler.tools.copies.signatures import Signed, alike, signature

# The numbers between two copies, of two days; the most days and articles that are compared at once with those around.
AROUND, CHUNK_DAYS, CHUNK = 2 << DAY_BITS, 7, 20_000


def add_signature(connection: sqlite3.Connection, number: int, outlet: str, words: Sequence[str]) -> None:
    """Keep the signature of a row, to be compared by `pair`."""
    if signed := signature(words):
        connection.execute("INSERT INTO signatures VALUES (?, ?, ?, 0)", (number, outlet, signed))


def remove_signature(connection: sqlite3.Connection, number: int) -> None:
    """Forget a row and its pairs."""
    others = connection.execute("SELECT other FROM pairs WHERE number = ?", (number,)).fetchall()
    connection.executemany("DELETE FROM pairs WHERE number = ? AND other = ?", ((one, number) for (one,) in others))
    for table in ("pairs", "signatures"):
        connection.execute(f"DELETE FROM {table} WHERE number = ?", (number,))


def pair(connection: sqlite3.Connection) -> Iterator[int]:
    """Compare new signatures with those of the days around; yield their number after each chunk."""
    while new := _chunk(connection):
        texts = connection.execute(
            "SELECT number, outlet, signature FROM signatures WHERE number BETWEEN ? AND ?",
            (new[0] - AROUND, new[-1] + AROUND),
        )
        texts.row_factory = None
        connection.executemany("INSERT OR IGNORE INTO pairs VALUES (?, ?)", _pairs(texts.fetchall(), set(new)))
        connection.executemany("UPDATE signatures SET is_paired = 1 WHERE number = ?", ((number,) for number in new))
        yield len(new)


def _chunk(connection: sqlite3.Connection) -> list[int]:
    """Return the first rows of a few days that were not compared yet."""
    (first,) = connection.execute("SELECT min(number) FROM signatures WHERE NOT is_paired").fetchone()
    if first is None:
        return []
    numbers = connection.execute(
        "SELECT number FROM signatures WHERE NOT is_paired AND number BETWEEN ? AND ? ORDER BY number LIMIT ?",
        (first, first + (CHUNK_DAYS << DAY_BITS), CHUNK),
    )
    return [number for (number,) in numbers]


def _pairs(texts: Sequence[Signed], new: Container[int]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of rows, one of them new, in both orders."""

    def may_pair(one: Signed, other: Signed) -> bool:
        return one[1] != other[1] and abs(one[0] - other[0]) <= AROUND and (one[0] in new or other[0] in new)

    for one, other in alike(texts, may_pair):
        yield from ((one, other), (other, one))
