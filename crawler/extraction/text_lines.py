"""The lines of one text: which are sentences of it, which are furniture by themselves, and what its sentences say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

from lxml.html import HtmlElement

from crawler.bengali.language import bengali_share
from crawler.extraction.blocks import Block
from crawler.extraction.lines import holder_of, is_told
from crawler.extraction.widget_lines import is_notice, is_widget_line

# A name of fewer letters stands in many words.
_SITE_NAME = 5
_ALL_BENGALI, _TITLE = 0.8, 100


class TextLines:
    """The blocks of one text, sentences and lines."""

    def __init__(
        self, blocks: Sequence[Block], marked: Sequence[bool], title: str, site_names: Collection[str]
    ) -> None:
        """`marked` tells of each block whether it is furniture by itself."""
        self.blocks = blocks
        self.marked = _by_list(blocks, marked, [*map(is_widget_line, blocks)])
        self.told = [not known and is_told(block) for block, known in zip(blocks, self.marked, strict=True)]
        for order in (range(len(blocks)), range(len(blocks) - 1, -1, -1)):
            self._leave_notices(order)
        self.title = title
        self._says: dict[str, bool] = {}
        self.site_names = [name for name in site_names if len(name) >= _SITE_NAME]
        places = [place for place, tells in enumerate(self.told) if tells]
        self.first, self.last = (places[0], places[-1]) if places else (0, len(blocks))

    def _leave_notices(self, places: range) -> None:
        """Take notices for furniture up to the first sentence of the text in an order of places."""
        for place in places:
            if is_notice(self.blocks[place]):
                self.marked[place], self.told[place] = True, False
            elif self.told[place]:
                return

    @property
    def places(self) -> range:
        """The places of the blocks."""
        return range(len(self.blocks))

    @cached_property
    def sentences(self) -> list[Block]:
        """The sentences of the text."""
        return [block for block, tells in zip(self.blocks, self.told, strict=True) if tells]

    @cached_property
    def said(self) -> str:
        """The title and the sentences, as one text."""
        return "\n".join([self.title, *(block.text for block in self.sentences)])

    def says(self, word: str) -> bool:
        """Tell whether the title or a sentence has a word; each is looked for once."""
        if word not in self._says:
            self._says[word] = word in self.said
        return self._says[word]

    @cached_property
    def is_bengali(self) -> bool:
        """Whether nearly all that is said is Bengali."""
        return bengali_share(self.said) >= _ALL_BENGALI

    @cached_property
    def columns(self) -> set[HtmlElement | None]:
        """What the sentences of the text stand in; titles of stories may ask or call out."""
        told = [block for block in self.sentences if block.text[-1:] not in "?!" or len(block.text) > _TITLE]
        return {element for block in told for element in (block.element, holder_of(block))}


def _by_list(blocks: Sequence[Block], marked: Sequence[bool], found: Sequence[bool]) -> list[bool]:
    """Return which blocks are furniture: those marked, and those found that are no items, or all items of a list."""
    told = zip(blocks, marked, found, strict=True)
    kept = {holder_of(block) for block, known, new in told if block.kind == "item" and not (known or new)}
    return [
        known or (new and not (block.kind == "item" and holder_of(block) in kept))
        for block, known, new in zip(blocks, marked, found, strict=True)
    ]
