"""Copies of one story across outlets."""

import sqlite3
from dataclasses import dataclass

from crawler.room.index.indexing import id_of
from crawler.room.index.signatures import AROUND
from crawler.room.search.articles import rows_of
from crawler.tools.copies.signatures import UNSIGNED, similarity

# A template, such as that of exchange rates, has copies without end.
MEMBERS = 100


@dataclass(frozen=True, slots=True)
class Copy:
    """An article of a story; `similarity` (0 to 1) is that of its text to the article whose copies these are."""

    id: str
    outlet: str
    title: str
    published: str | None
    similarity: float
    agency: str | None


def copies_of(connection: sqlite3.Connection, article: str) -> list[Copy]:
    """Return the articles of the story of an article, itself among them, earliest first; empty without copies.

    Of a story are an article's copies, and their copies, within two days.
    """
    try:
        newest = connection.execute("SELECT number FROM rows WHERE id = ? AND is_newest", (id_of(article),)).fetchone()
    except ValueError:
        return []
    members = _story(connection, newest["number"]) if newest else []
    if len(members) < 2:
        return []
    signed = {number: _signature(connection, number) for number in members}
    copies = []
    for number in members:
        # The filler may remove a row meanwhile.
        for _, row in rows_of(connection, [number]):
            published = row["published"]["at"] if row["published"] else None
            alike = similarity(signed[newest["number"]], signed[number])
            agency = next(iter(row["agencies"]), None)
            copies.append(Copy(row["id"], row["outlet"], row["title"], published, alike, agency))
    return copies


def _signature(connection: sqlite3.Connection, number: int) -> bytes:
    found = connection.execute("SELECT signature FROM signatures WHERE number = ?", (number,)).fetchone()
    return bytes(found["signature"]) if found else UNSIGNED


def _story(connection: sqlite3.Connection, number: int) -> list[int]:
    """Return the numbers of a story in the order of publication."""
    found, following = {number}, [number]
    while following and len(found) < MEMBERS:
        pairs = connection.execute("SELECT other FROM pairs WHERE number = ?", (following.pop(0),)).fetchall()
        new = [other for (other,) in pairs if other not in found and abs(other - number) <= AROUND]
        found.update(new)
        following += new
    return sorted(found)
