"""Clusters of copies: articles with much of the same text, published within a few days of each other."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from crawler.bengali.stems import search_words
from crawler.tools.copies.signatures import Signed, alike

# The most days between an article and its copy.
DAYS = 7


class Text(NamedTuple):
    """A text to compare: its unique number, the ordinal of its day of publication, its outlet and its signature."""

    number: int
    day: int
    outlet: str
    signature: bytes


def body_words(row: Mapping[str, Any]) -> list[str]:
    """Return the folded words of a row that its signature is made of. Raises as a malformed row does."""
    return search_words("\n".join(filter(None, (row["subtitle"], row["description"], row["text"]))))


def clusters(texts: Iterable[Text], is_across: bool = False) -> Iterator[list[int]]:
    """Yield the numbers of each cluster of two texts or more, sorted, once no later text can join it.

    `texts` come in the order of their days; the day of another time zone does no harm. Copies of copies belong to a
    cluster. With `is_across`, only texts of different outlets are compared. In memory are the texts of two blocks of
    DAYS and the numbers in open clusters.
    """
    found: dict[int, list[int]] = {}
    before: list[Text] = []
    for new in _blocks(texts):
        for one, other in _pairs(before, new, is_across):
            _join(found, one, other)
        yield from _closed(found, new)
        before = new
    yield from _closed(found, ())


def _blocks(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """Yield the texts of each DAYS days; a text that comes late is in the block of those before it."""
    block: list[Text] = []
    for text in texts:
        if block and text.day // DAYS > block[0].day // DAYS:
            yield block
            block = []
        block.append(text)
    yield block


def _pairs(before: list[Text], new: list[Text], is_across: bool) -> Iterator[tuple[int, int]]:
    """Yield the numbers of each two copies if the later one is new."""
    days = {text.number: text.day for text in (*before, *new)}
    seen = {text.number for text in before}

    def may_pair(one: Signed, other: Signed) -> bool:
        is_compared = other[0] in seen or (is_across and one[1] == other[1])
        return not is_compared and days[other[0]] - days[one[0]] <= DAYS

    return alike([(text.number, text.outlet, text.signature) for text in (*before, *new)], may_pair)


def _join(found: dict[int, list[int]], one: int, other: int) -> None:
    """Make one cluster of those of two copies; each number leads to the list of its cluster."""
    large, small = found.setdefault(one, [one]), found.setdefault(other, [other])
    if large is small:
        return
    if len(large) < len(small):
        large, small = small, large
    large += small
    found.update(dict.fromkeys(small, large))


def _closed(found: dict[int, list[int]], new: Iterable[Text]) -> list[list[int]]:
    """Remove the clusters without a new text, and return them in order."""
    is_open = {id(found[text.number]) for text in new if text.number in found}
    closed = {id(numbers): numbers for numbers in found.values() if id(numbers) not in is_open}
    for numbers in closed.values():
        for number in numbers:
            del found[number]
    return sorted(map(sorted, closed.values()))
