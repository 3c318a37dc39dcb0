"""What stands near the headline and outside the text: the lines of dates and bylines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from crawler.bengali.dates import is_masthead
from crawler.bengali.dates.words import DAY_PART, MONTH, WEEKDAY, compared
from crawler.bengali.text import patterns, words
from crawler.extraction.blocks import BLOCK_TAGS, Block, walk_blocks
from crawler.extraction.container import stands_aside
from crawler.extraction.document import Document, text_of

if TYPE_CHECKING:
    from crawler.extraction.body import Body
    from crawler.spider import NewsSpider

# Where a visible date keeps its machine-readable form.
MACHINE_ATTRIBUTES = ("datetime", "data-published", "data-datetime", "data-time", "data-date", "content")
_INLINE_LINES = frozenset(words("span a time b strong small em i label abbr"))
_DATE_TAGS = ("time", "span", "div", "p", "abbr", "small")
_UNREAD = frozenset(words("script style noscript template nav footer aside form button select iframe svg"))
_LABELLED = patterns(r"প্রকাশ|আপডেট|হালনাগাদ|তারিখ|published|updated|posted", flags=re.I)
_DATE_WORDS = re.compile(
    rf"{MONTH}|{WEEKDAY}|{DAY_PART}|\d+|"
    + compared(
        "প্রকাশিত|প্রকাশের|প্রকাশ|আপডেটেড|আপডেট|হালনাগাদ|সর্বশেষ|তারিখ|সময়|টায়|টা|মিনিট|ঘণ্টা|ঘণ্টায়|আগে|খ্রিস্টাব্দ|খ্রিষ্টাব্দ"
        "|অনলাইন|প্রিন্ট|সংস্করণ|ভার্সন|ঢাকা|বাংলাদেশ|published|updated|posted|last|update|date|on|at|st|nd|rd|th|হয়েছে|ইং"
    )
)
_LONGEST_LINE, _MOST_LINES = 200, 400
# Lines after the headline among which its date stands.
_NEAR = 25
# Letters beside a labelled date: the names of author and site.
_LONGEST_REST = 60


@dataclass(frozen=True, slots=True)
class DateLine:
    """A line that may show a date, and the machine-readable value it carries."""

    text: str
    machine: str | None = None


@dataclass(slots=True)
class Nearby:
    """The lines near a headline: `date_lines` by trust, `lines` in the order of the page, split at inline elements."""

    date_lines: list[DateLine] = field(default_factory=list)
    lines: list[Block] = field(default_factory=list)
    region: HtmlElement | None = None


def nearby(document: Document, outlet: type[NewsSpider], headline: HtmlElement | None, body: Body) -> Nearby:
    """Return what stands near the headline; an outlet's own `date` selector is believed before anything else."""
    found = Nearby(region=_region(headline, body.containers))
    if found.region is not None:
        reading = _Reading(document, found.region, headline, body.containers)
        found.lines = reading.lines(BLOCK_TAGS | _INLINE_LINES)
        found.date_lines = reading.marked_dates() + reading.shown_dates(found.lines)
    found.date_lines += [DateLine(text) for text in body.edges if is_date_line(text) and not is_masthead(text)]
    own = [date_line(element) for element in document.select(outlet.date) if not stands_aside(element)]
    found.date_lines = [line for line in own if line.text or line.machine][:3] + found.date_lines
    return found


def date_line(element: HtmlElement) -> DateLine:
    """Return the text of an element that shows a date, and its machine-readable value."""
    return DateLine(text_of(element), next((v for name in MACHINE_ATTRIBUTES if (v := element.get(name))), None))


def is_date_line(line: str) -> bool:
    """Tell a line that is a date, its labels included, and nothing else."""
    if len(line) > 120 or not re.search(r"[\d০-৯]", line):
        return False
    rest = _DATE_WORDS.sub(" ", compared(line))
    dated = _DATE_WORDS.search(compared(line)) is not None and re.search(rf"{MONTH}|\d[/.-]\d|:\d\d", compared(line))
    return bool(dated) and len(re.findall(r"[^\W\d_]", rest)) <= 6


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
        containers: Sequence[HtmlElement],
    ) -> None:
        self.region = region
        self.headline = headline
        self.order = document.order
        self.containers = {element for element in containers if element is not region}
        starts = [self.order[element] for element in self.containers if region in element.iterancestors()]
        self.end = min(starts, default=len(self.order))

    def lines(self, tags: frozenset[str]) -> list[Block]:
        """Return the lines before the text; `tags` begin and end one."""
        blocks = walk_blocks(self.region, self._is_left_out, tags)[:_MOST_LINES]
        return [block for block in blocks if len(block.text) <= _LONGEST_LINE and self._stands_before(block.element)]

    def marked_dates(self) -> list[DateLine]:
        """Return the elements that carry a machine-readable date."""
        marked = (e for e in self.region.iter(*_DATE_TAGS) if e.tag == "time" or e.get("data-published"))
        lines = [date_line(element) for element in marked if self._stands_before(element) and self._is_open(element)]
        return [line for line in lines if line.machine]

    def shown_dates(self, split: list[Block]) -> list[DateLine]:
        """Return lines that show a date: those after the headline, labelled ones first, then labelled ones before it.

        `split` are the lines parted at inline elements: author and date often stand side by side in two of these.
        """
        before, after = self._parted(self.lines(BLOCK_TAGS))
        after += self._parted(split)[1]
        labelled = [line for line in (*after, *before) if _LABELLED.search(line.text) and _may_be_date(line.text)]
        bare = [line for line in after if not _LABELLED.search(line.text) and is_date_line(line.text)]
        own = [line for line in labelled if line in after]
        rest = [line for line in labelled if line not in after]
        return [DateLine(line.text) for line in (*own, *bare, *rest) if not is_masthead(line.text)]

    def _parted(self, lines: list[Block]) -> tuple[list[Block], list[Block]]:
        """Return the lines before and after the headline; all come after a headline that shows in none."""
        at = next((i for i, line in enumerate(lines) if self._is_headline(line.element)), -1)
        return lines[: max(at, 0)], lines[at + 1 :][:_NEAR]

    def _is_headline(self, element: HtmlElement | None) -> bool:
        if element is None or self.headline is None:
            return False
        return element is self.headline or self.headline in element.iterancestors()

    def _stands_before(self, element: HtmlElement | None) -> bool:
        return element is None or self.order.get(element, 0) < self.end

    def _is_left_out(self, element: HtmlElement) -> bool:
        return element in self.containers or element.tag in _UNREAD or stands_aside(element, itself=True)

    def _is_open(self, element: HtmlElement) -> bool:
        """Tell whether nothing between an element and the region is left out."""
        for parent in (element, *element.iterancestors()):
            if parent is self.region:
                return True
            if self._is_left_out(parent):
                return False
        return True


def _may_be_date(line: str) -> bool:
    """Tell a line with digits that is no sentence, names beside the date allowed."""
    rest = len(re.findall(r"[^\W\d_]", _DATE_WORDS.sub(" ", compared(line))))
    return bool(re.search(r"[\d০-৯]", line)) and rest <= _LONGEST_REST and "।" not in line
