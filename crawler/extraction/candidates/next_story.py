"""Where the next story begins on a page that goes on with it: below a headline that may be set otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise, takewhile

from lxml.html import HtmlElement

from crawler.extraction.blocks.block import Block
from crawler.extraction.blocks.column import is_sentence, size_of, stands_in
from crawler.extraction.blocks.date_lines import is_dated_line, is_publication_line, names_day
from crawler.extraction.page.document import Document, has_text, text_of
from crawler.extraction.words import PROMPTS

_HEADINGS, _LINES = frozenset({"h1", "h2", "h3"}), frozenset({"div", "p", "span", "strong"})
_HOLDERS = frozenset({"div", "section", "article", "main", "td"})
_GAPS, _LONGEST = 2, 200
# Lines between a headline and its text, what holds a sentence in this number of steps, and what is a story's text: at
# most so many sentences have this size.
_HEAD, _AROUND, _TOLD, _SENTENCES = 5, 3, 150, 4
# So many dated headings of a kind are those of a live blog.
_LIVE = 3


def of_first_story(document: Document, containers: list[HtmlElement]) -> list[HtmlElement]:
    everything = list(document.order) if len(containers) > 1 else []
    ends: dict[HtmlElement, int] = {}
    for place, (container, after) in enumerate(pairwise(containers), 1):
        between = everything[document.index.span(container).stop : document.order[after]]
        title = next((element for element in between if _is_headline_over(element, after)), None)
        if title is not None and (title.tag == "h1" or _show_day(between)):
            ends[title] = place
    return containers[: min((ends[title] for title in _of_no_live_blog(list(ends))), default=len(containers))]


def _of_no_live_blog(titles: Sequence[HtmlElement]) -> list[HtmlElement]:
    kinds = Counter((title.tag, title.get("class")) for title in titles)
    return [title for title in titles if title.tag == "h1" or kinds[title.tag, title.get("class")] < _LIVE]


def _show_day(elements: Sequence[HtmlElement]) -> bool:
    texts = (text.strip() for element in elements for text in (element.text, element.tail) if text)
    return any(element.tag == "time" for element in elements) or any(map(names_day, texts))


def _is_headline_over(element: HtmlElement, container: HtmlElement) -> bool:
    """Return whether an element is the headline of a container, not a card's title or a subheading."""
    if not may_be_headline(element):
        return False
    above = set(container.iterancestors())
    own = [element, *takewhile(lambda around: around not in above, element.iterancestors())]
    names = {name for around in own for name in (around.get("class") or "").split()}
    if not names.isdisjoint((container.get("class") or "").split()):
        return False
    alone = element.tag in _HEADINGS and element.find(".//a") is None
    return alone or element.getparent() in above or own[-1].tag == "header"


def may_be_headline(element: HtmlElement) -> bool:
    if element.tag not in _HEADINGS and (element.tag not in _LINES or len(element)):
        return False
    # Headings may hold all of a page, and each other.
    text = "" if len(element) and has_text(element, _LONGEST + 1) else text_of(element)
    is_line = text.count(" ") >= _GAPS and len(text) <= _LONGEST and text[-1] != "।"
    return is_line and not is_dated_line(text) and not PROMPTS.match(text)


def next_headline(document: Document, blocks: Sequence[Block], headline: HtmlElement | None) -> int | None:
    """Return the place of the headline of the next story on the page, None where none shows among its blocks."""
    if headline is None:
        return None
    order, here = document.order, document.order.get(headline, -1)
    alike = [order[element] for element in document.headlines(headline) if order[element] > here]
    below = [block for block in blocks if block.element is not None and order[block.element] > here]
    return min([*alike, *(order[element] for element in _others(below))], default=None)


def _others(blocks: Sequence[Block]) -> list[HtmlElement]:
    told: list[Block] = []
    alike, dated = [], []
    for place, block in enumerate(blocks):
        if is_sentence(block):
            told.append(block)
        elif told and (title := _title_at(blocks, place)) is not None:
            head = list(takewhile(lambda line: not is_sentence(line), blocks[place + 1 : place + _HEAD]))
            first = next(iter(blocks[place + 1 + len(head) : place + 2 + len(head)]), None)
            if first is None or not is_sentence(first):
                continue
            is_marked = title.tag == "h1" or any(names_day(line.text) for line in head)
            if is_marked and _goes_on_alike(told, title, first):
                alike.append(title)
            elif block.kind == "heading" and size_of(told[:_SENTENCES]) >= _TOLD and _is_dated(head, block, told[-1]):
                dated.append(title)
    return [*alike, *_of_no_live_blog(dated)]


def _title_at(blocks: Sequence[Block], place: int) -> HtmlElement | None:
    element = blocks[place].element
    is_first = element is not None and (not place or element is not blocks[place - 1].element)
    return element if is_first and may_be_headline(element) else None


def _goes_on_alike(told: Sequence[Block], title: HtmlElement, first: Block) -> bool:
    before = [element for element in _holders(told[-1]) if len(told) > 1 and stands_in(told[-2], element)]
    return any(
        (one.tag, one.get("class")) == (other.tag, other.get("class"))
        and not stands_in(first, one)
        and _is_headline_over(title, other)
        for one in before
        for other in _holders(first)
    )


def _holders(block: Block) -> list[HtmlElement]:
    return [element for element in islice(block.around(), _AROUND) if element.tag in _HOLDERS and element.get("class")]


def _is_dated(head: Sequence[Block], title: Block, before: Block) -> bool:
    holder = before.element
    if holder is not None and holder.tag not in _HOLDERS:
        holder = holder.getparent()
    inside = stands_in(title, holder)
    # What is dated above or below another heading is the story of that one.
    if any(line.kind == "heading" for line in head):
        return False
    return any(is_publication_line(line.text) if inside else names_day(line.text) for line in head)
