"""The lines of one text: sentences, boilerplate, and the counters, controls and labels of widgets."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import islice

from lxml.html import HtmlElement

from crawler.bengali.language import bengali_share
from crawler.bengali.text import words
from crawler.extraction.blocks.block import BLOCK_TAGS, Block
from crawler.extraction.page.document import text_of
from crawler.extraction.words import (
    BUTTON_WORDS,
    CONTROLS,
    COUNTERS,
    LABELLED_TITLE,
    NOTICE_WORDS,
    NOTICES,
    POSTED,
    REPORTED,
    SEPARATED,
    TITLES,
    ends_sentence,
)

# What is longer is a paragraph, whatever it ends in.
LONGEST_LINE = 160
_WHOLE = 0.9
# The element of a line may hold all of a page.
_FIRST_PARTS = 6
QUOTES = re.compile('[‘’“”"]')
Setting = tuple[str, str | None]


def is_told(block: Block) -> bool:
    return ends_sentence(block.text) or len(block.text) > LONGEST_LINE


def holder_of(block: Block) -> HtmlElement | None:
    return None if block.element is None else block.element.getparent()


def setting(block: Block) -> Setting:
    return ("", None) if block.element is None else (block.element.tag, block.element.get("class"))


def is_bold(block: Block) -> bool:
    bold = first_part(block, "strong", "b")
    return bold is not None and is_whole(bold, block)


def first_part(block: Block, *tags: str) -> HtmlElement | None:
    parts = () if block.element is None else islice(block.element.iterdescendants("*"), _FIRST_PARTS)
    return next((part for part in parts if part.tag in tags), None)


def is_whole(part: HtmlElement, block: Block) -> bool:
    return len(text_of(part)) >= _WHOLE * len(block.text)


def is_alike(block: Block, other: Block) -> bool:
    return block.kind == other.kind and setting(block) == setting(other) and is_bold(block) == is_bold(other)


def is_within(block: Block, holder: HtmlElement | None) -> bool:
    return block.element is not None and holder in block.element.iterancestors()


# A name of fewer letters stands in many words.
_SITE_NAME = 5
_ALL_BENGALI, _TITLE = 0.8, 100


class TextLines:
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
        for place in places:
            if is_notice(self.blocks[place]):
                self.marked[place], self.told[place] = True, False
            elif self.told[place]:
                return

    @property
    def places(self) -> range:
        return range(len(self.blocks))

    @cached_property
    def sentences(self) -> list[Block]:
        return [block for block, tells in zip(self.blocks, self.told, strict=True) if tells]

    @cached_property
    def said(self) -> str:
        return "\n".join([self.title, *(block.text for block in self.sentences)])

    def says(self, word: str) -> bool:
        if word not in self._says:
            self._says[word] = word in self.said
        return self._says[word]

    @cached_property
    def is_bengali(self) -> bool:
        return bengali_share(self.said) >= _ALL_BENGALI

    @cached_property
    def columns(self) -> set[HtmlElement | None]:
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


SIGNS = " \u2013\u2014-:ঃ;*•●»«›>|[]()…।#"
_NOTICE, _BETWEEN = 300, "◈•●■»"
_MOST_CHIPS, _FEWEST_CHIPS, _CHIP = 12, 3, 60
_WHOLE_LINES = frozenset(words("p li dd dt h1 h2 h3 h4 h5 h6 td th blockquote"))
_WORDS, _MOST_BUTTONS = re.compile(r"[\w\u0980-\u09ff-]+"), 10
_PRESSED = frozenset({"onclick", "data-href", "data-url", "data-link", "routerlink"})


def is_widget_line(block: Block) -> bool:
    text = block.text
    if len(text) > _NOTICE or text.endswith("।") or block.kind == "row":
        return False
    if any(sign in text for sign in _BETWEEN) and SEPARATED.fullmatch(text):
        return True
    if len(text) > LONGEST_LINE:
        return False
    if LABELLED_TITLE.fullmatch(text) and block.kind == "paragraph" and not ends_sentence(text):
        return True
    return are_buttons(text) or bool(
        COUNTERS.fullmatch(text)
        or CONTROLS.fullmatch(text.strip(SIGNS))
        or ("/" in text and POSTED.fullmatch(text.strip(SIGNS)))
        or is_strip(block)
        or leads_down(block)
        or _is_pressed(block)
    )


def is_notice(block: Block) -> bool:
    lowered = block.text.lower()
    if len(lowered) > _NOTICE or not any(map(lowered.__contains__, NOTICE_WORDS)):
        return False
    return NOTICES.search(block.text) is not None and not REPORTED.search(block.text)


def are_buttons(text: str) -> bool:
    """Tell the names of buttons in a line: each of its words is one or a figure, not all are figures, no comma."""
    if "," in text:
        return False
    told = _WORDS.findall(text.lower())
    if not 1 < len(told) <= _MOST_BUTTONS:
        return False
    figures = [word for word in told if word[0].isdigit()]
    return len(figures) < len(told) and all(word in BUTTON_WORDS or word in figures for word in told)


def is_strip(block: Block) -> bool:
    """Tell the labels of a strip: an element whose words stand in short parts side by side, no sentence among them."""
    element = block.element
    if element is None or element.tag in _WHOLE_LINES or (element.text or "").strip() or ends_sentence(block.text):
        return False
    parts = list(islice(element, _MOST_CHIPS + 1))
    if not _FEWEST_CHIPS <= len(parts) <= _MOST_CHIPS or any(
        (part.tail or "").strip() or part.tag in BLOCK_TAGS for part in parts
    ):
        return False
    told = [text for text in map(text_of, parts) if text]
    if len(told) < _FEWEST_CHIPS:
        return False
    titled = any(TITLES.fullmatch(text.strip(SIGNS)) for text in told)
    return titled or all(len(text) <= _CHIP and (text.endswith("?") or not ends_sentence(text)) for text in told)


def _is_pressed(block: Block) -> bool:
    if ends_sentence(block.text):
        return False
    return not all(_PRESSED.isdisjoint(element.keys()) for element in islice(block.around(), 3))


def leads_down(block: Block) -> bool:
    link = None if block.kind == "heading" else first_part(block, "a")
    target = "" if link is None else link.get("href") or ""
    return target.startswith("#") and len(target) > 1 and is_whole(link, block)
