"""Widgets among the lines of a text: a title of theirs and what follows it, and lines that speak of the page."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import takewhile

from lxml.html import HtmlElement

from crawler.extraction.blocks.block import Block
from crawler.extraction.rules.lines import LONGEST_LINE, QUOTES, Setting, holder_of, is_alike, is_bold, is_within
from crawler.extraction.rules.text_lines import SIGNS, TextLines
from crawler.extraction.words import ENGLISH_PAGE_WORD, PAGE_WORD, REPORTED, TITLES, TOPICS

_SHORT, _QUESTION, _FOREIGN = 60, 80, 120
_BENGALI = re.compile("[\u0980-\u09ff]")

# A name and what it is: ওয়েবসাইট: www.example, রেটিং ৪/৫.
_VALUE = re.compile(r"[:ঃ]\s*\S|[\d০-৯]")


class Widgets:
    """The widgets in one text."""

    def __init__(self, text: TextLines) -> None:
        self.text = text
        self.blocks = text.blocks

    def places(self) -> Iterator[int]:
        """Yield the places of widgets' titles and of what follows them up to the next sentence of the text."""
        opened: int | None = None
        for place, block in enumerate(self.blocks):
            foreign = place in self._foreign
            if foreign and block.kind != "heading":
                yield place
            if self._is_title(block) or (foreign and holder_of(block) not in self.text.columns):
                opened = place
            elif opened is not None and not self._goes_on(place, opened):
                opened = None
            elif opened is not None:
                yield from (opened, place)

    def _is_title(self, block: Block) -> bool:
        text = block.text.strip(SIGNS)
        if len(text) > _SHORT:
            return False
        return bool(TITLES.fullmatch(text)) or (bool(TOPICS.fullmatch(text)) and not self._is_about(text))

    @cached_property
    def _foreign(self) -> set[int]:
        """The places of lines that are not the text's by what they say; of a list all items are, or none."""
        lines = (
            place
            for place, block in enumerate(self.blocks)
            if len(block.text) <= _FOREIGN and not (self.text.told[place] and _BENGALI.search(block.text))
        )
        found = set(filter(self._is_foreign, lines))
        if not found:
            return found
        lists: dict[HtmlElement | None, list[int]] = defaultdict(list)
        for place, block in enumerate(self.blocks):
            if block.kind in {"item", "row"}:
                lists[holder_of(block)].append(place)
        kept = (items for items in lists.values() if not all(self.text.marked[item] or item in found for item in items))
        return found.difference(*kept)

    def _is_foreign(self, place: int) -> bool:
        """Tell a short line that speaks of the page, as no sentence of the text does, or, beside the text's column or
        speaking of the page too, in another script than the text."""
        block = self.blocks[place]
        if QUOTES.search(block.text) or block.kind == "row":
            return False
        beside = not self._is_in_column(block)
        if not _BENGALI.search(block.text):
            other = block.kind != "heading" and (beside or ENGLISH_PAGE_WORD.search(block.text) is not None)
            return other and self.text.is_bengali
        if not beside and (is_bold(block) or self.text.first < place < self.text.last):
            return False
        if len(block.text) > _SHORT or REPORTED.search(block.text) or _VALUE.search(block.text):
            return False
        spoken = PAGE_WORD.findall(block.text)
        return bool(spoken) and not any(map(self.text.says, spoken))

    @cached_property
    def _wholes(self) -> set[HtmlElement]:
        """What holds most sentences of the text, at any depth: nothing that is a widget's own."""
        told = [block.element for block in self.text.sentences if block.element is not None]
        around = Counter(element for each in told for element in each.iterancestors())
        return {element for element, held in around.items() if 2 * held > len(told)}

    @cached_property
    def _parts(self) -> set[Setting | None]:
        """The parts of their own in which sentences stand."""
        return set(map(self._part_of, self.text.sentences)) - {None}

    def _part_of(self, block: Block) -> Setting | None:
        """Return tag and class names of the outermost element around a line that holds no more than a part of the text,
        None for a line that is one itself."""
        around = () if block.element is None else block.element.iterancestors()
        part = list(takewhile(lambda element: element not in self._wholes, around))[-1:]
        return (part[0].tag, part[0].get("class")) if part else None

    def _is_in_column(self, block: Block) -> bool:
        """Tell what stands where sentences of the text do; of an item, its list."""
        holder = holder_of(block)
        if block.kind == "item" and holder is not None:
            holder = holder.getparent()
        return not self.text.columns.isdisjoint({block.element, holder})

    def _is_about(self, text: str) -> bool:
        """Tell whether the text or its title has the first word of a widget's title that says something."""
        return self.text.says(max(text.split()[:3], key=len))

    def _is_own(self, block: Block, title: Block) -> bool:
        """Tell a line of the text's column, or of a part like those of its sentences, below a title beside it, or an
        item below a title in the column."""
        parts = self._part_of(block), self._part_of(title)
        if parts[0] in self._parts and parts[1] not in self._parts:
            return True
        if holder_of(title) not in self.text.columns:
            return holder_of(block) in self.text.columns
        return block.kind in {"item", "row"} and not block.linked

    def _is_past(self, place: int, title: Block) -> bool:
        """Tell an unlinked line of the text's column behind a box of its own that held a title and lines below it."""
        block, box = self.blocks[place], holder_of(title)
        if block.linked or not self._is_in_column(block) or is_within(block, box):
            return False
        return box not in self.text.columns | self._wholes and is_within(self.blocks[place - 1], box)

    def _goes_on(self, place: int, opened: int) -> bool:
        """Tell a line of a widget from the text after it: a sentence, or the heading over one that stands beside it."""
        block, title, previous = self.blocks[place], self.blocks[opened], self.blocks[place - 1]
        if (
            is_within(block, holder_of(title))
            and len(block.text) <= LONGEST_LINE
            and (self.text.columns | self._wholes).isdisjoint({title.element, holder_of(title)})
        ):
            return True
        if self._is_own(block, title) or self._is_past(place, title):
            return False
        if self.text.told[place]:
            return block.text.endswith("?") and place == opened + 1 and len(block.text) <= _QUESTION
        if place > opened + 1 and block.kind == "item" != previous.kind and holder_of(title) in self.text.columns:
            return False
        if is_alike(block, title):
            return block.kind != "item" or holder_of(block) is holder_of(title)
        before = self.blocks[opened - 1] if opened else None
        resumes = before is not None and _goes_with(block, before) and not is_alike(block, previous)
        heads = block.kind == "heading" and holder_of(block) in self.text.columns
        unlinked = previous.linked and not block.linked and not is_alike(block, previous)
        return not (resumes or heads or unlinked)


def _goes_with(block: Block, before: Block) -> bool:
    """Tell a line that goes on where another stopped: beside it, or in a list beside its list."""
    here, there = holder_of(block), holder_of(before)
    if block.kind == "item" and here is not None and there is not None:
        here, there = here.getparent(), there.getparent()
    return is_alike(block, before) and here is there
