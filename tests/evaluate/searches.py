"""Judged searches: queries with their relevant documents, and scores of the documents that a search finds."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from bengali_lexicon import lexicon_documents, lexicon_queries

from evaluate.corpus import feed_texts
from evaluate.summary import table

JUDGEMENTS = Path(__file__).with_name("searches.json")
# The least means of khobor on every set.
LEAST_RECALL = 0.9
LEAST_PRECISION = 0.95
SEED = 26


@dataclass(frozen=True, slots=True)
class Document:
    """One text to search."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchSet:
    """Documents, and for each query the keys of its relevant documents."""

    name: str
    documents: Sequence[Document]
    relevant: Mapping[str, frozenset[str]]


# Returns the keys of the documents that each query finds.
Search = Callable[[Sequence[Document], Sequence[str]], list[set[str]]]


@dataclass(frozen=True, slots=True)
class SearchScore:
    """The documents that a search missed and those that it found wrongly, by query."""

    judged: SearchSet
    missed: Mapping[str, frozenset[str]]
    wrong: Mapping[str, frozenset[str]]

    @property
    def recall(self) -> float:
        return fmean(1 - len(self.missed[query]) / len(keys) for query, keys in self.judged.relevant.items())

    @property
    def precision(self) -> float:
        """The mean over the queries that find something."""
        shares = []
        for query, keys in self.judged.relevant.items():
            right = len(keys) - len(self.missed[query])
            if found := right + len(self.wrong[query]):
                shares.append(right / found)
        return fmean(shares or [0.0])


def search_sets() -> list[SearchSet]:
    """Return the sets that are at hand: the lexicon, and the feed items if the corpus's folder is there."""
    return [*_lexicon(), *_feed_items()]


def _lexicon() -> Iterator[SearchSet]:
    chance = random.Random(SEED)
    made_up = list(enumerate(lexicon_documents(chance)))
    documents = [Document(str(number), " ".join(words[:3]), " ".join(words[3:])) for number, (_, words) in made_up]
    for name, is_inflected in (("lexicon, base forms", False), ("lexicon, inflected forms", True)):
        relevant = {
            query: frozenset(str(number) for number, (nouns, _) in made_up if noun in nouns)
            for noun, query in lexicon_queries(chance, is_inflected).items()
        }
        yield SearchSet(name, documents, relevant)


def _feed_items() -> Iterator[SearchSet]:
    documents = [Document(_digest(address), title, text) for address, title, text in feed_texts()]
    if documents:
        rows = json.loads(JUDGEMENTS.read_text("utf-8"))
        yield SearchSet("feed items", documents, {row["query"]: frozenset(row["relevant"]) for row in rows})


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:12]


def search_score(judged: SearchSet, search: Search) -> SearchScore:
    """Return the score of a search on a set."""
    found = dict(zip(judged.relevant, search(judged.documents, list(judged.relevant)), strict=True))
    missed = {query: keys - found[query] for query, keys in judged.relevant.items()}
    wrong = {query: frozenset(found[query] - keys) for query, keys in judged.relevant.items()}
    return SearchScore(judged, missed, wrong)


def search_table(runs: Mapping[str, Sequence[SearchScore]]) -> str:
    """Return one row for each set and search."""
    rows = []
    for scores in zip(*runs.values(), strict=True):
        judged = scores[0].judged
        counts = [str(len(judged.documents)), str(len(judged.relevant))]
        for name, score in zip(runs, scores, strict=True):
            rows.append([judged.name, name, *counts, f"{score.recall:.3f}", f"{score.precision:.3f}"])
    return table(["set", "search", "documents", "queries", "recall", "precision"], rows)


def search_details(scores: Sequence[SearchScore]) -> Iterator[str]:
    """Yield each query with the titles that it missed or found wrongly."""
    for score in scores:
        titles = {document.key: document.title for document in score.judged.documents}
        for query in score.judged.relevant:
            for name, keys in (("missed", score.missed[query]), ("wrong", score.wrong[query])):
                yield from (f"{score.judged.name}: {query}: {name} {key}: {titles[key]}" for key in sorted(keys))


def searches_below_least(scores: Sequence[SearchScore]) -> list[str]:
    """Return a line for each set whose recall or precision is too low."""
    return [
        f"{score.judged.name}: recall {score.recall:.3f} and precision {score.precision:.3f} of search, required are"
        f" {LEAST_RECALL} and {LEAST_PRECISION}; list the errors with --search --show"
        for score in scores
        if score.recall < LEAST_RECALL or score.precision < LEAST_PRECISION
    ]
