"""A part of a story's column, or beside it: one element and the blocks that stand in it, and what these show."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from lxml.html import HtmlElement

from crawler.bengali.text import words
from crawler.extraction.blocks.block import Block
from crawler.extraction.blocks.column import is_sentence
from crawler.extraction.page.document import text_of
from crawler.extraction.page.naming import is_hidden
from crawler.extraction.words import (
    COMMENTS_HEADING,
    LABELS,
    MEANS_READER,
    PROMPTS,
    READ_ON,
    REPORTED,
    SPEAKS_TO_READER,
    ends_sentence,
)

# A tag, a class name or id, and how what it holds stands in it.
Setting = tuple[str, str | None, str]

# What may be a box; paragraphs, headings, lists and quotes of the text itself are none.
_BOXES = frozenset(words("div section aside table center article fieldset details header footer main"))
_CONTROLS = ("input", "button", "form", "select", "textarea", "label", "audio", "video")
_LABEL, _CAPTION, _APPEAL, _LINKED = 60, 120, 200, 0.85
_NOTE, _NOTES = 100, 150

# The most sentences of another story's card, and what stands around its link.
_CARD, _SIGNS = 3, " .…»›>→"

# A title has three words and more.
_TITLE_GAPS = 2
_QUOTED = re.compile("[“‘\"'«][^”’\"'»]*[”’\"'»]?")


class ColumnPart:
    """The blocks in one element, `top`; None for the column's own words."""

    def __init__(self, top: HtmlElement | None, blocks: Sequence[Block]) -> None:
        self.top = top
        self.blocks = blocks
        self.told = [block for block in blocks if is_sentence(block)]
        self.size, self.sentences = sum(len(block.text) for block in self.told), len(self.told)
        self.name = None if top is None else name_of(top)
        self.setting = self._setting()
        self.may_be_box, self.titles = False, 0
        if top is not None and top.tag in _BOXES:
            # What is hidden may be the rest of a text that a button shows.
            self.may_be_box = not is_hidden(top)
            # How many titles of other stories the part shows.
            self.titles = sum(map(_is_title, top.iter("a")))

    def _setting(self) -> Setting:
        """Return how the part is set: a paragraph has its words in itself, a holder in one part or in several."""
        top = self.top
        if top is None:
            return ("", None, "words")
        plain = all(block.element is top for block in self.blocks)
        return (top.tag, self.name, "words" if plain else "one" if len(self.blocks) == 1 else "several")

    @property
    def has_controls(self) -> bool:
        """Tell whether there is something to press, to fill in or to play."""
        return self.top is not None and next(self.top.iter(*_CONTROLS), None) is not None

    @property
    def is_labelled(self) -> bool:
        """Tell whether a line says what the part is: বিজ্ঞাপন, আরও পড়ুন, a link."""
        return any(map(_is_label, self.blocks))

    @property
    def lists_stories(self) -> bool:
        """Tell whether a title of another story stands over every second sentence at least."""
        return self.titles > 1 and 2 * self.titles >= self.sentences

    @property
    def is_card(self) -> bool:
        """Tell a title that is no link, a few sentences, and a link that says to read on."""
        if not (self.may_be_box and 0 < self.sentences <= _CARD):
            return False
        first, last = self.blocks[0], self.blocks[-1]
        read_on = READ_ON.fullmatch(last.text.strip(_SIGNS)) and last.linked >= _LINKED * len(last.text)
        return bool(read_on) and len(first.text) <= _CAPTION and not first.text.endswith("।")

    @property
    def is_linked(self) -> bool:
        """Tell words beside a link, no sentence among them."""
        return not self.sentences and self.top is not None and next(self.top.iter("a"), None) is not None

    @property
    def speaks(self) -> bool:
        """Tell whether a short line asks the reader for something."""
        return any(len(block.text) <= _APPEAL and speaks_to_reader(block.text) for block in self.blocks)

    def names(self, sites: Collection[str]) -> bool:
        """Tell whether a line names the site, to which nobody says anything in it."""
        lines = [block.text for block in self.blocks if not REPORTED.search(block.text)]
        return any(site in line for line in lines for site in sites)

    @property
    def is_captioned(self) -> bool:
        """Tell a picture in a part of its own and the line below it."""
        first = self.blocks[0]
        lone = len(self.blocks) == 1 and first.after_picture and len(first.text) <= _CAPTION
        return lone and not ends_sentence(first.text)

    @property
    def has_figures(self) -> bool:
        """Tell a title over short lines most of which are figures: hours of prayer, rates, scores, a poll's answers."""
        lines = [block.text for block in self.blocks[1:]]
        figures = sum(re.search(r"[\d০-৯]", line) is not None for line in lines)
        long = sum(len(line) > _LABEL or ends_sentence(line) for line in lines)
        titled = self.blocks[0].kind != "row" and not is_sentence(self.blocks[0])
        # A poll has its question over them.
        return titled and 2 * figures > len(lines) and long <= (1 if figures > 1 else 0)

    @property
    def tells(self) -> bool:
        """Tell paragraphs as long as a story's are from the lines of a note, and from a picture's or person's card."""
        long = max((len(block.text) for block in self.told), default=0)
        return (long > _NOTE or self.size > _NOTES) and not self.blocks[0].after_picture

    @property
    def is_titled(self) -> bool:
        """Tell a part that begins with a line of its own over others."""
        first = self.blocks[0]
        label = len(first.text) <= _LABEL and not ends_sentence(first.text)
        return len(self.blocks) > 1 and label and first.element is not self.blocks[1].element


def name_of(element: HtmlElement) -> str | None:
    """Return the class names of an element, or its id."""
    name: str | None = element.get("class") or element.get("id")
    return name


def speaks_to_reader(text: str) -> bool:
    """Tell words to the reader from what somebody in the text says; of a long sentence a form of you is not enough."""
    own = _QUOTED.sub("", text)
    speaks = SPEAKS_TO_READER.search(own) or (len(own) <= _CAPTION and MEANS_READER.search(own))
    return bool(speaks) and not REPORTED.search(text)


def _is_label(block: Block) -> bool:
    text = block.text.strip(" :ঃ-–—")
    # সর্বশেষ খবর পাওয়া পর্যন্ত আগুন নেভেনি। is a sentence.
    prompt = PROMPTS.match(text) if not text.endswith("।") else None
    named = LABELS.fullmatch(text) or COMMENTS_HEADING.fullmatch(block.text) or prompt
    return (len(text) <= _LABEL and named is not None) or block.linked >= _LINKED * len(block.text)


def _is_title(link: HtmlElement) -> bool:
    """Tell a link of several words, alone on its line."""
    return _is_lone(link) and text_of(link).count(" ") >= _TITLE_GAPS


def _is_lone(link: HtmlElement) -> bool:
    before, parent = link.getprevious(), link.getparent()
    beside = (link.tail, before.tail if before is not None else parent.text if parent is not None else "")
    return not any(text and text.strip() for text in beside) and "#" not in (link.get("href") or "#")
