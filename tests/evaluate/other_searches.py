"""Searches that khobor's is compared with: FTS5 as it comes, and FTS5 with the stems of bangla-stemmer."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from evaluate.peers import PYTHON
from evaluate.searches import Document

SCRIPT = Path(__file__).with_name("stemming_peer.py")


def plain_search(documents: Sequence[Document], queries: Sequence[str]) -> list[set[str]]:
    """Return the keys of the documents that each query finds by FTS5 with its own tokenizer."""
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute("CREATE VIRTUAL TABLE search USING fts5(key UNINDEXED, title, text, tokenize='unicode61')")
        rows = [(document.key, document.title, document.text) for document in documents]
        index.executemany("INSERT INTO search VALUES (?, ?, ?)", rows)
        found = "SELECT key FROM search WHERE search MATCH ?"
        expressions = [" ".join(f'"{word}"' for word in query.split()) for query in queries]
        return [{key for (key,) in index.execute(found, (expression,))} for expression in expressions]


def stemmed_search(
    documents: Sequence[Document], queries: Sequence[str], folded: Callable[[str], str]
) -> list[set[str]]:
    """Return the keys of the documents that each query finds by the stems of folded words."""
    texts = [folded(text) for each in documents for text in (each.title, each.text)]
    asked = [folded(query) for query in queries]
    stems = _stems(sorted({word for text in (*texts, *asked) for word in text.split()}))

    def stemmed(text: str) -> str:
        # Numbers, because the tokenizer cuts words at marks.
        return " ".join(stems[word] for word in folded(text).split())

    changed = [replace(each, title=stemmed(each.title), text=stemmed(each.text)) for each in documents]
    return plain_search(changed, [stemmed(query) for query in queries])


def _stems(words: Sequence[str]) -> dict[str, str]:
    """Return a name for the stem of each word, the same name for the same stem."""
    command = [str(PYTHON), "-W", "ignore", str(SCRIPT)]
    done = subprocess.run(command, input=json.dumps(words), capture_output=True, text=True, check=True)
    stems: list[str] = json.loads(done.stdout)
    numbers = {stem: f"stem{number}" for number, stem in enumerate(dict.fromkeys(stems))}
    return {word: numbers[stem] for word, stem in zip(words, stems, strict=True)}
