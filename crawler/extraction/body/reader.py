"""Read the blocks of a tree: what a reader sees as a paragraph, heading, list item or table row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from lxml.html import HtmlElement

from crawler.bengali.text import normalize, word_set
from crawler.extraction import vocabulary
from crawler.extraction.body.block import HEADINGS, Block, Kind, Position, ends_sentence
from crawler.extraction.page.document import text_of
from crawler.extraction.page.naming import NO_TOKENS, tokens_of

_HIDING_TOKENS = vocabulary.tokens("hiding")
_LABEL_TOKENS = vocabulary.tokens("label")

# Elements without text of the page.
_UNREAD = word_set(
    "script style noscript template svg button select option input textarea iframe object video audio canvas map head"
    " link meta math"
)
_INLINE = word_set(
    "a b i u em strong span font small big sub sup mark abbr cite code q s strike del ins time label bdi bdo kbd var"
    " samp wbr tt acronym dfn data ruby rt rb nobr o:p amp-fit-text"
)
_WRAPPERS = word_set(
    "dialog nav footer aside form figure header figcaption ul ol table blockquote li td article address p"
)
_ROLES = {
    "navigation": "nav",
    "menu": "nav",
    "menubar": "nav",
    "contentinfo": "footer",
    "complementary": "aside",
    "banner": "header",
    "dialog": "dialog",
    "alertdialog": "dialog",
}
_KINDS: dict[str, Kind] = {**dict.fromkeys(HEADINGS, "heading"), **dict.fromkeys(("li", "dt", "dd"), "item")}
_LABELS_BY_ITEMPROP = frozenset({"author", "datePublished", "dateModified"})
_CELLS = frozenset({"td", "th"})
_ROW_PARTS = _CELLS | _INLINE | {"p", "br", "img"}
# A longer row is no row of figures but a part of a layout.
_LONGEST_ROW = 400
# Nobody needs the parts of longer blocks.
_LONGEST_IN_PARTS = 200
# The link around a card holds no more paragraphs that end a sentence.
_MOST_LINKED_SENTENCES = 2
# The ancestors of the headline whose beginning may show its date or section.
_AROUND_HEADLINE = 3
_KEEPS_LINES = re.compile(r"white-?space\s*[:-]\s*(?:pre|break-spaces)", re.I)
_SHOWN_AGAIN = re.compile(r".*:|d-(?:sm|md|lg|xl|xxl)-")
_HAS_TEXT = re.compile(r"\w")


@dataclass(slots=True)
class Region:
    """The part of a page from a little above its headline to the end of its text: only this is read."""

    first: HtmlElement
    last: HtmlElement
    around: frozenset[HtmlElement]
    is_open: bool = False
    is_over: bool = False

    @classmethod
    def of(cls, headline: HtmlElement, containers: Sequence[HtmlElement]) -> Region:
        near = [each for each in islice(headline.iterancestors(), _AROUND_HEADLINE) if each.tag not in ("body", "html")]
        anchors = ([headline, *near][-1], containers[-1])
        return cls(*anchors, frozenset(around for anchor in anchors for around in anchor.iterancestors()))

    def leaves_out(self, element: HtmlElement) -> bool:
        self.is_open = self.is_open or element is self.first
        return self.is_over or not (self.is_open or element in self.around)


class PageBlocks:
    """The blocks of a tree in order, the range of blocks in each element, and each element's `tokens_of`."""

    def __init__(self, root: HtmlElement, is_by_cell: bool = False, region: Region | None = None) -> None:
        """Read all blocks, or those of a region; `is_by_cell` makes each cell of a table a block, not each row."""
        self.root = root
        self.blocks: list[Block] = []
        self.ranges: dict[HtmlElement, tuple[int, int]] = {}
        self.tokens: dict[HtmlElement, frozenset[str]] = {}
        self._is_by_cell = is_by_cell
        self._region = region
        self._pieces: list[tuple[str, HtmlElement]] = []
        self._linked = 0
        self._is_marked = False
        self._read_block(root, Position((root,), {}, NO_TOKENS), False)
        self.weigh()

    def weigh(self) -> None:
        """Add up the weights of the blocks, again after a change of them."""
        self._weights = list(accumulate([block.weight for block in self.blocks], initial=0))

    def weight_between(self, start: int, end: int) -> int:
        return self._weights[end] - self._weights[start]

    def weight_of(self, element: HtmlElement) -> int:
        """Return the number of characters in an element's sentences."""
        return self.weight_between(*self.ranges.get(element, (0, 0)))

    def under(self, element: HtmlElement) -> list[Block]:
        return self.blocks[slice(*self.ranges.get(element, (0, 0)))]

    def size_of(self, element: HtmlElement) -> int:
        """Return the number of blocks in an element."""
        start, end = self.ranges.get(element, (0, 0))
        return end - start

    def tokens_of(self, element: HtmlElement) -> frozenset[str]:
        return self.tokens.get(element, NO_TOKENS)

    def _read(self, element: HtmlElement, place: Position, is_linked: bool) -> None:
        tag = element.tag
        if tag in _UNREAD or not isinstance(tag, str) or (self._region and self._region.leaves_out(element)):
            return
        if tag == "br":
            self._flush(place)
            return
        own, is_label = NO_TOKENS, tag == "time"
        if element.attrib:
            own = tokens_of(element)
            is_label = is_label or _is_label_element(element, own)
        is_linked = is_linked or (tag == "a" and _leads_on(element, place))
        if _is_inline(element, place):
            self._is_marked = self._is_marked or is_label
            self._read_parts(element, place, is_linked)
        else:
            self._flush(place)
            self._is_marked = self._is_marked or is_label
            if own:
                self.tokens[element] = own
            self._read_block(element, _place_in(element, place, own), is_linked)
        if self._region and element is self._region.last:
            self._region.is_over = True

    def _read_block(self, element: HtmlElement, place: Position, is_linked: bool) -> None:
        start = len(self.blocks)
        if element.tag == "tr" and not self._is_by_cell and _is_row(element):
            self._read_row(element, place)
        else:
            self._read_parts(element, place, is_linked)
            self._flush(place)
        if len(self.blocks) > start:
            self.ranges[element] = (start, len(self.blocks))

    def _read_parts(self, element: HtmlElement, place: Position, is_linked: bool) -> None:
        text = element.text
        if text and (self._pieces or not text.isspace()):
            self._add(text, element, place, is_linked)
        for child in element:
            self._read(child, place, is_linked)
            text = child.tail
            if text and (self._pieces or not text.isspace()):
                self._add(text, element, place, is_linked)

    def _read_row(self, row: HtmlElement, place: Position) -> None:
        for link in row.iter("a"):
            self._linked += len(text_of(link)) if link.get("href") else 0
        self._pieces.append((" | ".join(_cells_of(row)), row))
        self._flush(place, "row")

    def _add(self, text: str, holder: HtmlElement, place: Position, is_linked: bool) -> None:
        if text.isspace():
            self._pieces.append((" ", holder))
            return
        if "\n" in text.strip() and _keeps_lines(holder):
            for line in text.split("\n")[:-1]:
                self._pieces.append((line, holder))
                self._flush(place)
            text = text.rpartition("\n")[2]
        self._pieces.append((text, holder))
        if is_linked:
            self._linked += len(" ".join(text.split()))

    def _flush(self, place: Position, kind: Kind | None = None) -> None:
        pieces, linked, is_marked = self._pieces, self._linked, self._is_marked
        self._is_marked = False
        if not pieces:
            return
        self._pieces, self._linked = [], 0
        text = normalize(" ".join("".join([piece for piece, _ in pieces]).split())).replace("\n", " ").strip(" |")
        if _HAS_TEXT.search(text):
            kept = pieces if len(text) <= _LONGEST_IN_PARTS else ()
            self.blocks.append(Block(len(self.blocks), text, *place, linked, is_marked, kind or _kind_of(place), kept))


def _place_in(element: HtmlElement, place: Position, own: frozenset[str]) -> Position:
    inside, names = place.inside, place.names
    kind = element.tag
    if element.attrib:
        kind = _ROLES.get(element.get("role", ""), kind)
        names = names | own if own else names
        if _is_hidden(element, own):
            inside = {**inside, "hidden": element}
    if kind in _WRAPPERS or kind in HEADINGS:
        inside = {**inside, kind: element}
    return Position((*place.path, element), inside, names)


def _kind_of(place: Position) -> Kind:
    for element in place.path[:-3:-1]:
        if kind := _KINDS.get(element.tag):
            return kind
    return "paragraph"


def _is_inline(element: HtmlElement, place: Position) -> bool:
    tag = element.tag
    if tag == "a":
        return not any(child.tag in HEADINGS or child.tag in ("p", "div", "article") for child in element)
    if tag == "span":
        return not _is_block_span(element)
    if tag in _INLINE:
        return True
    # Custom elements within a paragraph are its words.
    return "-" in tag and place.path[-1].tag == "p" and not len(element)


def _is_block_span(span: HtmlElement) -> bool:
    """Return whether a span is a paragraph: by its style, or as one of several spans of one sentence each."""
    if "display:block" in (span.get("style") or "").replace(" ", ""):
        return True
    parent, beside = span.getparent(), (span.getprevious(), span.getnext())
    if parent is None or parent.tag == "p" or parent.tag in HEADINGS or parent.tag in _INLINE:
        return False
    return _is_sentence_alone(span) and any(
        other is not None and other.tag == "span" and _is_sentence_alone(other) for other in beside
    )


def _is_sentence_alone(span: HtmlElement) -> bool:
    if (span.tail or "").strip():
        return False
    text = "".join(span.itertext()).strip()
    return len(text) > 40 and ends_sentence(text)


def _leads_on(link: HtmlElement, place: Position) -> bool:
    """Return whether a link leads to another page; a heading may link to itself, and an unclosed link holds a text."""
    address = link.get("href")
    if not address or (address[0] == "#" and not HEADINGS.isdisjoint(place.inside)):
        return False
    if not len(link):
        return True
    sentences = (each for each in link.iter("p") if ends_sentence("".join(each.itertext()).strip()))
    return next(islice(sentences, _MOST_LINKED_SENTENCES, None), None) is None


def _is_label_element(element: HtmlElement, own: frozenset[str]) -> bool:
    is_marked = element.get("rel") == "author" or element.get("itemprop") in _LABELS_BY_ITEMPROP
    return is_marked or not _LABEL_TOKENS.isdisjoint(own)


def _is_hidden(element: HtmlElement, own: frozenset[str]) -> bool:
    style = element.get("style")
    if element.get("hidden") is not None or (style and "display:none" in style.replace(" ", "").lower()):
        return True
    # Utility classes such as md:block and d-md-block show again what `hidden` and `d-none` hide on telephones.
    return not _HIDING_TOKENS.isdisjoint(own) and not any(map(_SHOWN_AGAIN.match, own))


def _is_row(row: HtmlElement) -> bool:
    """Return whether a row has several short cells of text, and is no part of a layout."""
    if any(element.tag not in _ROW_PARTS for element in row.iterdescendants()):
        return False
    cells = _cells_of(row)
    return len(cells) > 1 and sum(map(len, cells)) <= _LONGEST_ROW


def _cells_of(row: HtmlElement) -> list[str]:
    return [text for cell in row if cell.tag in _CELLS and (text := text_of(cell))]


def _keeps_lines(element: HtmlElement) -> bool:
    for parent in (element, *islice(element.iterancestors(), 1)):
        if parent.tag == "pre" or _KEEPS_LINES.search(f"{parent.get('style')} {parent.get('class')}"):
            return True
    return False
