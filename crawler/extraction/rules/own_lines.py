"""A text's own blocks among the lines that a page sets like it or beside it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from lxml.html import HtmlElement

from crawler.bengali.bylines import agencies, parse_byline
from crawler.bengali.places import is_place
from crawler.bengali.sections import is_section
from crawler.bengali.text import words
from crawler.extraction.blocks.block import Block
from crawler.extraction.rules.text_lines import LONGEST_LINE, QUOTES, Setting, TextLines, holder_of, is_bold, setting
from crawler.extraction.rules.widgets import Widgets, arranged
from crawler.extraction.words import CONTACT, FINITE_VERB, PAGE_WORD, REPORTED, REQUEST, SOURCE

# A setting with this share of a text's sentences is its own; fewer sentences show none.
_OWN, _FEWEST = 0.15, 3
_PARTS = frozenset(words("ul ol dl li dt dd table tr td th blockquote pre h1 h2 h3 h4 h5 h6"))
_LISTS = frozenset({"ul", "ol"})
_SHORT, _BOX, _MOST = 60, 700, 12
VERSES = 3
_HEADING_NAMES = re.compile(r"(?<![a-z])(?:sub|head|title)", re.I)
# What is shorter stands in many words.
_WORD = re.compile("[\u0980-\u09ff]{4,}")
_INTRODUCES = (":", "ঃ", "—", "–", "-")


class Apart:
    def __init__(self, blocks: Sequence[Block], told: Sequence[bool]) -> None:
        """`told` says which blocks are sentences of the text."""
        self.blocks = blocks
        # A poll asks too.
        asked = [block.text.endswith("?") and len(block.text) <= _SHORT for block in blocks]
        self.told = [place for place, tells in enumerate(told) if tells and not asked[place]]
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
        if element in self.holders or element in self.elements:
            return None
        top = element
        while (parent := top.getparent()) is not None and parent not in self.holders:
            top = parent
        return top

    def _is_box(self, top: HtmlElement, places: Sequence[int]) -> bool:
        lines = [self.blocks[place] for place in places]
        is_introduced = places[0] > 0 and self.blocks[places[0] - 1].text.endswith(_INTRODUCES)
        if is_introduced or self._is_part(top, lines):
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
        """Return whether unlinked lines are between sentences of the text, or verses that only breaks part."""
        within = self.told[0] < places[0] < self.told[-1]
        verses = len(lines) >= VERSES and len({line.element for line in lines}) == 1
        return (within or verses) and not any(line.linked for line in lines)

    def _is_part(self, top: HtmlElement, lines: Sequence[Block]) -> bool:
        laid_out = top.tag == "table" and not any(" | " in line.text for line in lines)
        lone = top.tag in _LISTS and self.items == 1
        return (top.tag in _PARTS and not laid_out and not lone) or (top.tag, top.get("class")) in self.kinds

    def _is_lone(self, place: int) -> bool:
        block = self.blocks[place]
        text = block.text
        if len(text) > LONGEST_LINE or SOURCE.search(text) or agencies(text) or _is_unfinished(block):
            return False
        if self.told[0] < place < self.told[-1]:
            told = len(text) > _SHORT or FINITE_VERB.search(text) or QUOTES.search(text) or self._is_heading(block)
            return not (told or self._is_of_text(block))
        return block.kind != "heading"

    def _is_of_text(self, block: Block) -> bool:
        said = [word in self.said for word in _WORD.findall(block.text)]
        return len(said) > 1 and 2 * sum(said) >= len(said) and not block.linked

    def _is_heading(self, block: Block) -> bool:
        named = block.element is not None and _HEADING_NAMES.search(block.element.get("class") or "")
        return block.kind == "heading" or is_bold(block) or bool(named)


def _is_unfinished(line: Block) -> bool:
    return len(line.text) > _SHORT and FINITE_VERB.search(line.text) is not None


# A text whose sentences ask this share and more of their reader gives advice.
_ADVICE, _FEW_REQUESTS = 0.15, 2
_REQUEST, _ENDING, _BUTTON = 100, 24, 12
_KICKER, _SEVERAL = 40, 3
_OF_TEXT = re.compile(r"[:ঃ‘’“”]|[\d০-৯]{4}|[,–—]$")
_FIGURE = re.compile(r"[\d০-৯]")
Wrapping = tuple[Setting, tuple[str | None, HtmlElement | None] | None]


class OwnLines:
    def __init__(self, text: TextLines) -> None:
        self.text = text

    def blocks(self) -> list[Block]:
        text = self.text
        dropped = {place for place, known in enumerate(text.marked) if known}
        if any(text.told):
            dropped.update(Widgets(text).places(), arranged(text), filter(self._speaks, text.places))
            dropped |= {*self._beside(dropped), *Apart(text.blocks, text.told).places()}
            dropped.update(self._after(dropped), self._over())
        return [block for place, block in enumerate(text.blocks) if place not in dropped]

    def _speaks(self, place: int) -> bool:
        """Return whether a line asks the reader for something, or names the site or how to reach it."""
        block = self.text.blocks[place]
        if self.text.told[place]:
            return self._invites(block)
        if (
            block.kind != "paragraph"
            or len(block.text) > _REQUEST
            or is_bold(block)
            or " " not in block.text
            or block.text.endswith(_INTRODUCES)
            or REPORTED.search(block.text)
            or QUOTES.search(block.text)
        ):
            return False
        beside = holder_of(block) not in self.text.columns and _wrapping(block) not in self._wrappings
        if not self._advises and REQUEST.search(block.text) and (beside or PAGE_WORD.search(block.text)):
            return True
        if self.text.first < place < self.text.last and not self.text.marked[place - 1]:
            return False
        return (beside and CONTACT.search(block.text) is not None) or any(
            name in block.text for name in self.text.site_names
        )

    def _invites(self, block: Block) -> bool:
        text = block.text.rstrip("।! ")
        named = len(text) <= LONGEST_LINE and any(name in text for name in self.text.site_names)
        return named and REQUEST.search(text) is not None and not (REPORTED.search(text) or QUOTES.search(text))

    @cached_property
    def _wrappings(self) -> set[Wrapping]:
        return set(map(_wrapping, self.text.sentences))

    @cached_property
    def _advises(self) -> bool:
        asked = sum(REQUEST.search(block.text[-_ENDING:]) is not None for block in self.text.blocks)
        return asked > max(_FEW_REQUESTS, _ADVICE * len(self.text.blocks))

    def _over(self) -> Iterator[int]:
        text = self.text
        if not text.first or len(text.sentences) < _SEVERAL or not text.is_bengali:
            return
        whole = {block.element for block in text.sentences}
        lines = Counter(block.element for block in text.blocks)
        for place in text.places[: text.first]:
            block = text.blocks[place]
            if (
                block.kind == "paragraph"
                and len(block.text) <= _KICKER
                and block.element not in whole
                and lines[block.element] < VERSES
                and not self._is_first_line(block)
                and not (is_bold(block) or _OF_TEXT.search(block.text) or _FIGURE.search(block.text))
            ):
                yield place

    def _is_first_line(self, block: Block) -> bool:
        alike = holder_of(block) in self.text.columns and setting(block) in map(setting, self.text.sentences)
        text = block.text
        return (
            alike
            and " " in text
            and not (parse_byline(text) or is_place(text) or is_section(text) or PAGE_WORD.search(text))
        )

    def _after(self, dropped: Collection[int]) -> Iterator[int]:
        text, after = self.text, set(dropped)
        for place in text.places[1:]:
            block = text.blocks[place]
            if place - 1 not in after or text.told[place] or block.kind != "paragraph" or _OF_TEXT.search(block.text):
                continue
            if place > text.last or (len(block.text) <= _BUTTON and not is_bold(block)):
                after.add(place)
                yield place

    def _beside(self, dropped: Collection[int]) -> Iterator[int]:
        """Yield the places of lines in a holder in which half or more are boilerplate, of a list all, of terms one."""
        lines: dict[HtmlElement | None, list[int]] = defaultdict(list)
        for place, block in enumerate(self.text.blocks):
            lines[holder_of(block)].append(place)
        for holder, places in lines.items():
            known = sum(place in dropped for place in places)
            listed = any(self.text.blocks[place].kind in {"item", "row"} for place in places)
            enough = len(places) if listed else len(places) / 2
            if holder is not None and holder.tag == "dl" and places[0] > self.text.last:
                enough = 1
            if known and holder not in self.text.columns and known >= enough:
                yield from (place for place in places if self.text.blocks[place].kind != "heading")


def _wrapping(block: Block) -> Wrapping:
    holder = holder_of(block)
    return (setting(block), None) if holder is None else (setting(block), (holder.get("class"), holder.getparent()))
