"""The column of a page in which its story runs: what stands beside it is another part of the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice, takewhile

from lxml.html import HtmlElement

from crawler.bengali.text import words
from crawler.extraction.blocks.block import Block
from crawler.extraction.page.naming import has_name_of
from crawler.extraction.words import SPEAKS_TO_READER, ends_sentence

_SENTENCE = 40
# A column has this share of the sentences found; so many lines may stand between the headline and one.
_MOST, _HEAD = 0.5, 8
_HEAD_LINES, _LEADS, _LEAD, _LONG = 12, 2, 80, 150
_SUMMARY_WORDS = frozenset(words("teaser summary excerpt standfirst subtitle deck dek description abstract highlights"))
_HEADINGS = ("h1", "h2", "h3")
# From a paragraph over what may wrap it to its column; of columns with nearly as much the innermost is taken.
_WRAPPED, _NEARLY = 3, 0.9


def column_of(told: Iterable[Block]) -> HtmlElement | None:
    sizes: defaultdict[HtmlElement, int] = defaultdict(int)
    for block in told:
        for element in islice(block.around(), _WRAPPED):
            sizes[element] += len(block.text)
    most = max(sizes.values(), default=0)
    columns = [element for element, size in sizes.items() if size >= _NEARLY * most]
    return max(columns, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)


def within_frame(blocks: Sequence[Block], headline: HtmlElement | None) -> list[Block]:
    """Return the blocks in the element that holds headline and column, and parts of the column's kind anywhere."""
    column = column_of(filter(is_sentence, blocks))
    inside = [block for block in blocks if stands_in(block, column)]
    if headline is None or column is None or size_of(inside) < _MOST * size_of(blocks):
        return list(blocks)
    above = [column, *column.iterancestors()]
    frame = next((element for element in headline.iterancestors() if element in above), column)
    kinds = {(element.tag, element.get("class")) for element in (column, frame) if element.get("class")}
    return [block for block in blocks if stands_in(block, frame) or _is_of(block, kinds)]


def with_column(found: Sequence[Block], holder: HtmlElement | None, blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks found and every other sentence of their column; `blocks` are those below the headline."""
    column = column_of(filter(is_sentence, blocks))
    if column is None or not (_begins(blocks, column) if holder is None else _is_of_one_line(column, holder)):
        return list(found)
    parts = [column, *_continuations(column)]
    chosen = {id(block) for block in found}
    told = (block for block in blocks if is_sentence(block) and any(stands_in(block, part) for part in parts))
    chosen |= set(map(id, told))
    return [block for block in blocks if id(block) in chosen] or list(found)


def lead_of(below: Sequence[Block], told: Sequence[Block]) -> list[Block]:
    """Return the sentences between headline and text: a first paragraph in a part of its own."""
    first = told[0].element if told else None
    texts = {block.text for block in told}
    before = list(takewhile(lambda block: block.element is not first or block.text not in texts, below))
    long = [
        block
        for block in before
        if not (block.linked or is_summary(block))
        and (len(block.text) >= _LONG or (len(block.text) >= _LEAD and is_sentence(block)))
    ]
    return long if len(before) < min(len(below), _HEAD_LINES) and len(long) <= _LEADS else []


def beside_lone(below: Sequence[Block], told: Sequence[Block]) -> list[Block]:
    """Return the text found; a single paragraph gets the short sentences around it that are set like it."""
    lone = (told[0].element, told[0].text) if len(told) == 1 else None
    place = next((at for at, block in enumerate(below) if (block.element, block.text) == lone), -1)
    if place < 0:
        return list(told)
    before = list(takewhile(lambda block: _is_beside(block, told[0]), reversed(below[:place])))
    after = takewhile(lambda block: _is_beside(block, told[0]), below[place + 1 :])
    return [*reversed(before), *told, *after]


def _is_beside(block: Block, lone: Block) -> bool:
    one, other = block.element, lone.element
    if one is None or other is None or one.getparent() is not other.getparent() or block.linked:
        return False
    is_told = ends_sentence(block.text) and not SPEAKS_TO_READER.search(block.text)
    return is_told and (one.tag, one.get("class")) == (other.tag, other.get("class"))


def is_summary(block: Block) -> bool:
    return any(has_name_of(element, _SUMMARY_WORDS) for element in islice(block.around(), 2))


def _continuations(column: HtmlElement) -> list[HtmlElement]:
    alike = [other for other in column.itersiblings(column.tag) if other.get("class") == column.get("class")]
    return [other for other in alike if column.get("class") and next(other.iter(*_HEADINGS), None) is None]


def _begins(blocks: Sequence[Block], column: HtmlElement) -> bool:
    return any(is_sentence(block) and stands_in(block, column) for block in blocks[:_HEAD])


def _is_of_one_line(one: HtmlElement, other: HtmlElement) -> bool:
    return one is other or one in other.iterancestors() or other in one.iterancestors()


def size_of(blocks: Sequence[Block]) -> int:
    """Return the number of characters in the sentences among some blocks."""
    return sum(len(block.text) for block in blocks if is_sentence(block))


def is_sentence(block: Block) -> bool:
    return len(block.text) >= _SENTENCE and ends_sentence(block.text) and block.linked < 0.5 * len(block.text)


def is_set_as(blocks: Sequence[Block], top: HtmlElement, column: HtmlElement) -> bool:
    """Tell a part in whose `top` all blocks stand in elements of the column's kind, which its class names tell."""
    name = column.get("class")
    alike = {element for element in top.iter(column.tag) if element.get("class") == name} if name else set()
    return bool(alike) and not any(alike.isdisjoint(block.around()) for block in blocks)


def stands_in(block: Block, element: HtmlElement | None) -> bool:
    return element is not None and element in block.around()


def _is_of(block: Block, kinds: set[tuple[str, str | None]]) -> bool:
    return any((element.tag, element.get("class")) in kinds for element in block.around())
