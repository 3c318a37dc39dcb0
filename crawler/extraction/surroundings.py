"""What stands near the headline and outside the text: the lines of dates and bylines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from crawler.bengali.dates import label_of
from crawler.bengali.text import fold
from crawler.extraction.blocks import BLOCK_TAGS, Block, walk_blocks
from crawler.extraction.date_elements import DateLine, date_line
from crawler.extraction.date_lines import (
    dates_among,
    is_publication_line,
    with_labels,
)
from crawler.extraction.document import Document, text_of
from crawler.extraction.furniture import is_furniture
from crawler.extraction.next_story import may_be_headline
from crawler.extraction.region import INLINE_LINES, LONGEST_LINE, Region, is_unread, region_of

if TYPE_CHECKING:
    from crawler.extraction.body import Body
    from crawler.spider import NewsSpider


# Elements below the text in which its date may stand.
_MOST_BELOW = 2


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
    """Return the lines that stand before the first paragraph in the text's own holder, parted at inline elements."""
    if body.paragraphs[:1] == [] or body.paragraphs[0] not in body.edges:
        return []
    above = body.edges[: body.edges.index(body.paragraphs[0])]
    told = fold("".join(above))
    holders = body.containers[:1] if above else []
    parted = [block for holder in holders for block in walk_blocks(holder, is_unread, BLOCK_TAGS | INLINE_LINES)]
    lines = list(takewhile(lambda block: fold(block.text) in told, parted)) or list(map(Block, above))
    return [line for line in lines if len(line.text) <= LONGEST_LINE and not is_furniture(line)]


def _below(containers: Sequence[HtmlElement]) -> list[str]:
    """Return the lines right below the text that are the date of its publication and nothing else."""
    near = (element for container in containers for element in islice(container.itersiblings(), _MOST_BELOW))
    below = map(text_of, takewhile(lambda element: not may_be_headline(element), near))
    return [text for text in below if is_publication_line(text) and label_of(text) == "published"]
