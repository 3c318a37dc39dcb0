"""Search: the matches of a query, the facets of all of them, and a page of hits.

Matches come newest first, at most MATCHES of them, and the search for many words ends after SECONDS. So the cost is
bounded: facets, total and relevance are those of the matches that were read.
"""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any, Literal

from crawler.bengali.stems import stems_of
from crawler.room.index.database import DAY_BITS, first_number
from crawler.room.index.indexing import EVERY, facet, in_title
from crawler.room.search.articles import Row, rows_of
from crawler.room.search.query import NAMES, NO_CODES, NO_FILTERS, Codes, Filters, Query, parse
from crawler.room.search.snippets import Part, marked, snippet

MATCHES, HITS, VALUES = 10_000, 20, 30
# Days are counted one by one up to this number of days between the first and the last, else months.
DAYS = 62
# A query of more words is searched year by year, for some seconds.
QUICK, YEAR, SECONDS = 8, 365 << DAY_BITS, 2.0
Sort = Literal["relevance", "newest", "oldest"]
COLUMNS = "outlet, section, authors, agencies, language, scope"
# Weights of the columns of search: a word counts more in the form of the query. Facets say nothing about relevance.
SCORE = "bm25(search, 2.0, 1.0, 6.0, 0.0)"
# A word in more articles has no weight: counting them would take longer than the search. With 3,000 here, searches of a
# million articles took longer, and an article by words of its own title came later.
COMMON = 1_000


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that matches, by its newest row, with its title and a passage of its text in parts."""

    row: Row
    day: date
    title: list[Part]
    snippet: list[Part]


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits and facts about all matches.

    `facets` are the values of `outlet`, `section`, `author`, `agency`, `language` and `scope` by count, and those of
    `day` in order: days or months. `is_capped`: there may be more than `total` matches. `query` is what was understood.
    """

    hits: list[Hit]
    total: int
    is_capped: bool
    facets: dict[str, list[tuple[str, int]]]
    was_cut: bool
    query: Query
    page: int
    pages: int


def search(
    connection: sqlite3.Connection,
    text: str,
    filters: Filters = NO_FILTERS,
    sort: Sort = "relevance",
    page: int = 1,
    codes: Codes = NO_CODES,
) -> Results:
    """Return a page of the articles that match a query and filters; pages count from 1."""
    query = parse(text, codes)
    numbers, facets, is_capped = _matches(connection, query, query.filters | filters, sort == "oldest")
    pages = max(1, -(-len(numbers) // HITS))
    page = min(max(page, 1), pages)
    if sort == "relevance":
        numbers = _by_relevance(connection, query, numbers)
    found = rows_of(connection, numbers[(page - 1) * HITS : page * HITS])
    hits = [Hit(row, day, marked(query, row["title"]), snippet(query, row["text"])) for day, row in found]
    return Results(hits, len(numbers), is_capped, facets, query.was_cut, query, page, pages)


def facets_beside(connection: sqlite3.Connection, query: Query, filters: Filters) -> dict[str, list[tuple[str, int]]]:
    """Return, for each filter, the facet without it: the values that could be chosen beside its own.

    Empty for a query of many words, whose matches take long to find.
    """
    names = [name for name in NAMES if getattr(filters, name) and not _is_long(query)]
    return {name: _matches(connection, query, query.filters | filters.without(name), False)[1][name] for name in names}


def _is_long(query: Query) -> bool:
    return len(query.words) + sum(map(len, query.phrases)) > QUICK


def expression(query: Query, filters: Filters) -> str:
    """Return what FTS5 matches. Words and values are only ever within quotes, and have none.

    Stems and facets are searched in all columns, which is faster: an exact word is among its own stems.
    """
    parts = [_phrase(phrase) for phrase in query.phrases] + [_any_stem(word) for word in query.words]
    for name in NAMES:
        if values := getattr(filters, name):
            parts.append(" OR ".join(_quoted(facet(name, value)) for value in values))
    return " AND ".join(f"({part})" for part in parts) or _quoted(EVERY)


def _matches(
    connection: sqlite3.Connection, query: Query, filters: Filters, is_oldest_first: bool
) -> tuple[list[int], dict[str, list[tuple[str, int]]], bool]:
    """Return the numbers of the matches, their facets, and whether there may be more."""
    rows: list[tuple[Any, ...]] = []
    end = time.monotonic() + SECONDS
    spans = _spans(connection, query, filters)
    for number, (first, last) in enumerate(reversed(spans) if is_oldest_first else spans, 1):
        found = connection.execute(
            f"SELECT number, {COLUMNS} FROM (SELECT rowid FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ?"
            f" ORDER BY rowid {'DESC' if is_oldest_first else 'ASC'} LIMIT ?) AS matching"
            " CROSS JOIN rows ON number = -matching.rowid",
            (expression(query, filters), -last, -first, MATCHES + 1 - len(rows)),
        )
        found.row_factory = None
        rows += found.fetchall()
        is_late = number < len(spans) and time.monotonic() > end
        if len(rows) > MATCHES or is_late:
            break
    columns = list(zip(*rows[:MATCHES], strict=True)) or [()] * 7
    return list(columns[0]), _facets(columns), len(rows) > MATCHES or is_late


def _spans(connection: sqlite3.Connection, query: Query, filters: Filters) -> list[tuple[int, int]]:
    """Return the ranges of numbers to search, newest first: one, or years if each article may take long.

    FTS5 cannot be interrupted between two matches.
    """
    ends = "SELECT (SELECT min(number) FROM rows), (SELECT max(number) FROM rows)"  # together they read all rows
    first, last = connection.execute(ends).fetchone()
    if filters.since:
        first = max(first or 0, first_number(filters.since))
    if filters.until and filters.until < date.max:
        last = min(last or 0, first_number(filters.until + timedelta(1)) - 1)
    first, last = first or 0, last or 0
    if not _is_long(query):
        return [(first, last)]
    return [(max(first, end - YEAR + 1), end) for end in range(last, first - 1, -YEAR)] or [(first, last)]


def _facets(columns: Sequence[Sequence[Any]]) -> dict[str, list[tuple[str, int]]]:
    numbers, outlets, sections, authors, agencies, languages, scopes = columns
    counted: dict[str, Counter[str]] = {
        "outlet": Counter(outlets),
        "section": Counter(filter(None, sections)),
        "author": _counted_lists(authors),
        "agency": _counted_lists(agencies),
        "language": Counter(languages),
        "scope": Counter(filter(None, scopes)),
    }
    return {"day": _days(numbers)} | {name: counts.most_common(VALUES) for name, counts in counted.items()}


def _counted_lists(values: Iterable[str]) -> Counter[str]:
    """Count the members of JSON lists; few lists are distinct."""
    counts: Counter[str] = Counter()
    for text, count in Counter(values).items():
        for value in json.loads(text):
            counts[value] += count
    return counts


def _days(numbers: Sequence[int]) -> list[tuple[str, int]]:
    if not numbers:
        return []
    days = Counter([number >> DAY_BITS for number in numbers])
    characters = len("2022-07-12") if max(days) - min(days) <= DAYS else len("2022-07")
    counts: Counter[str] = Counter()
    for day, count in days.items():
        counts[date.fromordinal(day).isoformat()[:characters]] += count
    return sorted(counts.items())


def _by_relevance(connection: sqlite3.Connection, query: Query, numbers: list[int]) -> list[int]:
    """Sort matches by the rare words of the query; without any, those with all words in the title are first."""
    if not numbers or not (query.words or query.phrases):
        return numbers
    words = map(_any_stem, query.words)
    parts = [part for part in (*words, *map(_phrase, query.phrases)) if _is_rare(connection, part)]
    if parts:
        scored = connection.execute(
            f"SELECT -rowid, {SCORE} FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ?",
            (" AND ".join(f"({part})" for part in parts), -max(numbers), -min(numbers)),
        )
        scored.row_factory = None
        scores = dict(scored)
    else:
        titles = " AND ".join(f"({_any_in_title(word)})" for word in chain(query.words, *query.phrases))
        titled = connection.execute(
            f"SELECT -rowid FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ? LIMIT {MATCHES}",
            (titles, -max(numbers), -min(numbers)),
        )
        scores = {number: -1.0 for (number,) in titled}
    return [-number for _, number in sorted((scores.get(number, 0.0), -number) for number in numbers)]


def _is_rare(connection: sqlite3.Connection, part: str) -> bool:
    counted = f"SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT {COMMON})"
    return bool(connection.execute(counted, (part,)).fetchone()[0] < COMMON)


def _any_stem(word: str) -> str:
    return " OR ".join(map(_quoted, stems_of(word)))


def _any_in_title(word: str) -> str:
    return " OR ".join(_quoted(in_title(stem)) for stem in stems_of(word))


def _phrase(words: Sequence[str]) -> str:
    return f"exact : {_quoted(' '.join(words))}"


def _quoted(words: str) -> str:
    return f'"{words}"'
