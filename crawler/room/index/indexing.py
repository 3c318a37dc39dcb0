"""Rows enter the index and leave it; search finds only the newest row of each article."""

import json
import sqlite3
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, combinations
from typing import Any

from crawler.bengali.stems import search_words, stems_of
from crawler.bengali.text import fold
from crawler.room.index.database import DAY_BITS, MARK, free_number
from crawler.room.index.signatures import add_signature, remove_signature
from crawler.tools.copies.clusters import body_words
from crawler.tools.export.rows import local, moment_of

# A row of Bengali text shrinks to a sixth; higher levels take longer and save little.
LEVEL = 4
Fields = Mapping[str, Any]
# Pages of the index of words that are merged in one transaction.
MERGED = 4000
# Words of a name whose runs are found: more are no name.
NAME_WORDS = 6
# The facet that every row has.
EVERY = MARK
NEWEST = "SELECT number, is_newest FROM rows WHERE id = ? ORDER BY fetched DESC, file DESC, number DESC"
ADD = """INSERT INTO rows (is_newest, id, file, fetched, outlet, section, authors, agencies, language, scope, number)
    VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def id_of(text: str) -> bytes:
    """Return an article's ID as the index has it. Raises ValueError for a text that is no UUID."""
    return uuid.UUID(text).bytes


def add_row(connection: sqlite3.Connection, file: int, line: bytes, fields: Fields) -> int:
    """Add a row of a file, or take it over from a file that no longer counts; return its number.

    Search finds it after `refresh`. Raises OverflowError for a day that has no number left.
    """
    article, *others = _columns(fields)
    if number := _left_behind(connection, article, line):
        connection.execute("UPDATE rows SET file = ? WHERE number = ?", (file, number))
        return number
    number = free_number(connection, local(fields["published"]["at"] if fields["published"] else fields["fetched_at"]))
    connection.execute(ADD, (article, file, *others, number))
    connection.execute("INSERT INTO texts VALUES (?, ?)", (number, zlib.compress(line, LEVEL)))
    return number


def refresh(connection: sqlite3.Connection, articles: Iterable[bytes], known: Mapping[int, Fields]) -> None:
    """Let search find the newest row of each of these articles, and no other row of it.

    `known` are rows by their numbers, which then need not be read again.
    """
    hidden, shown = [], []
    for article in articles:
        rows = connection.execute(NEWEST, (article,)).fetchall()
        shown += [row["number"] for row in rows[:1] if not row["is_newest"]]
        hidden += [row["number"] for row in rows[1:] if row["is_newest"]]
    _hide(connection, hidden)
    # FTS5 writes a part of its index whenever a rowid is not above the last one.
    for number in sorted(shown, reverse=True):
        row = known.get(number) or _row(connection, number)
        words = words_of(row)
        connection.execute(
            "INSERT INTO search (rowid, exact, stem, title, facets) VALUES (?, ?, ?, ?, ?)", (-number, *words)
        )
        add_signature(connection, number, row["outlet"], words[0].partition(MARK)[2].split())
        connection.execute("UPDATE rows SET is_newest = 1 WHERE number = ?", (number,))
        connection.execute(
            "INSERT INTO coverage VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET articles = articles + 1",
            (row["outlet"], number >> DAY_BITS),
        )


def remove_rows(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Remove rows; search still finds another row of the article only after `refresh`."""
    numbers = list(numbers)
    newest = "SELECT is_newest FROM rows WHERE number = ?"
    _hide(connection, [number for number in numbers if connection.execute(newest, (number,)).fetchone()[0]])
    for table in ("rows", "texts"):
        connection.executemany(f"DELETE FROM {table} WHERE number = ?", ((number,) for number in numbers))


def merge(connection: sqlite3.Connection) -> Iterator[None]:
    """Merge the parts of the index of words into one, which halves the time of a search; yield after each step."""
    pages, before = -MERGED, -2
    while connection.total_changes - before > 1:
        before = connection.total_changes
        connection.execute("INSERT INTO search (search, rank) VALUES ('merge', ?)", (pages,))
        pages = MERGED
        yield


def words_of(row: Fields) -> tuple[str, str, str, str]:
    """Return the words of a row in the columns of search: `exact`, `stem`, `title` and `facets`."""
    title = search_words(row["title"])
    body = body_words(row)
    # No phrase goes over from the title to the text.
    exact = [*title, MARK, *body]
    stems = _stems(title)
    titled = map(in_title, dict.fromkeys(stems.split()))
    return " ".join(exact), _stems(body), stems, " ".join(chain(_facets_of(row), titled))


def _stems(folded: Iterable[str]) -> str:
    return " ".join(chain.from_iterable(map(stems_of, folded)))


def facet(name: str, value: str) -> str:
    """Return the token of a facet's value."""
    return f"{MARK}{name}{MARK}{fold(value)}"


def in_title(stem: str) -> str:
    """Return the token of a stem in a title: few rows have it, so it is found many times as fast as the stem there."""
    return f"{MARK}title{MARK}{stem}"


def _facets_of(row: Fields) -> list[str]:
    """Return the tokens of a row's facets, and one that every row has; an author is found by any part of the name."""
    parts = dict.fromkeys(part for author in row["authors"] for part in _parts(author["name"]))
    values = {"outlet": [row["outlet"]], "author": parts, "agency": row["agencies"], "language": [row["language"]]}
    values |= {name: [row[name]] for name in ("section", "scope") if row[name]}
    return [EVERY, *(facet(name, value) for name, some in values.items() for value in some)]


def _parts(name: str) -> Iterator[str]:
    """Yield a name, and its words and runs of words."""
    yield name
    words = search_words(name)[:NAME_WORDS]
    for begin, end in combinations(range(len(words) + 1), 2):
        yield " ".join(words[begin:end])


def _columns(fields: Fields) -> tuple[Any, ...]:
    names = [author["name"] for author in fields["authors"]]
    return (
        id_of(fields["id"]),
        moment_of(fields["fetched_at"]).timestamp(),
        fields["outlet"],
        fields["section"],
        json.dumps(names, ensure_ascii=False),
        json.dumps(fields["agencies"]),
        fields["language"],
        fields["scope"],
    )


def _left_behind(connection: sqlite3.Connection, article: bytes, line: bytes) -> int | None:
    """Return the number of the same row of a file that no longer counts."""
    rows = connection.execute(
        "SELECT number, row FROM rows JOIN texts USING (number) WHERE id = ? AND file IN (SELECT file FROM gone)",
        (article,),
    )
    return next((number for number, row in rows if zlib.decompress(row) == line), None)


def _hide(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    for number in sorted(numbers, reverse=True):
        row = _row(connection, number)
        # A table without content forgets words only if they are given again.
        connection.execute(
            "INSERT INTO search (search, rowid, exact, stem, title, facets) VALUES ('delete', ?, ?, ?, ?, ?)",
            (-number, *words_of(row)),
        )
        remove_signature(connection, number)
        connection.execute("UPDATE rows SET is_newest = 0 WHERE number = ?", (number,))
        place = (row["outlet"], number >> DAY_BITS)
        connection.execute("UPDATE coverage SET articles = articles - 1 WHERE outlet = ? AND day = ?", place)
        connection.execute("DELETE FROM coverage WHERE outlet = ? AND day = ? AND articles = 0", place)


def _row(connection: sqlite3.Connection, number: int) -> Fields:
    (packed,) = connection.execute("SELECT row FROM texts WHERE number = ?", (number,)).fetchone()
    return unpacked(packed)


def unpacked(packed: bytes) -> dict[str, Any]:
    """Return the row in a compressed line."""
    row: dict[str, Any] = json.loads(zlib.decompress(packed))
    return row
