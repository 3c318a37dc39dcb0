"""Two versions of a text side by side: paragraphs first, then words. A mark never splits a grapheme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, NamedTuple

import regex

Kind = Literal["same", "changed", "removed", "added"]
# What replaces `old[i:j]` by `new[k:l]`, as SequenceMatcher returns it.
Change = tuple[str, int, int, int, int]

# Paragraphs with a smaller share of common words are not versions of each other.
ALIKE = 0.4
# SequenceMatcher takes quadratic time; longer parts are taken for replaced as a whole.
MOST_PAIRS = 4_000_000
# The pairs of paragraphs that are compared with each other in one changed place, and the characters of both versions.
MOST_PARAGRAPHS, MOST_CHARACTERS = 10_000, 200_000

GRAPHEME = regex.compile(r"\X")
IN_A_WORD = regex.compile(r"[\p{L}\p{M}\p{N}\u200c\u200d]")


class Piece(NamedTuple):
    """A part of a paragraph."""

    text: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph of the old version beside that of the new one; one of them is empty in an added or removed pair."""

    kind: Kind
    old: Sequence[Piece]
    new: Sequence[Piece]


class Word(NamedTuple):
    """A word or a sign, and the space after it, which no comparison reads."""

    text: str
    space: str


def compare(old: str, new: str) -> list[Pair]:
    """Return the paragraphs of two texts, which newlines separate, side by side."""
    before, after = old.split("\n") if old else [], new.split("\n") if new else []
    pairs: list[Pair] = []
    for tag, i, j, k, m in _changes(before, after):
        if tag == "equal":
            pairs += [Pair("same", [Piece(text, False)], [Piece(text, False)]) for text in before[i:j]]
        else:
            pairs += [_pair(*two) for two in _aligned(before[i:j], after[k:m])]
    return pairs


def compare_words(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    """Return the parts of two paragraphs; those that differ are marked."""
    before, after = words_of(old), words_of(new)
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, i, j, k, m in _changes([word.text for word in before], [word.text for word in after]):
        left += _pieces(before[i:j], tag != "equal")
        right += _pieces(after[k:m], tag != "equal")
    return left, right


def words_of(text: str) -> list[Word]:
    """Return the words and signs of a text. Together they are the text, unless it begins with a space."""
    words: list[Word] = []
    for kind, parts in groupby(_graphemes(text), key=lambda part: part[0]):
        if kind == "space":
            space = "".join(grapheme for _, grapheme in parts)
            words.append(words.pop()._replace(space=space) if words else Word("", space))
        elif kind == "word":
            words.append(Word("".join(grapheme for _, grapheme in parts), ""))
        else:
            words += [Word(grapheme, "") for _, grapheme in parts]
    return words


def _graphemes(text: str) -> Iterator[tuple[str, str]]:
    for grapheme in GRAPHEME.findall(text):
        kind = "space" if grapheme.isspace() else "word" if IN_A_WORD.match(grapheme) else "sign"
        yield kind, grapheme


def _pair(old: str | None, new: str | None) -> Pair:
    if new is None:
        return Pair("removed", [Piece(old or "", True)], [])
    if old is None:
        return Pair("added", [], [Piece(new, True)])
    left, right = compare_words(old, new)
    is_changed = any(piece.is_changed for piece in (*left, *right))
    return Pair("changed" if is_changed else "same", left, right)


def _pieces(words: Sequence[Word], is_changed: bool) -> list[Piece]:
    """Return words as one piece, and the space after them as one of its own."""
    if not words:
        return []
    text = "".join(word.text + word.space for word in words[:-1]) + words[-1].text
    return [piece for piece in (Piece(text, is_changed), Piece(words[-1].space, False)) if piece.text]


def _changes(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """Return the opcodes of SequenceMatcher, in bounded time."""
    most = min(len(old), len(new))
    start = next((at for at in range(most) if old[at] != new[at]), most)
    end = next((at for at in range(most - start) if old[-1 - at] != new[-1 - at]), most - start)
    i, j, k, m = start, len(old) - end, start, len(new) - end
    changes: list[Change] = [("equal", 0, start, 0, start)] if start else []
    if (j - i) * (m - k) > MOST_PAIRS:
        changes.append(("replace", i, j, k, m))
    else:
        matcher = SequenceMatcher(None, old[i:j], new[k:m], autojunk=False)
        changes += [(tag, a + i, b + i, c + k, d + k) for tag, a, b, c, d in matcher.get_opcodes()]
    if end:
        changes.append(("equal", j, len(old), m, len(new)))
    return changes


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """Yield paragraphs that are versions of each other in pairs, the others alone, all in order."""
    if len(old) * len(new) > MOST_PARAGRAPHS or sum(map(len, (*old, *new))) > MOST_CHARACTERS:
        yield from ((text, None) for text in old)
        yield from ((None, text) for text in new)
        return
    done_old = done_new = 0
    for i, k in _partners(old, new):
        yield from ((text, None) for text in old[done_old:i])
        yield from ((None, text) for text in new[done_new:k])
        yield old[i], new[k]
        done_old, done_new = i + 1, k + 1
    yield from ((text, None) for text in old[done_old:])
    yield from ((None, text) for text in new[done_new:])


def _partners(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs, in order, whose likeness has the greatest sum."""
    before, after = ([Counter(word.text for word in words_of(text)) for text in texts] for texts in (old, new))
    alike = [[_likeness(left, right) for right in after] for left in before]
    # best[i][k] is the greatest sum of old[i:] and new[k:].
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for k in reversed(range(len(new))):
            best[i][k] = max(best[i + 1][k], best[i][k + 1], alike[i][k] + best[i + 1][k + 1])
    pairs, i, k = [], 0, 0
    while i < len(old) and k < len(new):
        if alike[i][k] and best[i][k] == alike[i][k] + best[i + 1][k + 1]:
            pairs.append((i, k))
            i, k = i + 1, k + 1
        elif best[i][k] == best[i + 1][k]:
            i += 1
        else:
            k += 1
    return pairs


def _likeness(left: Counter[str], right: Counter[str]) -> float:
    """Return the share of common words, 0 below ALIKE."""
    share = 2 * (left & right).total() / max(left.total() + right.total(), 1)
    return share if share >= ALIKE else 0.0
