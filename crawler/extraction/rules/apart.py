"""Lines that are set apart from a text: not as its sentences are, nor in what holds these, and no sentences."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from crawler.bengali.bylines import agencies
from crawler.bengali.text import words
from crawler.extraction.blocks.block import Block
from crawler.extraction.rules.lines import LONGEST_LINE, QUOTES, Setting, is_bold, setting
from crawler.extraction.words import FINITE_VERB, SOURCE

# A setting with this share of a text's sentences is its own; fewer sentences show none.
_OWN, _FEWEST = 0.15, 3

# What stands in a column as a part of the text that is no sentence.
_PARTS = frozenset(words("ul ol dl li dt dd table tr td th blockquote pre h1 h2 h3 h4 h5 h6"))
_LISTS = frozenset({"ul", "ol"})
_SHORT, _BOX, _MOST = 60, 700, 12

# So many lines that breaks part in one element are verses.
VERSES = 3
_HEADING_NAMES = re.compile(r"(?<![a-z])(?:sub|head|title)", re.I)

# What is shorter stands in many words.
_WORD = re.compile("[\u0980-\u09ff]{4,}")
_INTRODUCES = (":", "ঃ", "—", "–")


class Apart:
    """The lines of one text that are set apart from it."""

    def __init__(self, blocks: Sequence[Block], told: Sequence[bool]) -> None:
        """`told` says which blocks are sentences of the text."""
        self.blocks = blocks
        # A poll asks too.
        self.told = [place for place, tells in enumerate(told) if tells and not _asks(blocks[place])]
        sentences = [blocks[place] for place in self.told]
        sizes: Counter[Setting] = Counter()
        for block in sentences:
            sizes[setting(block)] += len(block.text)
        self.own = {each for each, size in sizes.items() if size >= _OWN * sizes.total()}
        self.elements = Counter(block.element for block in sentences if block.element is not None)
        shared = (element for element, lines in self.elements.items() if lines > 1)
        parents = {element.getparent() for element in self.elements} - {None}
        around = (holder for parent in parents for holder in parent.iterancestors())
        self.holders: set[HtmlElement] = {*shared, *parents, *around}
        self.said = "\n".join(block.text for block in sentences)
        self.items = sum(block.kind == "item" for block in blocks)
        # A class names what stands in it, and so does a tag of the page's own making.
        named = (element for element in self.holders if element.get("class") or "-" in element.tag)
        self.kinds = {(element.tag, element.get("class")) for element in named}

    def places(self) -> Iterator[int]:
        """Yield the places of lines that are set apart; none of a text of few sentences."""
        if len(self.told) < _FEWEST:
            return
        boxes: dict[HtmlElement, list[int]] = defaultdict(list)
        told = set(self.told)
        for place, block in enumerate(self.blocks):
            if place in told or block.element is None:
                continue
            top = self._top(block.element)
            if top is not None:
                boxes[top].append(place)
            elif setting(block) not in self.own and self._is_lone(place):
                yield place
        for top, places in boxes.items():
            if self._is_box(top, places):
                yield from places

    def _top(self, element: HtmlElement) -> HtmlElement | None:
        """Return the outermost element around a line in which no sentence stands, None for a column's own words."""
        if element in self.holders or element in self.elements:
            return None
        top = element
        while (parent := top.getparent()) is not None and parent not in self.holders:
            top = parent
        return top

    def _is_box(self, top: HtmlElement, places: Sequence[int]) -> bool:
        """Tell lines in a holder of their own from parts of the text, from what a line before was to introduce."""
        lines = [self.blocks[place] for place in places]
        if self._is_part(top, lines) or self._is_introduced(places[0]):
            return False
        if len(lines) == 1:
            return (top.tag, top.get("class")) not in self.own and self._is_lone(places[0])
        if len(lines) > _MOST or sum(len(line.text) for line in lines) > _BOX:
            return False
        return not (
            self._is_told_in_lines(lines, places)
            or any(SOURCE.search(line.text) or _is_unfinished(line) for line in lines)
        )

    def _is_told_in_lines(self, lines: Sequence[Block], places: Sequence[int]) -> bool:
        """Tell several lines, none of them linked: those between sentences of the text, and verses, which only breaks
        part in one element."""
        within = self.told[0] < places[0] < self.told[-1]
        verses = len(lines) >= VERSES and len({line.element for line in lines}) == 1
        return (within or verses) and not any(line.linked for line in lines)

    def _is_part(self, top: HtmlElement, lines: Sequence[Block]) -> bool:
        """Tell lists, headings, quotations and tables; not the only item, nor one column."""
        laid_out = top.tag == "table" and not any(" | " in line.text for line in lines)
        lone = top.tag in _LISTS and self.items == 1
        return (top.tag in _PARTS and not laid_out and not lone) or (top.tag, top.get("class")) in self.kinds

    def _is_introduced(self, place: int) -> bool:
        return place > 0 and self.blocks[place - 1].text.endswith(_INTRODUCES)

    def _is_lone(self, place: int) -> bool:
        """Tell a line by itself from a heading, from a source, and from a sentence without its danda."""
        block = self.blocks[place]
        text = block.text
        if len(text) > LONGEST_LINE or SOURCE.search(text) or agencies(text) or _is_unfinished(block):
            return False
        if self.told[0] < place < self.told[-1]:
            told = len(text) > _SHORT or FINITE_VERB.search(text) or QUOTES.search(text) or self._is_heading(block)
            return not (told or self._is_of_text(block))
        return block.kind != "heading"

    def _is_of_text(self, block: Block) -> bool:
        """Tell an unlinked line of several words, half of which and more the sentences have too."""
        said = [word in self.said for word in _WORD.findall(block.text)]
        return len(said) > 1 and 2 * sum(said) >= len(said) and not block.linked

    def _is_heading(self, block: Block) -> bool:
        named = block.element is not None and _HEADING_NAMES.search(block.element.get("class") or "")
        return block.kind == "heading" or is_bold(block) or bool(named)


def _asks(block: Block) -> bool:
    return block.text.endswith("?") and len(block.text) <= _SHORT


def _is_unfinished(line: Block) -> bool:
    """Tell a sentence without its danda."""
    return len(line.text) > _SHORT and FINITE_VERB.search(line.text) is not None
