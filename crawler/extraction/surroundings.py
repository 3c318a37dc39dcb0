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
        skipped = set(body.containers)
        found.lines = _lines(found.region, skipped, BLOCK_TAGS | _INLINE_LINES)
        found.date_lines = _dates_near(found.region, skipped, headline)
    found.date_lines += _dates_inside(body.edges)
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


def _lines(region: HtmlElement, skipped: set[HtmlElement], tags: frozenset[str]) -> list[Block]:
    blocks = walk_blocks(region, lambda element: element in skipped or element.tag in _UNREAD or _aside(element), tags)
    return [block for block in blocks[:_MOST_LINES] if len(block.text) <= _LONGEST_LINE]


def _aside(element: HtmlElement) -> bool:
    return stands_aside(element, itself=True)


def _dates_near(region: HtmlElement, skipped: set[HtmlElement], headline: HtmlElement | None) -> list[DateLine]:
    """Return date lines of a region: marked elements, then lines after the headline, then labelled ones before it."""
    marked = [
        date_line(element)
        for element in region.iter("time", "span", "div", "p", "abbr", "small")
        if (element.tag == "time" or element.get("data-published"))
        and not _within(element, skipped)
        and not _aside_in(element, region)
    ]
    lines = _before(_lines(region, skipped, BLOCK_TAGS), region, skipped)
    position = next((i for i, line in enumerate(lines) if headline is not None and _stands_in(line, headline)), -1)
    before, after = lines[: max(position, 0)], lines[position + 1 :]
    after += _before(_lines(region, skipped, BLOCK_TAGS | _INLINE_LINES), region, skipped)
    usable = [line for line in after if _may_be_date(line.text)]
    ordered = [line for line in usable if _LABELLED.search(line.text)]
    ordered += [line for line in usable if not _LABELLED.search(line.text) and is_date_line(line.text)]
    ordered += [line for line in before if _LABELLED.search(line.text) and _may_be_date(line.text)]
    return [line for line in marked if line.machine] + [DateLine(line.text) for line in ordered]


def _may_be_date(line: str) -> bool:
    """Tell a line with digits that is no sentence and no masthead, names beside the date allowed."""
    rest = len(re.findall(r"[^\W\d_]", _DATE_WORDS.sub(" ", compared(line))))
    return bool(re.search(r"[\d০-৯]", line)) and rest <= _LONGEST_REST and "।" not in line and not is_masthead(line)


def _before(lines: list[Block], region: HtmlElement, containers: set[HtmlElement]) -> list[Block]:
    """Return the lines that stand before the text: those after it belong to other stories."""
    order = {element: position for position, element in enumerate(region.iter("*"))}
    end = min(
        (order[element] for element in containers if element in order and element is not region),
        default=len(order),
    )
    return [line for line in lines if line.element is None or order.get(line.element, 0) < end]


def _stands_in(block: Block, element: HtmlElement) -> bool:
    return block.element is not None and (block.element is element or element in block.element.iterancestors())


def _within(element: HtmlElement, holders: set[HtmlElement]) -> bool:
    return any(parent in holders for parent in (element, *element.iterancestors()))


def _aside_in(element: HtmlElement, region: HtmlElement) -> bool:
    for parent in (element, *element.iterancestors()):
        if parent is region:
            return False
        if _aside(parent) or parent.tag in _UNREAD:
            return True
    return False


def _dates_inside(edges: Sequence[str]) -> list[DateLine]:
    """Return date lines at the head of the text (old layouts) and banglanews24's clock line at its end."""
    return [DateLine(text) for text in edges if is_date_line(text)]
