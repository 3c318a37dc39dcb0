"""What stands near the headline and outside the text: the lines of dates and bylines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from crawler.bengali.dates import Label, is_label, is_masthead, label_of
from crawler.bengali.text import fold, normalize, words
from crawler.extraction.asides import ASIDE_WORDS
from crawler.extraction.blocks import BLOCK_TAGS, Block, walk_blocks
from crawler.extraction.date_lines import (
    DIGIT,
    IN_TEXT,
    LABELLED,
    bare_date,
    dates_among,
    is_date_line,
    is_publication_line,
    may_be_date,
    with_clocks,
    with_labels,
)
from crawler.extraction.document import Document, text_of
from crawler.extraction.furniture import is_furniture
from crawler.extraction.naming import has_name_of, is_dialog

if TYPE_CHECKING:
    from crawler.extraction.body import Body
    from crawler.spider import NewsSpider

# Where a visible date keeps its machine-readable form.
MACHINE_ATTRIBUTES = ("datetime", "data-published", "data-datetime", "data-time", "data-date", "content")
_DATED = "[datetime], [data-published], time, abbr"
_INLINE_LINES = frozenset(words("span a time b strong small em i label abbr"))
_UNREAD = frozenset(
    words("script style noscript template nav footer aside form button select iframe svg figure figcaption")
)
_CAPTIONS = frozenset(words("caption captions figcaption"))
_NAMES_OF_OTHERS = _CAPTIONS | ASIDE_WORDS
_UPDATE_NAMES, _PUBLISHED_NAMES = {"updated", "modified", "datemodified"}, {"published", "datepublished"}
_LONGEST_LINE, _MOST_LINES = 200, 400
# Lines after the headline among which its date stands.
_NEAR = 25
# So much of a paragraph's beginning stands nowhere else.
_OPENING = 40
# Elements below the text in which its date may stand.
_MOST_BELOW = 2
# Words of a link that are a headline, and how far around a date such links are looked for.
_TITLE_WORDS, _AROUND = 4, 3


@dataclass(frozen=True, slots=True)
class DateLine:
    """A line that may show a date, and the machine-readable value it carries.

    `trusted` lines are those that the outlet's own selector names; `label` is what stands outside the line's text.
    """

    text: str
    machine: str | None = None
    label: Label = "none"
    trusted: bool = False


@dataclass(slots=True)
class Nearby:
    """The lines near a headline: `date_lines` by trust, `lines` in the order of the page, split at inline elements."""

    date_lines: list[DateLine] = field(default_factory=list)
    lines: list[Block] = field(default_factory=list)
    region: HtmlElement | None = None
    headline: HtmlElement | None = None
    containers: Sequence[HtmlElement] = ()

    def is_headline(self, element: HtmlElement | None) -> bool:
        """Tell whether an element is the headline or a part of it."""
        if element is None or self.headline is None:
            return False
        return element is self.headline or self.headline in element.iterancestors()


def nearby(document: Document, outlet: type[NewsSpider], headline: HtmlElement | None, body: Body) -> Nearby:
    """Return what stands near the headline; an outlet's own `date` selector is believed before anything else."""
    found = Nearby(region=_region(headline, body.containers), headline=headline, containers=body.containers)
    if found.region is not None:
        reading = _Reading(document, found.region, headline, body)
        found.lines = reading.lines(BLOCK_TAGS | _INLINE_LINES)
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
    """Return the lines that stand before the first paragraph in the text's own holder, parted at inline elements."""
    if body.paragraphs[:1] == [] or body.paragraphs[0] not in body.edges:
        return []
    above = body.edges[: body.edges.index(body.paragraphs[0])]
    told = fold("".join(above))
    holders = body.containers[:1] if above else []
    parted = [block for holder in holders for block in walk_blocks(holder, _is_unread, BLOCK_TAGS | _INLINE_LINES)]
    lines = list(takewhile(lambda block: fold(block.text) in told, parted)) or list(map(Block, above))
    return [line for line in lines if len(line.text) <= _LONGEST_LINE and not is_furniture(line)]


def _below(containers: Sequence[HtmlElement]) -> list[str]:
    """Return the lines right below the text that are the date of its publication and nothing else."""
    below = (text_of(element) for container in containers for element in islice(container.itersiblings(), _MOST_BELOW))
    return [text for text in below if label_of(text) == "published" and is_publication_line(text)]


def _is_unread(element: HtmlElement) -> bool:
    return element.tag in _UNREAD


def date_line(element: HtmlElement, trusted: bool = False) -> DateLine:
    """Return the text of an element that shows a date, its machine-readable value and its label."""
    names = (*MACHINE_ATTRIBUTES, "title") if element.tag == "abbr" else MACHINE_ATTRIBUTES
    machine = next((value for name in names if (value := element.get(name))), None)
    return DateLine(text_of(element), machine, _label(element), trusted)


def _label(element: HtmlElement) -> Label:
    """Return the label of an element that shows a date: its names, or the words it opens with or stands behind."""
    names = set(f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower().split())
    if names & _PUBLISHED_NAMES or element.get("data-published"):
        return "published"
    # tagDiv's themes say "entry-date updated" of the only date they show.
    if names & _UPDATE_NAMES and "entry-date" not in names:
        return "updated"
    text = text_of(element)
    opening = text if IN_TEXT.search(text) else _text_before(element)
    return label_of(opening)


def _text_before(element: HtmlElement) -> str:
    """Return the words that stand right before an element, a label in an element of its own among them."""
    previous, parent = element.getprevious(), element.getparent()
    if previous is None:
        return (parent.text or "") if parent is not None else ""
    tail = previous.tail or ""
    if re.search(r"\w", tail) or not isinstance(previous.tag, str):
        return tail
    told = text_of(previous)
    return told if is_label(told) else ""


def _region(headline: HtmlElement | None, containers: Sequence[HtmlElement]) -> HtmlElement | None:
    """Return the innermost element that holds headline and text; without one of them, what is around the other."""
    anchors = [element for element in (headline, *containers[:1]) if element is not None]
    if not anchors:
        return None
    if len(anchors) == 1:
        around = list(anchors[0].iterancestors())[:3]
        return next((element for element in reversed(around) if element.tag not in {"html", "body"}), None)
    lines_of_descent = [[anchor, *anchor.iterancestors()] for anchor in anchors]
    return next((element for element in lines_of_descent[0] if element in lines_of_descent[1]), None)


class _Reading:
    """A region being read: up to the text, for what stands after it belongs to other stories."""

    def __init__(
        self,
        document: Document,
        region: HtmlElement,
        headline: HtmlElement | None,
        body: Body,
    ) -> None:
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

    def _shows_update(self, date: str) -> bool:
        """Tell whether an element that says that it shows an update has this text."""
        digits = DIGIT.findall(date)
        alike = (element for element, its in self.dated if its == digits and normalize(text_of(element)) == date)
        return any(_label(element) == "updated" for element in alike)

    @cached_property
    def dated(self) -> list[tuple[HtmlElement, list[str]]]:
        """The inline elements with digits, and these."""
        inline = (element for element in self.region.iter(*_INLINE_LINES) if DIGIT.search("".join(element.itertext())))
        return [(element, digits) for element in inline if (digits := DIGIT.findall(text_of(element)))]

    def lines(self, tags: frozenset[str]) -> list[Block]:
        """Return the lines before the text; `tags` begin and end one."""
        blocks = walk_blocks(self.region, self._is_left_out, tags, self.text)[:_MOST_LINES]
        text = next((i for i, block in enumerate(blocks) if self._begins_text(block)), len(blocks))
        blocks = blocks[:text]
        return [block for block in blocks if len(block.text) <= _LONGEST_LINE and self._stands_before(block.element)]

    def _begins_text(self, block: Block) -> bool:
        """Tell the text's first paragraph, or its beginning where a link or bold words part it."""
        return block.text == self.first or (len(block.text) >= _OPENING and self.first.startswith(block.text))

    def marked_dates(self) -> list[DateLine]:
        """Return the elements that carry a machine-readable date.

        Microformats write <abbr class="published" title="…">, which Blogger puts below the text.
        """
        inside = self.document.index.span(self.region)[1:]
        marked = (element for element in self.document.select(_DATED) if self.order[element] in inside)
        lines = [
            date_line(element)
            for element in marked
            if (self._stands_before(element) or element.tag == "abbr")
            and self._is_open(element)
            and not self._is_of_another(element)
        ]
        return [line for line in lines if line.machine]

    def shown_dates(self, split: list[Block]) -> list[DateLine]:
        """Return lines that show a date: those after the headline, labelled ones first, then labelled ones before it.

        `split` are the lines parted at inline elements: author and date often stand side by side in two of these.
        """
        before, after = map(self._of_article, self._parted(self.lines(BLOCK_TAGS)))
        after += self._of_article(self._parted(split)[1])
        labelled = [line for line in (*after, *before) if LABELLED.search(line.text) and may_be_date(line.text)]
        bare = [date for line in after if (date := bare_date(line)) and not self._shows_update(line.text)]
        own = [line.text for line in labelled if line in after]
        rest = [line.text for line in labelled if line not in after]
        lines = [*own, *bare, *(line for line in rest if not is_masthead(line))]
        return [DateLine(line) for line in lines if not is_masthead(line) or label_of(line) == "published"]

    def _parted(self, lines: list[Block]) -> tuple[list[Block], list[Block]]:
        """Return the lines before and after the headline; all come after a headline that shows in none."""
        at = next((i for i, line in enumerate(lines) if self._is_headline(line.element)), -1)
        return lines[: max(at, 0)], lines[at + 1 :][:_NEAR]

    def _of_article(self, lines: list[Block]) -> list[Block]:
        """Return the lines beside no other story's headline, labels joined to what they stand over."""
        labelled = zip(lines, with_clocks(with_labels([line.text for line in lines])), strict=True)
        return [replace(line, text=text) for line, text in labelled if not self._is_of_another(line.element)]

    def _is_of_another(self, element: HtmlElement | None) -> bool:
        """Tell whether an element stands in or beside a link to another story, below what holds this one."""
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
        """Tell a link whose text is a headline and whose address is not this page's."""
        address = link.get("href") or ""
        if not address or address.startswith(("#", "javascript:", "mailto:")):
            return False
        text = text_of(link)
        if len(text.split()) < _TITLE_WORDS or is_date_line(text) or "author" in f"{address} {link.get('rel')}".lower():
            return False
        return self.document.absolute(address).split("#")[0] != self.document.url.split("#")[0]

    def _is_headline(self, element: HtmlElement | None) -> bool:
        if element is None or self.headline is None:
            return False
        return element is self.headline or self.headline in element.iterancestors()

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
        """Tell whether nothing between an element and the region is left out."""
        for parent in (element, *element.iterancestors()):
            if parent is self.region:
                return True
            if self._is_left_out(parent):
                return False
        return True
