"""Cards of other stories beside a text: three and more elements side by side, each a title, a lead, and where it leads.

Unlike teasers they need no heading that is a link: only where text is searched for are these left out.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.blocks import Block, walk_blocks
from crawler.extraction.document import text_of
from crawler.extraction.furniture_words import READ_ON

_TAGS = frozenset({"div", "li", "article", "section", "a"})
_FEWEST, _SIZE, _TITLE, _GAPS, _LEAD, _LINKED = 3, 700, 200, 2, 40, 0.85
# Elements in a card at most: what holds all of a page is not read at each of its depths.
_PARTS = 200
# What stands around the link that says to read on.
_SIGNS = " .…»›>→"


def cards_of(tree: HtmlElement) -> list[HtmlElement]:
    """Return the cards of a page."""
    beside: defaultdict[tuple[HtmlElement | None, str, str | None], list[HtmlElement]] = defaultdict(list)
    for element in tree.iter(*_TAGS):
        beside[element.getparent(), element.tag, element.get("class")].append(element)
    # A parent may have children of thousands of classes.
    tells = cache(_tells)
    several = ((parent, alike) for (parent, *_), alike in beside.items() if len(alike) >= _FEWEST)
    groups = (list(filter(_is_card, alike)) for parent, alike in several if parent is not None and not tells(parent))
    return [card for cards in groups if len(cards) >= _FEWEST for card in cards]


def _tells(parent: HtmlElement) -> bool:
    """Tell what holds paragraphs, or lines, of a text too: its parts are the text's own."""
    own = (parent.text, *(child.tail for child in parent), *(text_of(child) for child in parent if child.tag == "p"))
    return any(text and len(text.strip()) >= _LEAD for text in own)


def _is_card(element: HtmlElement) -> bool:
    """Tell a title over a lead that is a link, or has below it one that says to read on."""
    if next(islice(element.iter(), _PARTS, None), None) is not None or len(text_of(element)) > _SIZE:
        return False
    blocks = walk_blocks(element, lambda _: False)
    place = next((place for place, block in enumerate(blocks[:2]) if _is_title(block)), None)
    if place is None or not any(map(_is_lead, blocks[place + 1 :])):
        return False
    links = [link for link in element.iter("a") if "#" not in (link.get("href") or "#")]
    is_linked = bool(links) and blocks[place].linked >= _LINKED * len(blocks[place].text)
    reads_on = bool(links) and READ_ON.fullmatch(text_of(links[-1]).strip(_SIGNS)) is not None
    return is_linked or reads_on or element.get("onclick") is not None


def _is_lead(block: Block) -> bool:
    return len(block.text) >= _LEAD and block.linked < 0.5 * len(block.text)


def _is_title(block: Block) -> bool:
    return block.text.count(" ") >= _GAPS and len(block.text) <= _TITLE and block.text[-1] != "।"
