"""A text's own blocks among the lines that a page sets like it or beside it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from lxml.html import HtmlElement

from crawler.bengali.bylines import parse_byline
from crawler.bengali.places import is_place
from crawler.bengali.sections import is_section
from crawler.extraction.blocks.block import Block
from crawler.extraction.rules.apart import VERSES, Apart
from crawler.extraction.rules.arrangements import arranged
from crawler.extraction.rules.lines import LONGEST_LINE, QUOTES, Setting, holder_of, is_bold, setting
from crawler.extraction.rules.text_lines import TextLines
from crawler.extraction.rules.widgets import Widgets
from crawler.extraction.words import CONTACT, PAGE_WORD, REPORTED, REQUEST

# A text whose sentences ask this share and more of their reader gives advice.
_ADVICE, _FEW_REQUESTS = 0.15, 2
_REQUEST, _ENDING, _BUTTON = 100, 24, 12
_KICKER, _SEVERAL = 40, 3
_INTRODUCES = (":", "ঃ", "—", "–", "-")

# Figures of a timetable, quotations, the day of an event.
_OF_TEXT = re.compile(r"[:ঃ‘’“”]|[\d০-৯]{4}|[,–—]$")
_FIGURE = re.compile(r"[\d০-৯]")
Wrapping = tuple[Setting, tuple[str | None, HtmlElement | None] | None]


class OwnLines:
    """What of the lines of one text is its own."""

    def __init__(self, text: TextLines) -> None:
        self.text = text

    def blocks(self) -> list[Block]:
        """Return the blocks that are the text's own."""
        text = self.text
        dropped = {place for place, known in enumerate(text.marked) if known}
        if any(text.told):
            dropped.update(Widgets(text).places(), arranged(text), filter(self._speaks, text.places))
            dropped |= {*self._beside(dropped), *Apart(text.blocks, text.told).places()}
            dropped.update(self._after(dropped), self._over())
        return [block for place, block in enumerate(text.blocks) if place not in dropped]

    def _speaks(self, place: int) -> bool:
        """Tell a line that asks the reader for something in a text that gives no advice, and, before and behind the
        text, one that names the site or how to reach it."""
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
        """Tell a sentence that names the site and asks its reader for something."""
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
        """Yield the places of short lines over the first sentence of a Bengali text of several."""
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
        """Tell a line that is set as the sentences below it are, and is no name, place or word of the page's."""
        alike = holder_of(block) in self.text.columns and setting(block) in map(setting, self.text.sentences)
        text = block.text
        return (
            alike
            and " " in text
            and not (parse_byline(text) or is_place(text) or is_section(text) or PAGE_WORD.search(text))
        )

    def _after(self, dropped: Collection[int]) -> Iterator[int]:
        """Yield the places of lines that furniture comes before: behind the text, and of one or two words in it."""
        text, after = self.text, set(dropped)
        for place in text.places[1:]:
            block = text.blocks[place]
            if place - 1 not in after or text.told[place] or block.kind != "paragraph" or _OF_TEXT.search(block.text):
                continue
            if place > text.last or (len(block.text) <= _BUTTON and not is_bold(block)):
                after.add(place)
                yield place

    def _beside(self, dropped: Collection[int]) -> Iterator[int]:
        """Yield the places of lines in a holder of their own of which half and more are furniture, of a list all, of
        terms behind the text one."""
        lines: dict[HtmlElement | None, list[int]] = defaultdict(list)
        for place, block in enumerate(self.text.blocks):
            lines[holder_of(block)].append(place)
        for holder, places in lines.items():
            known = sum(place in dropped for place in places)
            if known and holder not in self.text.columns and known >= self._enough(holder, places):
                yield from (place for place in places if self.text.blocks[place].kind != "heading")

    def _enough(self, holder: HtmlElement | None, places: Sequence[int]) -> float:
        """Return how many lines of a holder, known as furniture, say that all of them are."""
        if holder is not None and holder.tag == "dl" and places[0] > self.text.last:
            return 1
        listed = any(self.text.blocks[place].kind in {"item", "row"} for place in places)
        return len(places) if listed else len(places) / 2


def _wrapping(block: Block) -> Wrapping:
    """Return how a line is set that stands alone in a holder, and where that stands."""
    holder = holder_of(block)
    return (setting(block), None) if holder is None else (setting(block), (holder.get("class"), holder.getparent()))
