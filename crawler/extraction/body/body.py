"""The text of an article: the kept blocks of its container, or a story from the page's data if that has more."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from crawler.extraction import vocabulary
from crawler.extraction.body.block import Block, ends_sentence
from crawler.extraction.body.candidates import Candidate, choose
from crawler.extraction.body.page import TextPage
from crawler.extraction.body.reader import PageBlocks, Region
from crawler.extraction.body.rules import EDGES, STRUCTURE, apply
from crawler.extraction.page.document import Document, parse
from crawler.extraction.page.naming import is_before
from crawler.extraction.page.page_data import Story, story_html, story_of
from crawler.outlets.outlet import Outlet
from crawler.outlets.platforms import PLATFORMS

# The commas between selectors, not those inside :is(.a, .b).
_ALTERNATIVES = re.compile(r",\s*(?![^()]*\))")
_PROMPT = vocabulary.line("prompt")

# Lines between headline and container are its lead if they are sentences or as long as one.
_LEAD = 100
# Less text than this, about three paragraphs, may be the lead alone: the whole page is read, and the page's data.
_LEAD_ALONE = 400
# A story from page data replaces the page's text if it has this many times its sentences, and some more.
_LONGER, _SOME = 1.3, 60
# A rule that drops more than this share of the text's sentences is named in the warnings.
_DROPPED_SHARE = 0.2
# Blocks after the text in which its dates and credits may be.
_BELOW = 5

# The candidates that are no part of the page as it is shown.
FROM_DATA = ("json-ld", "page-data", "page-text")
# The candidates that are known to hold texts of articles.
IN_CONTAINER = ("outlet", "platform", "known")


@dataclass(slots=True)
class Body:
    """The text's paragraphs and where they were found.

    `blocks` are the kept blocks and `container` the innermost element around them; they are empty and None for a text
    from page data. `dropped` are the blocks from the headline to just below the text that rules dropped.
    `candidate` names the source; `warnings` are codes.
    """

    paragraphs: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    container: HtmlElement | None = None
    dropped: list[Block] = field(default_factory=list)
    candidate: str = "none"
    warnings: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    @property
    def credits(self) -> list[str]:
        """The lines with credits and initials that rules dropped."""
        return [block.text for block in self.dropped if block.rule in ("credit", "sign-off")]

    def __len__(self) -> int:
        return sum(map(len, self.paragraphs))


def read_page(
    document: Document, outlet: type[Outlet], title: str, headline: HtmlElement | None, keep: frozenset[str]
) -> TextPage:
    """Return the page's blocks after the rules of structure.

    If the outlet's own container holds a text below the headline, nothing outside the two is read.
    """
    body = document.tree.find("body")
    root = body if body is not None else document.tree
    descriptions = list(_descriptions(document))
    unwanted = frozenset(document.select(outlet.unwanted))
    containers = _own_containers(document, outlet)

    def ruled(region: Region | None = None) -> TextPage:
        page = TextPage(root, title, headline, descriptions, keep, unwanted, region)
        apply(STRUCTURE, page.blocks, page)
        return page

    if headline is not None and containers and is_before(headline, containers[-1]):
        page = ruled(Region.of(headline, containers))
        if sum(block.weight for each in containers for block in page.under(each) if not block.rule) > _LEAD_ALONE:
            return page
    return ruled()


def _own_containers(document: Document, outlet: type[Outlet]) -> list[HtmlElement]:
    parts = _ALTERNATIVES.split(outlet.container or "")
    return next(filter(None, map(document.select, parts)), [])


def _descriptions(document: Document) -> Iterator[str]:
    data = document.structured
    yield from data.meta.get("og:description", ())
    yield from data.meta.get("description", ())
    yield from (one["description"] for one in data.articles if isinstance(one.get("description"), str))


def read_body(document: Document, outlet: type[Outlet], page: TextPage) -> tuple[Body, Story | None]:
    """Return the article's text, and its story in the page's scripts if these had to be searched."""
    candidate = choose(page, _declared_containers(document, outlet))
    body = _from_blocks(page, candidate) if candidate else Body()
    stated = document.structured.article.get("articleBody")
    stated = "\n".join(part for part in stated if isinstance(part, str)) if isinstance(stated, list) else stated
    if isinstance(stated, str):
        body = _longer(body, "json-ld", stated, page)
    story = None
    if len(body) < _LEAD_ALONE or not document.structured.article.get("datePublished"):
        story = story_of(document.index.tagged("script"), [page.title, *document.structured.meta.get("og:title", ())])
        if story and len(body) < _LEAD_ALONE:
            body = _longer(body, "page-data" if story.headline else "page-text", story.body, page)
    return body, story


def _declared_containers(document: Document, outlet: type[Outlet]) -> Iterator[tuple[str, Sequence[HtmlElement]]]:
    yield "outlet", _own_containers(document, outlet)
    parts = (part for one in PLATFORMS for part in _ALTERNATIVES.split(one.container or ""))
    for part in parts:
        # Any site may have an <article>, which holds more than the text.
        if not part.isalpha():
            yield "platform", document.select(part)


def _from_blocks(page: TextPage, candidate: Candidate) -> Body:
    if page.headline >= 0:
        page.blocks[page.headline].rule = "title"
    for block in page.blocks:
        if block.rule is None and not candidate.holds(block) and not _is_lead(block, page, candidate):
            block.rule = "title" if block.index == page.headline else "outside"
    kept = [block for block in page.blocks if block.rule is None]
    page.begin_edges(kept)
    apply(EDGES, kept, page)
    kept = [block for block in kept if block.rule is None]
    last = kept[-1].index if kept else candidate.end
    return Body(
        paragraphs=[block.text for block in kept],
        blocks=kept,
        container=_holder(kept, page),
        dropped=[b for b in page.blocks[page.headline + 1 : last + 1 + _BELOW] if b.rule not in (None, "next-story")],
        candidate=candidate.name,
        warnings=[*([] if candidate.is_agreed else ["text-unsure"]), *_much_dropped(page, candidate)],
    )


def _is_lead(block: Block, page: TextPage, candidate: Candidate) -> bool:
    if not page.headline < block.index < candidate.start:
        return False
    return block.is_sentence or (block.length > _LEAD and block.share < 0.3) or page.is_described(block)


def _holder(blocks: Sequence[Block], page: TextPage) -> HtmlElement | None:
    if not blocks:
        return None
    start, end = blocks[0].index, blocks[-1].index
    around = (
        element for element in blocks[0].path if page.ranges[element][0] <= start and page.ranges[element][1] > end
    )
    return list(around)[-1]


def _much_dropped(page: TextPage, candidate: Candidate) -> list[str]:
    blocks = page.blocks[candidate.start : min(candidate.end, page.next_story)]
    total = page.weight_between(candidate.start, min(candidate.end, page.next_story))
    dropped: Counter[str] = Counter()
    for block in blocks:
        if block.rule not in (None, "repeat", "title"):
            dropped[block.rule] += block.weight
    return [f"text-dropped:{rule}" for rule, weight in dropped.items() if weight > _DROPPED_SHARE * total]


def _longer(body: Body, name: str, story: str, page: TextPage) -> Body:
    """Return the text of a story from page data if it has more sentences than the page shows, else the body."""
    if len(story) < _LONGER * len(body):
        return body
    blocks = [block for block in PageBlocks(parse(f"<div>{story_html(story)}</div>")).blocks if _is_text(block, page)]
    weight, own = (sum(block.weight for block in each) for each in (blocks, body.blocks))
    if own >= _SOME and body.candidate in IN_CONTAINER and not _share_a_sentence(blocks, body.blocks):
        return body
    if weight <= _LONGER * own + _SOME or (len(blocks) < 3 and len(body) >= _LEAD_ALONE):
        return body
    for block in body.blocks:
        block.rule = "replaced"
    return Body([block.text for block in blocks], candidate=name, warnings=["text-unsure"] if body.paragraphs else [])


def _share_a_sentence(blocks: Sequence[Block], others: Sequence[Block]) -> bool:
    text = "".join(block.folded for block in blocks)
    return any(other.weight and other.folded in text for other in others)


def _is_text(block: Block, page: TextPage) -> bool:
    if "figure" in block.inside or _PROMPT.match(block.text) or block.folded == page.folded_title:
        return False
    return block.share <= 0.85 or ends_sentence(block.text)
