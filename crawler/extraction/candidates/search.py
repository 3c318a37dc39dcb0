"""The text of a page that nobody described: trafilatura locates it, and the tree gives its blocks."""

from __future__ import annotations

import copy
from collections import Counter, defaultdict
from collections.abc import Sequence
from configparser import ConfigParser
from functools import cache
from itertools import islice

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import use_config

from crawler.bengali.text import fold, folds_to
from crawler.extraction.blocks.block import Block, blocks_of, walk_blocks
from crawler.extraction.blocks.column import beside_lone, is_sentence, lead_of, with_column, within_frame
from crawler.extraction.blocks.junk import is_teaser
from crawler.extraction.candidates.next_story import next_headline
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.words import READ_ON

# Elements of a page on which the slow second opinions of trafilatura are not asked for.
_LARGE_PAGE = 3_000
_MOST_TABLES = 200
# A headline has this many times as many characters as letters at most.
_PUNCTUATED = 5

# A holder with less of the text found, or longer than it by half, holds other text too: only found blocks are taken.
_HELD, _LARGER, _FEW_LINKS = 0.9, 1.5, 0.4


def located_blocks(
    document: Document, headline: HtmlElement | None, boxes: Sequence[HtmlElement] = ()
) -> tuple[list[Block], HtmlElement | None]:
    """Return the blocks that trafilatura takes for the article, and the element that holds only these."""
    body = document.tree.find("body")
    if body is None:
        return [], None
    everything = _outside(boxes, blocks_of(body))
    cards = cards_of(body)
    beside = _outside(cards, everything)
    if cards and any(map(is_sentence, _below(beside, headline))):
        boxes, everything = [*boxes, *cards], beside
    end = next_headline(document, everything, headline)
    everything = _before(end, document, everything)
    left_out = [document.order[box] for box in boxes]
    own = _copied(document.tree, left_out, end) if end is not None else None
    text = fold(_trafilatura_text(own, len(document.order))) if own is not None else ""
    text = text or fold(_trafilatura_text(_copied(document.tree, left_out), len(document.order)))
    matching = [block for block in everything if fold(block.text) in text]
    matching = within_frame(_below(matching, headline) or matching, headline)
    holder = _holder(matching, document.tree)
    matching = with_column(matching, holder, _below(everything, headline))
    text = "".join(fold(block.text) for block in matching)
    holder = _holder(list(filter(is_sentence, matching)) or matching, document.tree, share=1.0)
    if holder is None:
        return [], None
    inside = _outside(boxes, _before(end, document, blocks_of(holder)))
    holds_headline = headline is None or holder in headline.iterancestors() or holder.find(".//h1") is not None
    few_links = sum(block.linked for block in inside) <= _FEW_LINKS * _length(inside)
    fits = _length(inside) <= _length(matching) * _LARGER or (not holds_headline and few_links)
    blocks = inside if fits else _with_gaps(_below(inside, headline), text)
    blocks = beside_lone(_below(everything, headline), blocks)
    blocks = [*lead_of(_below(everything, headline), blocks), *blocks]
    return blocks, holder if fits and not holds_headline else None


def _outside(boxes: Sequence[HtmlElement], blocks: list[Block]) -> list[Block]:
    left_out = set(boxes)
    return [block for block in blocks if left_out.isdisjoint(block.around())] if boxes else blocks


def _below(blocks: list[Block], headline: HtmlElement | None) -> list[Block]:
    return blocks[place_of(headline, blocks) + 1 :]


def place_of(headline: HtmlElement | None, blocks: Sequence[Block]) -> int:
    """Return which block shows the headline, -1 when none does; a link of these words leads to another page."""
    shown = fold(text_of(headline)) if headline is not None else ""
    longest = len(shown) * _PUNCTUATED
    for place, block in enumerate(blocks):
        if len(block.text) > longest or not folds_to(block.text, shown):
            continue
        if shown and (block.element is headline or not _is_link(block)):
            return place
    return -1


def _with_gaps(blocks: Sequence[Block], found: str) -> list[Block]:
    """Return the blocks whose text was found, and unlinked ones between or beside these, up to a list of links."""
    matched = [fold(block.text) in found for block in blocks]
    beside = {
        parent for block, is_found in zip(blocks, matched, strict=True) if is_found for parent in _around(block)[:1]
    }
    links = next((i for i in range(len(blocks) - 1) if all(map(_is_link, blocks[i : i + 3 : 2]))), len(blocks))
    kept = []
    for position, block in enumerate(blocks):
        between = any(matched[max(0, position - 2) : position]) and any(matched[position + 1 : position + 3])
        own = position < links and any(matched[:position]) and not beside.isdisjoint(_around(block))
        if matched[position] or ((between or own) and block.linked < 0.5 * len(block.text)):
            kept.append(block)
    return kept


def _around(block: Block) -> list[HtmlElement]:
    return list(islice(block.around(), 1, 3))


def _is_link(block: Block) -> bool:
    return block.linked >= 0.85 * len(block.text)


def _before(end: int | None, document: Document, blocks: list[Block]) -> list[Block]:
    if end is None:
        return blocks
    return [block for block in blocks if block.element is None or document.order.get(block.element, 0) < end]


def _copied(tree: HtmlElement, left_out: Sequence[int], end: int | None = None) -> HtmlElement:
    """Return a copy of a page up to element number `end`, without some elements and without teasers."""
    copied = copy.deepcopy(tree)
    elements = list(copied.iter("*"))
    unwanted = [*map(elements.__getitem__, left_out), *([] if end is None else elements[end:])]
    for element in [*unwanted, *filter(is_teaser, elements)]:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return copied


def _trafilatura_text(tree: HtmlElement, size: int) -> str:
    _flatten_tables(tree)
    try:
        found = bare_extraction(
            tree, include_comments=False, deduplicate=False, fast=size > _LARGE_PAGE, config=_configuration()
        )
    except RecursionError:
        return ""
    return "" if found is None else str(getattr(found, "text", None) or "")


def _flatten_tables(tree: HtmlElement) -> None:
    tables = list(tree.iter("table"))
    if len(tables) > _MOST_TABLES:
        for table in tables:
            if next(table.iterancestors("table"), None) is not None:
                table.tag = "div"


def _holder(blocks: Sequence[Block], root: HtmlElement, share: float = _HELD) -> HtmlElement | None:
    held: Counter[HtmlElement] = Counter()
    for block in blocks:
        for element in block.around():
            held[element] += len(block.text)
    enough = [element for element, size in held.items() if size >= share * held[root]]
    return max(enough, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)


@cache
def _configuration() -> ConfigParser:
    """Return trafilatura's settings: briefs of 100 characters count, no search for dates in all of the page."""
    configuration = copy.deepcopy(use_config())
    configuration.set("DEFAULT", "MIN_EXTRACTED_SIZE", "100")
    configuration.set("DEFAULT", "EXTENSIVE_DATE_SEARCH", "off")
    return configuration


_TAGS = frozenset({"div", "li", "article", "section", "a"})
_FEWEST, _SIZE, _TITLE, _GAPS, _LEAD, _LINKED = 3, 700, 200, 2, 40, 0.85
# Elements in a card at most: what holds all of a page is not read at each of its depths.
_PARTS = 200
_SIGNS = " .…»›>→"


def cards_of(tree: HtmlElement) -> list[HtmlElement]:
    beside: defaultdict[tuple[HtmlElement | None, str, str | None], list[HtmlElement]] = defaultdict(list)
    for element in tree.iter(*_TAGS):
        beside[element.getparent(), element.tag, element.get("class")].append(element)
    # A parent may have children of thousands of classes.
    tells = cache(_tells)
    several = ((parent, alike) for (parent, *_), alike in beside.items() if len(alike) >= _FEWEST)
    groups = (list(filter(_is_card, alike)) for parent, alike in several if parent is not None and not tells(parent))
    return [card for cards in groups if len(cards) >= _FEWEST for card in cards]


def _tells(parent: HtmlElement) -> bool:
    own = (parent.text, *(child.tail for child in parent), *(text_of(child) for child in parent if child.tag == "p"))
    return any(text and len(text.strip()) >= _LEAD for text in own)


def _is_card(element: HtmlElement) -> bool:
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
