"""Where on a page its article stands: where the outlet says, where publishing systems put it, or where text is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import dropwhile, islice, takewhile

from lxml.html import HtmlElement

from crawler.extraction.blocks.block import Block, walk_blocks
from crawler.extraction.blocks.column import is_sentence, is_summary, size_of
from crawler.extraction.blocks.junk import Junk
from crawler.extraction.candidates.next_story import of_first_story
from crawler.extraction.page.document import UNREAD, Document, has_text, text_of

# Containers of the publishing systems met (research bengali.md §5), the surest first.
KNOWN_CONTAINERS = (
    "[itemprop~=articleBody]",
    "#contentDetails, #DDetailsBody",
    "div.jw_article_body, .jw_detail_content_holder",
    "div.story-element-text",
    "div.td-post-content, .entry-content, .content-inner, .single-content",
    "article[class*=detailsBody], div.newsArticle, div.detailsArea",
    ".desktopDetailBody, #myText, article.pd-body, .story-details, .section-content",
    ".article-body, .article__body, .article-content, .article_content, .story-body, .story-content, .post-body",
    ".news-content, .news-details, .news_details, .details-content, .content-details, #news-content, #newsContent",
    "div.post-content, div.post_content, section.post-content, .elementor-widget-theme-post-content",
    ".field--name-body, .field-name-body, .item-page, #article-body, .articleBody, .article-details",
    ".single-post-content",
)
_ENOUGH = 60
# No box has so much text; paragraphs with this share of a container's between the headline and it are a text.
_LONG, _LITTLE = 1500, 0.7
_PARTS = 3
_TITLES = frozenset({"h1", "h2"})

# The <article> around an element, and how many headlines stand before it.
Story = tuple[HtmlElement | None, int]


def declared(document: Document, selector: str | None, headline: HtmlElement | None) -> list[HtmlElement]:
    """Return the elements of an outlet's own container; parts between commas are tried in their order."""
    for part in parts(selector):
        if found := of_one_article(document, document.select(part), headline):
            return found
    return []


def known_containers(document: Document, headline: HtmlElement | None) -> Iterator[list[HtmlElement]]:
    for selector in KNOWN_CONTAINERS:
        if found := of_one_article(document, document.select(selector), headline):
            yield found


def parts(selector: str | None) -> list[str]:
    """Return the alternatives of a selector; commas inside brackets part nothing."""
    found, depth, start = [], 0, 0
    text = selector or ""
    for position, character in enumerate(f"{text},"):
        depth += (character in "([") - (character in ")]")
        if character == "," and not depth:
            found.append(text[start:position].strip())
            start = position + 1
    return [part for part in found if part]


def of_one_article(
    document: Document, elements: Sequence[HtmlElement], headline: HtmlElement | None
) -> list[HtmlElement]:
    """Return the elements that hold the article under the headline, not those of other stories in the same markup."""
    outermost = _outermost(elements) if len(elements) > 1 else elements
    if len(outermost) < 2:
        return list(filter(has_text, outermost))
    # Some pages hold the text twice, for the desk and for the hand.
    texts = {element: text_of(element) for element in outermost}
    first: dict[str, HtmlElement] = {}
    for element, text in texts.items():
        first.setdefault(text, element)
    filled = [element for text, element in first.items() if text]
    filled = [element for element in filled if not document.asides.hold(element)] or filled
    heads = [document.order[element] for element in document.headlines(headline)]
    groups: dict[Story, list[HtmlElement]] = {}
    for element in filled:
        above = sum(head < document.order[element] for head in heads)
        groups.setdefault((next(element.iterancestors("article"), None), above), []).append(element)
    own = 0 if headline is None else sum(head <= document.order[headline] for head in heads)
    ranked = sorted(groups.items(), key=lambda group: group[0][1] != own)
    for _, group in ranked:
        if sum(len(texts[element]) for element in group) >= _ENOUGH:
            return of_first_story(document, _alike(group, texts))
    return ranked[0][1] if ranked else []


def stand_as_story(
    document: Document, containers: Sequence[HtmlElement], headline: HtmlElement | None, size: int
) -> bool:
    """Return whether containers hold the story: not aside, before the headline, or below another text."""
    first, order = containers[0], document.order
    if headline is None:
        return size >= _LONG or not document.asides.hold(first)
    if first in headline.iterancestors():
        return True
    if size < _LONG and order[first] < order[headline] and headline.tag in _TITLES:
        return False
    # What holds both is no aside, whatever its name.
    if size < _LONG and document.asides.hold(first) and not document.asides.hold(headline):
        return False
    # Of cards there are many.
    size = min(size, _PARTS * size // len(containers))
    return size >= _LONG or not _is_below_text(document, headline, first, size)


def _is_below_text(document: Document, headline: HtmlElement, container: HtmlElement, size: int) -> bool:
    here, end = document.order[headline], document.order[container]
    between = islice(document.order, here + 1, end)
    # To read blocks takes long, and most pages have little there.
    shown = (element for element in between if element.tag not in UNREAD)
    texts = (text.strip() for element in shown for text in (element.text, element.tail) if text)
    if sum(map(len, texts)) < size * _LITTLE:
        return False
    # One paragraph is a standfirst or a caption, a list has key points.
    told = [block for block in _between(document, headline, container) if _is_of_column(document, block)]
    return len(told) > 1 and size_of(told) >= size * _LITTLE


def _between(document: Document, headline: HtmlElement, container: HtmlElement) -> Iterator[Block]:
    above = set(container.iterancestors())
    around = next((element for element in headline.iterancestors() if element in above), document.tree)
    here, end = document.order[headline], document.order[container]
    blocks = walk_blocks(around, Junk(around).holds, end=container)
    below = dropwhile(lambda block: document.order.get(block.element, 0) < here, blocks)
    # Where the container stands in what is junk there, the reading goes on behind it.
    return takewhile(lambda block: document.order.get(block.element, 0) < end, below)


def _is_of_column(document: Document, block: Block) -> bool:
    if block.kind != "paragraph" or not is_sentence(block) or is_summary(block):
        return False
    return block.element is None or not document.asides.hold(block.element)


def _outermost(elements: Sequence[HtmlElement]) -> list[HtmlElement]:
    chosen = set(elements)
    return [element for element in elements if not any(parent in chosen for parent in element.iterancestors())]


def _alike(group: list[HtmlElement], texts: Mapping[HtmlElement, str]) -> list[HtmlElement]:
    first = next((element for element in group if len(texts[element]) >= _ENOUGH), group[0])
    if len(group) == 1:
        return group
    holder = first.getparent()
    for _ in range(3):
        if holder is None or sum(1 for element in group if holder in element.iterancestors()) > 1:
            break
        holder = holder.getparent()
    return [element for element in group if element is first or holder in element.iterancestors()]
