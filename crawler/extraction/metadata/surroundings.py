"""The lines near the headline and outside the text: dates and bylines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice, takewhile

from lxml import etree
from lxml.html import HtmlElement

from crawler.bengali.dates import is_masthead, label_of
from crawler.bengali.text import fold, normalize, words
from crawler.extraction.blocks.block import BLOCK_TAGS, Block, Body, walk_blocks
from crawler.extraction.blocks.column import stands_in
from crawler.extraction.blocks.date_lines import (
    DIGIT,
    LABELLED,
    DateLine,
    bare_date,
    date_line,
    dates_among,
    is_date_line,
    is_publication_line,
    label_beside,
    may_be_date,
    tells_clock,
    with_clocks,
    with_labels,
)
from crawler.extraction.candidates.next_story import may_be_headline
from crawler.extraction.page.document import Document, has_text, text_of
from crawler.extraction.page.naming import ASIDE_WORDS, has_name_of, is_dialog
from crawler.extraction.rules.furniture import is_furniture
from crawler.outlets.outlet import Outlet

_MOST_BELOW = 2


@dataclass(slots=True)
class Nearby:
    """The lines near a headline: `date_lines` by trust, `lines` in the order of the page, split at inline elements."""

    date_lines: list[DateLine] = field(default_factory=list)
    lines: list[Block] = field(default_factory=list)
    region: HtmlElement | None = None
    headline: HtmlElement | None = None
    containers: Sequence[HtmlElement] = ()


def nearby(document: Document, outlet: type[Outlet], headline: HtmlElement | None, body: Body) -> Nearby:
    """Return what stands near the headline; an outlet's own `date` selector is believed before anything else."""
    found = Nearby(region=region_of(headline, body.containers), headline=headline, containers=body.containers)
    if found.region is not None:
        reading = Region(document, found.region, headline, body)
        found.lines = reading.lines(BLOCK_TAGS | INLINE_LINES)
        found.date_lines = reading.marked_dates() + reading.shown_dates(found.lines)
    head = _head_of(body)
    found.lines += head
    # A day that stands alone in the text may be the first of a timetable.
    found.date_lines += [DateLine(text) for text in dates_among(head) if len(head) > 1 or ":" in text]
    found.date_lines += [DateLine(text) for text in with_labels(body.edges) if is_publication_line(text)]
    found.date_lines += [DateLine(text) for text in _below(body.containers[-1:])]
    own = [
        date_line(element, trusted=True)
        for element in document.select(outlet.date)
        if not document.asides.hold(element)
    ]
    found.date_lines = [line for line in own if line.text or line.machine][:3] + found.date_lines
    return found


def _head_of(body: Body) -> list[Block]:
    if body.paragraphs[:1] == [] or body.paragraphs[0] not in body.edges:
        return []
    above = body.edges[: body.edges.index(body.paragraphs[0])]
    told = fold("".join(above))
    holders = body.containers[:1] if above else []
    parted = [block for holder in holders for block in walk_blocks(holder, is_unread, BLOCK_TAGS | INLINE_LINES)]
    lines = list(takewhile(lambda block: fold(block.text) in told, parted)) or list(map(Block, above))
    return [line for line in lines if len(line.text) <= LONGEST_LINE and not is_furniture(line)]


def _below(containers: Sequence[HtmlElement]) -> list[str]:
    near = (element for container in containers for element in islice(container.itersiblings(), _MOST_BELOW))
    below = map(text_of, takewhile(lambda element: not may_be_headline(element), near))
    return [text for text in below if is_publication_line(text) and label_of(text) == "published"]


INLINE_LINES = frozenset(words("span a time b strong small em i label abbr"))
_UNREAD = frozenset(
    words("script style noscript template nav footer aside form button select iframe svg figure figcaption")
)
_CAPTIONS = frozenset(words("caption captions figcaption"))
_NAMES_OF_OTHERS = _CAPTIONS | ASIDE_WORDS
LONGEST_LINE, _MOST_LINES, _MASTHEAD = 200, 400, 2000
_NEAR = 25
_OVER = 8
_OPENING = 40
_TITLE_WORDS, _AROUND = 4, 3
_whole_text = partial(etree.tostring, method="text", encoding="unicode", with_tail=False)


def is_unread(element: HtmlElement) -> bool:
    return element.tag in _UNREAD


def region_of(headline: HtmlElement | None, containers: Sequence[HtmlElement]) -> HtmlElement | None:
    """Return the innermost element that holds headline and text; without one of them, what is around the other."""
    anchors = [element for element in (headline, *containers[:1]) if element is not None]
    if not anchors:
        return None
    if len(anchors) == 1:
        around = list(anchors[0].iterancestors())[:3]
        return next((element for element in reversed(around) if element.tag not in {"html", "body"}), None)
    lines_of_descent = [[anchor, *anchor.iterancestors()] for anchor in anchors]
    return next((element for element in lines_of_descent[0] if element in lines_of_descent[1]), None)


def _is_masthead(element: HtmlElement) -> bool:
    return not has_text(element, _MASTHEAD) and is_masthead(text_of(element))


class Region:
    """A region being read: up to the text, for what stands after it belongs to other stories."""

    def __init__(self, document: Document, region: HtmlElement, headline: HtmlElement | None, body: Body) -> None:
        containers = body.containers
        self.first = body.paragraphs[0] if body.paragraphs else ""
        self.region = region
        self.headline = headline
        self.document = document
        self.order = document.order
        self.containers = {element for element in containers if element is not region}
        inside = [element for element in self.containers if region in element.iterancestors()]
        self.text = min(inside, key=self.order.__getitem__, default=None)
        self.end = len(self.order) if self.text is None else self.order[self.text]
        anchors = [element for element in (headline, *containers) if element is not None]
        self.own = {element for anchor in anchors for element in (anchor, *anchor.iterancestors())}
        self.teasing: dict[HtmlElement, bool] = {}
        self.left_out: dict[HtmlElement, bool] = {}
        self.mastheads: dict[HtmlElement, bool] = {}

    def _updates(self, texts: Collection[str]) -> set[str]:
        inline = self.region.iter(*INLINE_LINES) if texts else ()
        # Most of the many have no digit, and no parts.
        dated = (e for e in inline if DIGIT.search(_whole_text(e) if len(e) else e.text or ""))
        told = ((element, normalize(text_of(element))) for element in dated)
        return {text for element, text in told if text in texts and label_beside(element) == "updated"}

    def lines(self, tags: frozenset[str]) -> list[Block]:
        blocks = walk_blocks(self.region, self._is_left_out, tags, self.text)[:_MOST_LINES]
        text = next((i for i, block in enumerate(blocks) if self._begins_text(block)), len(blocks))
        blocks = blocks[:text]
        return [block for block in blocks if len(block.text) <= LONGEST_LINE and self._stands_before(block.element)]

    def _begins_text(self, block: Block) -> bool:
        return block.text == self.first or (len(block.text) >= _OPENING and self.first.startswith(block.text))

    def marked_dates(self) -> list[DateLine]:
        """Return the elements with a machine-readable date; Blogger's <abbr class="published"> is below the text."""
        index = self.document.index
        told = index.with_attribute("datetime") + index.with_attribute("data-published")
        marked = {*index.tagged("time", "abbr"), *told}
        inside = index.span(self.region)[1:]
        lines = [
            self._marked_date(element)
            for element in sorted(marked, key=self.order.__getitem__)
            if self.order[element] in inside
            and (self._stands_before(element) or element.tag == "abbr")
            and self._is_open(element)
            and not self._is_of_another(element)
        ]
        return [line for line in lines if line and line.machine]

    def _marked_date(self, element: HtmlElement) -> DateLine | None:
        """Return the date of an element, None for the page's own date in its header or masthead."""
        line = date_line(element)
        if self.headline is None or self.order[element] > self.order[self.headline] or line.label != "none":
            return line
        around = [element, *takewhile(lambda parent: parent not in self.own, element.iterancestors())]
        beside = around[:2][-1]
        if beside not in self.mastheads:
            self.mastheads[beside] = _is_masthead(beside) or any(parent.tag == "header" for parent in around)
        return None if self.mastheads[beside] else replace(line, above=True)

    def shown_dates(self, split: list[Block]) -> list[DateLine]:
        """Return the lines that show a date, labelled ones first; `split` are the lines parted at inline elements."""
        parted = self._parted(self.lines(BLOCK_TAGS))
        before, after = map(self._of_article, parted)
        after += self._of_article(self._parted(split)[1])
        labelled = [line for line in (*after, *before) if LABELLED.search(line.text) and may_be_date(line.text)]
        bare = {line.text: date for line in after if (date := bare_date(line))}
        own = [line.text for line in labelled if line in after]
        rest = [line.text for line in labelled if line not in after]
        updates = self._updates(bare)
        shown = [date for text, date in bare.items() if text not in updates]
        lines = [*own, *shown, *(line for line in rest if not is_masthead(line))]
        told = [DateLine(line) for line in lines if not is_masthead(line) or label_of(line) == "published"]
        over = self._of_article([line for line in parted[0][-1:] if self._is_right_over(line.element)])
        clocks = [text for line in over if (text := bare_date(line)) and tells_clock(text) and not is_masthead(text)]
        return told + [DateLine(text, above=True) for text in clocks]

    def _is_right_over(self, element: HtmlElement | None) -> bool:
        """Tell what stands over the headline from the page's clock, below which its menu stands."""
        if element is None or self.headline is None or self.region.tag == "body":
            return False
        return self.order[self.headline] - self.order[element] <= _OVER

    def _parted(self, lines: list[Block]) -> tuple[list[Block], list[Block]]:
        """Return the lines before and after the headline; all come after a headline that shows in none."""
        at = next((i for i, line in enumerate(lines) if stands_in(line, self.headline)), -1)
        return lines[: max(at, 0)], lines[at + 1 :][:_NEAR]

    def _of_article(self, lines: list[Block]) -> list[Block]:
        labelled = zip(lines, with_clocks(with_labels([line.text for line in lines])), strict=True)
        return [
            line if text == line.text else replace(line, text=text)
            for line, text in labelled
            if DIGIT.search(text) and not self._is_of_another(line.element)
        ]

    def _is_of_another(self, element: HtmlElement | None) -> bool:
        for _ in range(_AROUND):
            if element is None or element in self.own:
                return False
            if element not in self.teasing:
                self.teasing[element] = any(map(self._leads_elsewhere, element.iter("a")))
            if self.teasing[element]:
                return True
            element = element.getparent()
        return element is not None and element.tag == "a" and self._leads_elsewhere(element)

    def _leads_elsewhere(self, link: HtmlElement) -> bool:
        address = link.get("href") or ""
        if not address or address.startswith(("#", "javascript:", "mailto:")):
            return False
        text = text_of(link)
        if len(text.split()) < _TITLE_WORDS or is_date_line(text) or "author" in f"{address} {link.get('rel')}".lower():
            return False
        return self.document.absolute(address).split("#")[0] != self.document.url.split("#")[0]

    def _stands_before(self, element: HtmlElement | None) -> bool:
        return element is None or self.order.get(element, 0) < self.end

    def _is_left_out(self, element: HtmlElement) -> bool:
        if element not in self.left_out:
            self.left_out[element] = self._leaves_out(element)
        return self.left_out[element]

    def _leaves_out(self, element: HtmlElement) -> bool:
        if element in self.containers:
            return True
        if element.tag in _UNREAD and not (element.tag == "figure" and element in self.own):
            return True
        if not (has_name_of(element, _NAMES_OF_OTHERS) or is_dialog(element)):
            return False
        captions = element not in self.own and has_name_of(element, _CAPTIONS)
        return captions or self.document.asides.hold(element, itself=True)

    def _is_open(self, element: HtmlElement) -> bool:
        for parent in (element, *element.iterancestors()):
            if parent is self.region:
                return True
            if self._is_left_out(parent):
                return False
        return True
