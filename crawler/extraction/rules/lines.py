"""How lines of a page are set: in what element, with what class names, in bold letters; which are sentences."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.blocks.block import Block
from crawler.extraction.page.document import text_of
from crawler.extraction.words import ends_sentence

# What is longer is a paragraph, whatever it ends in.
LONGEST_LINE = 160

# The share of a line that is all of it, but for signs.
_WHOLE = 0.9

# The element of a line may hold all of a page.
_FIRST_PARTS = 6
QUOTES = re.compile('[‘’“”"]')
Setting = tuple[str, str | None]


def is_told(block: Block) -> bool:
    """Tell a sentence from lines."""
    return ends_sentence(block.text) or len(block.text) > LONGEST_LINE


def holder_of(block: Block) -> HtmlElement | None:
    """Return what the element of a line stands in."""
    return None if block.element is None else block.element.getparent()


def setting(block: Block) -> Setting:
    """Return the tag and the class names of what holds a block."""
    return ("", None) if block.element is None else (block.element.tag, block.element.get("class"))


def is_bold(block: Block) -> bool:
    """Tell a line that stands in bold letters as a whole."""
    bold = first_part(block, "strong", "b")
    return bold is not None and is_whole(bold, block)


def first_part(block: Block, *tags: str) -> HtmlElement | None:
    """Return the first part of a line with one of some tags, among the few that it begins with."""
    parts = () if block.element is None else islice(block.element.iterdescendants("*"), _FIRST_PARTS)
    return next((part for part in parts if part.tag in tags), None)


def is_whole(part: HtmlElement, block: Block) -> bool:
    """Tell whether a part of a line has all of its words."""
    return len(text_of(part)) >= _WHOLE * len(block.text)


def is_alike(block: Block, other: Block) -> bool:
    """Tell two lines that are set alike."""
    return block.kind == other.kind and setting(block) == setting(other) and is_bold(block) == is_bold(other)


def is_within(block: Block, holder: HtmlElement | None) -> bool:
    """Tell what stands in a holder, at any depth."""
    return block.element is not None and holder in block.element.iterancestors()
