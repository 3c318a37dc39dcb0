"""Pairs of articles of different outlets with much of the same text, found by MinHash signatures of their words.

With BANDS of three values, a pair is found with a probability of 0.8 if a third of its three-word sequences is in both
texts, and of 0.99 if half of them are. A signature has the low 16 bits of each value.
"""

import sqlite3
import struct
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from itertools import combinations

from rensa import RMinHash

from crawler.room.index.database import DAY_BITS

BANDS, ROWS, SEED = 42, 3, 42
VALUES = BANDS * ROWS
FORM = struct.Struct(f"<{VALUES}H")
BAND_BYTES = FORM.size // BANDS
UNSIGNED = bytes(FORM.size)
# Of sequences in both, estimated.
THRESHOLD = 0.35
# Shorter texts are alike by chance: "details follow".
LEAST_WORDS = 20
# The numbers between two copies, of two days; the most days and articles that are compared at once with those around;
# the most articles with one band: more are of a template.
AROUND, DAYS, CHUNK, ALIKE = 2 << DAY_BITS, 7, 20_000, 50
# A row's number, outlet and signature.
Entry = tuple[int, str, bytes]


def signature(words: Sequence[str]) -> bytes | None:
    """Return the signature of a text by its folded words, None for a short one."""
    if len(words) < LEAST_WORDS:
        return None
    minhash = RMinHash(num_perm=VALUES, seed=SEED)
    minhash.update([" ".join(words[place : place + 3]) for place in range(len(words) - 2)])
    return FORM.pack(*(value & 0xFFFF for value in minhash.digest()))


def similarity(one: bytes, other: bytes) -> float:
    """Return the share of values that two signatures have in common."""
    return sum(map(int.__eq__, FORM.unpack(one), FORM.unpack(other))) / VALUES


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
        entries = connection.execute(
            "SELECT number, outlet, signature FROM signatures WHERE number BETWEEN ? AND ?",
            (new[0] - AROUND, new[-1] + AROUND),
        )
        entries.row_factory = None
        connection.executemany("INSERT OR IGNORE INTO pairs VALUES (?, ?)", _pairs(entries.fetchall(), set(new)))
        connection.executemany("UPDATE signatures SET is_paired = 1 WHERE number = ?", ((number,) for number in new))
        yield len(new)


def _chunk(connection: sqlite3.Connection) -> list[int]:
    """Return the first rows of a few days that were not compared yet."""
    (first,) = connection.execute("SELECT min(number) FROM signatures WHERE NOT is_paired").fetchone()
    if first is None:
        return []
    numbers = connection.execute(
        "SELECT number FROM signatures WHERE NOT is_paired AND number BETWEEN ? AND ? ORDER BY number LIMIT ?",
        (first, first + (DAYS << DAY_BITS), CHUNK),
    )
    return [number for (number,) in numbers]


def _pairs(entries: Sequence[Entry], new: Container[int]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of rows, one of them new, in both orders."""
    for first, second in _candidates(entries, new):
        (one, _, signed), (other, _, signed_too) = entries[first], entries[second]
        if similarity(signed, signed_too) >= THRESHOLD:
            yield from ((one, other), (other, one))


def _candidates(entries: Sequence[Entry], new: Container[int]) -> set[tuple[int, int]]:
    """Return the places of entries that have a band in common, are of two outlets, and in a few days."""
    found: set[tuple[int, int]] = set()
    for begin in range(0, FORM.size, BAND_BYTES):
        places: dict[bytes, list[int]] = defaultdict(list)
        for place, entry in enumerate(entries):
            places[entry[2][begin : begin + BAND_BYTES]].append(place)
        for alike in places.values():
            for first, second in combinations(alike[:ALIKE], 2) if len(alike) > 1 else ():
                (one, outlet, _), (other, other_outlet, _) = entries[first], entries[second]
                if outlet != other_outlet and abs(one - other) <= AROUND and (one in new or other in new):
                    found.add((first, second))
    return found
