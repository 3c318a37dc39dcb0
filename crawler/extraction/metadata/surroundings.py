"""The blocks around a headline and below the text: where pages show dates, bylines and sections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, takewhile

from lxml.html import HtmlElement

from crawler.bengali.date_lines import (
    DIGIT,
    bare_date,
    has_clock,
    is_dated_line,
    is_labelled_date,
    is_publication_line,
    joined,
)
from crawler.bengali.dates import Label, is_label, is_masthead, label_of, opens_with_label
from crawler.extraction import vocabulary
from crawler.extraction.body.block import Block
from crawler.extraction.body.body import Body
from crawler.extraction.body.page import TextPage
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.naming import ASIDE_TOKENS, tokens_of
from crawler.outlets.outlet import Outlet

# Rules that prove that a block belongs to something else.
_ELSEWHERE = frozenset({"unwanted", "consent", "nav", "footer", "aside", "comments", "embed", "next-story", "caption"})
_MOST_ABOVE = 40
# A date is at most this many lines below the headline.
_MOST_BELOW = 25
_LONGEST_MASTHEAD = 200
# A line of this many words is a title.
_TITLE_WORDS = 4
_MOST_OWN_DATES = 3
_MACHINE_ATTRIBUTES = ("datetime", "data-published", "data-datetime", "data-time", "data-date", "content")
_PUBLISHED, _UPDATED = vocabulary.tokens("published"), vocabulary.tokens("updated")


@dataclass(frozen=True, slots=True)
class DateLine:
    """A line that may show a date; `machine` is its machine-readable value, `label` is of the element.

    A line `above` the headline may be the page's own date.
    """

    text: str
    machine: str | None = None
    label: Label = "none"
    above: bool = False


class Nearby:
    """The blocks above a headline, from it to the text, and after the text; they are of the page's own story."""

    def __init__(
        self, document: Document, outlet: type[Outlet], headline: HtmlElement | None, page: TextPage, body: Body
    ) -> None:
        self._document, self._outlet, self._page, self.headline = document, outlet, page, headline
        self._end = next((block.index for block in body.blocks if block.index > page.headline), len(page.blocks))
        self._start = _start(page, self._end)
        own = [
            block for block in page.blocks[self._start : self._end] if block.parts and not _is_elsewhere(block, page)
        ]
        self.above = [block for block in own if block.index < page.headline]
        self.below = [block for block in own if block.index >= page.headline]
        last = body.blocks[-1].index if body.blocks else len(page.blocks)
        self.after = [block for block in body.dropped if block.index > last and not _is_elsewhere(block, page)]
        self.parts = [part for block in own for part in block.parts]
        self.parts_after = [part for block in self.after for part in block.parts]

    @cached_property
    def date_lines(self) -> list[DateLine]:
        """The lines that may show a date, the surest first."""
        declared = map(date_line, self._document.select(self._outlet.date)[:_MOST_OWN_DATES])
        own = [replace(line, label="published") if line.label == "none" else line for line in declared]
        marked = _marked(self._document, self._page, self._start, self._end)
        below = _shown_below([block for block in self.below if block.index > self._page.headline][:_MOST_BELOW])
        above = _shown_above(self.above, self._page.headline)
        after = joined([block.text for block in takewhile(lambda block: not _is_title_line(block), self.after)])
        return [*own, *marked, *below, *above, *map(DateLine, filter(is_publication_line, after))]


def _start(page: TextPage, end: int) -> int:
    """Return the index of the first block of the innermost element that holds the headline and the text."""
    if page.headline < 0 or end >= len(page.blocks):
        return max(0, max(page.headline, end if page.headline < 0 else 0) - _MOST_BELOW)
    text = page.blocks[end].path
    around = [element for element in page.blocks[page.headline].path if element in text]
    return max(page.ranges[around[-1]][0], page.headline - _MOST_ABOVE)


def date_line(element: HtmlElement) -> DateLine:
    names = (*_MACHINE_ATTRIBUTES, "title") if element.tag == "abbr" else _MACHINE_ATTRIBUTES
    machine = next((value for name in names if (value := element.get(name))), None)
    return DateLine(text_of(element), machine, label_beside(element))


def label_beside(element: HtmlElement) -> Label:
    """Return the label of an element that shows a date: by its names, its first words or the words before it."""
    names = tokens_of(element) | {(element.get("itemprop") or "").lower()}
    if names & _PUBLISHED or element.get("data-published"):
        return "published"
    if names & _UPDATED:
        return "updated"
    text = text_of(element)
    return label_of(text if opens_with_label(text) else _text_before(element))


def _text_before(element: HtmlElement) -> str:
    previous, parent = element.getprevious(), element.getparent()
    if previous is None:
        return (parent.text or "") if parent is not None else ""
    text = text_of(previous)
    return text if is_label(text) and not (previous.tail or "").strip(" :ঃ-–—") else previous.tail or ""


def _marked(document: Document, page: TextPage, start: int, end: int) -> Iterator[DateLine]:
    """Yield the elements near the headline with a machine's date."""
    marked = list(chain.from_iterable(map(document.select, ("time, abbr", "[datetime]", "[data-published]"))))
    if not marked:
        return
    order = document.index.order
    top = order[page.blocks[page.headline].path[-1]] if page.headline >= 0 else -1
    text = order[page.blocks[end].path[-1]] if end < len(page.blocks) else len(order)
    for element in dict.fromkeys(marked):
        block = page.block_of(element)
        is_near = block is not None and block.index >= start and order[element] < text
        # Blogger's <abbr class="published" title="…"> is below the text.
        if block and (is_near or element.tag == "abbr") and not _is_elsewhere(block, page):
            line = date_line(element)
            line = replace(line, above=order[element] < top and line.label == "none")
            if line.machine and not (line.above and _is_of_page(block)):
                yield line


def _is_elsewhere(block: Block, page: TextPage) -> bool:
    """Return whether a block belongs to another part of the page, or to a box or card without the headline."""
    is_of_article = block.rule == "footer" and "article" in block.inside
    if (block.rule in _ELSEWHERE and not is_of_article) or page.headline < 0:
        return block.rule in _ELSEWHERE
    headline = page.blocks[page.headline]
    is_in_box = not ASIDE_TOKENS.isdisjoint(block.names - headline.names)
    return is_in_box or (block.is_card and not headline.is_card)


def _is_of_page(block: Block) -> bool:
    return "header" in block.inside or is_masthead(block.text[:_LONGEST_MASTHEAD])


def _shown_below(blocks: Sequence[Block]) -> list[DateLine]:
    parts = [part for block in blocks for part in block.parts]
    lines = joined([" ".join(part.text for part in block.parts) for block in blocks])
    texts = list(dict.fromkeys([*lines, *joined([part.text for part in parts])]))
    labelled = filter(is_labelled_date, texts)
    refused = {part.text for part in parts if DIGIT.search(part.text) and label_beside(part.element) == "updated"}
    bare = [date for text in texts if text not in refused and (date := bare_date(text)) and not is_masthead(date)]
    return [DateLine(text) for text in (*labelled, *bare)]


def _shown_above(blocks: Sequence[Block], headline: int) -> list[DateLine]:
    lines = [block.text for block in blocks]
    is_last = bool(blocks) and blocks[-1].index == headline - 1 and not _is_of_page(blocks[-1])
    date = bare_date(lines[-1]) if is_last else None
    return [
        *map(DateLine, filter(is_labelled_date, joined(lines))),
        *([DateLine(date, above=True)] if date and has_clock(date) else []),
    ]


def _is_title_line(block: Block) -> bool:
    return block.kind == "heading" or (len(block.text.split()) >= _TITLE_WORDS and not is_dated_line(block.text))
