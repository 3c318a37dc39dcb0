"""Parts of a text with the words of a query marked. A part is plain text: never HTML, and cut only between words."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import regex

from crawler.bengali.stems import placed_words, places_of, stems_of
from crawler.room.search.query import Query

# What is searched for matches, and what is shown of it.
READ, SHOWN, BEFORE = 50_000, 240, 60
GRAPHEME = regex.compile(r"\X")
ELLIPSIS = "…"


class Part(NamedTuple):
    """A piece of text, and whether it matches the query."""

    text: str
    is_match: bool


Span = tuple[int, int]


def marked(query: Query, text: str) -> list[Part]:
    """Return the whole text in parts; matches far behind its start are not marked."""
    return _parts(text, 0, len(text), _matches(query, text[:READ]))


def snippet(query: Query, text: str) -> list[Part]:
    """Return the passage with the most of the query in parts, the first passage if nothing matches."""
    text = text[: _grapheme_end(text, READ)]
    spans = _matches(query, text)
    begin = _begin(text, max(0, _densest(text, spans) - BEFORE))
    end = _end(text, begin)
    parts = _parts(text.replace("\n", " "), begin, end, spans)
    before = [Part(ELLIPSIS, False)] if begin else []
    return before + parts + ([Part(ELLIPSIS, False)] if end < len(text) else [])


def _matches(query: Query, text: str) -> list[Span]:
    """Return where words of the query are, and its phrases as a whole, in order and without overlaps."""
    wanted = frozenset(stem for word in query.words for stem in stems_of(word))
    spans = list(places_of(text, wanted))
    if query.phrases:
        spans += _phrase_places(query.phrases, list(placed_words(text)))
    return list(_disjoint(text, sorted(spans)))


def _phrase_places(phrases: Sequence[Sequence[str]], places: Sequence[tuple[int, int, str]]) -> Iterator[Span]:
    words = tuple(word for _, _, word in places)
    for phrase in phrases:
        size = len(phrase)
        for number, word in enumerate(words):
            if word == phrase[0] and words[number : number + size] == phrase:
                yield places[number][0], places[number + size - 1][1]


def _disjoint(text: str, spans: list[Span]) -> Iterator[Span]:
    """Yield the spans without overlaps, each to the end of its last grapheme."""
    last = 0
    for start, end in spans:
        if end > last:
            begin, last = max(start, last), end
            # Signs that are no part of a word may follow its last letter.
            if match := GRAPHEME.match(text, end - 1):
                last = match.end()
            yield begin, last


def _densest(text: str, spans: list[Span]) -> int:
    """Return the start of the match from which most different matches are in a passage."""
    best, place, first = 0, 0, 0
    for number, (start, _) in enumerate(spans):
        while spans[first][0] < start - SHOWN + BEFORE:
            first += 1
        count = len({text[begin:end] for begin, end in spans[max(first, number - 20) : number + 1]})
        if count > best:
            best, place = count, spans[first][0]
    return place


def _begin(text: str, place: int) -> int:
    """Return the start of the word at a place, unless that is far before it."""
    if place == 0:
        return 0
    space = max(text.rfind(" ", place - BEFORE, place), text.rfind("\n", 0, place))
    return _grapheme_end(text, space + 1 if space >= place - BEFORE else place)


def _end(text: str, begin: int) -> int:
    """Return the end of the passage: the end of its last whole word, or of a grapheme of a word without an end."""
    place = begin + SHOWN
    if place >= len(text):
        return len(text)
    space = max(text.rfind(" ", begin, place), text.rfind("\n", begin, place))
    return _grapheme_end(text, space if space > begin + BEFORE else place)


def _grapheme_end(text: str, place: int) -> int:
    """Return the first end of a grapheme from a place on; the start of the text is one."""
    if place == 0:
        return 0
    start = max(0, place - BEFORE)
    while (match := GRAPHEME.match(text, start)) and match.end() < place:
        start = match.end()
    # What has that many marks is junk.
    return min(match.end(), place + BEFORE) if match else len(text)


def _parts(text: str, begin: int, end: int, spans: list[Span]) -> list[Part]:
    parts, place = [], begin
    for first, last in spans:
        if begin <= first and last <= end:
            parts += [Part(text[place:first], False), Part(text[first:last], True)]
            place = last
    return [part for part in (*parts, Part(text[place:end], False)) if part.text]
