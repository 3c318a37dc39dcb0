"""The search of khobor's reading room, which the benchmark judges."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from uuid import UUID

from indexed_rows import article_row, indexed

from crawler.bengali.stems import search_words
from crawler.room.index.database import connect
from crawler.room.search.query import NO_FILTERS, parse
from crawler.room.search.searching import expression
from evaluate.searches import Document

FOUND = "SELECT id FROM search JOIN rows ON number = -search.rowid WHERE search MATCH ?"


def khobor_search(documents: Sequence[Document], queries: Sequence[str]) -> list[set[str]]:
    """Return the keys of the documents that each query finds in an index of the reading room."""
    rows = {document.key: article_row(document.key, document.title, document.text) for document in documents}
    keys = {row["id"]: key for key, row in rows.items()}
    with tempfile.TemporaryDirectory() as folder, closing(connect(indexed(Path(folder), *rows.values()))) as index:
        return [
            {keys[str(UUID(bytes=found))] for (found,) in index.execute(FOUND, (expression(parse(query), NO_FILTERS),))}
            for query in queries
        ]


def folded(text: str) -> str:
    """Return the words of a text as khobor folds them, without stems."""
    return " ".join(search_words(text))
