"""The article's text: from its container in the tree, or from the page's own data when its HTML holds none.

Trafilatura only locates the text, because it deletes the joiners of Bengali.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from lxml.html import HtmlElement

from crawler.bengali.language import is_legacy
from crawler.bengali.text import fold, folds_to, normalize
from crawler.extraction.blocks.block import Block, Body, blocks_of
from crawler.extraction.blocks.junk import is_linked
from crawler.extraction.candidates.container import declared, known_containers, stand_as_story
from crawler.extraction.candidates.search import located_blocks, place_of
from crawler.extraction.page.document import Document, parse, text_of
from crawler.extraction.page.jsonld import plain, written_once
from crawler.extraction.page.page_data import Story, story_of
from crawler.extraction.rules.boxes import without_boxes
from crawler.extraction.rules.furniture import without_furniture
from crawler.extraction.rules.text_edges import Surroundings, after_dates
from crawler.extraction.words import ends_sentence
from crawler.outlets.outlet import Outlet

# Many Bengali briefs have 150 to 250 characters; in a container with less text than this the search goes on.
BRIEF = 60
# JSON-LD and page data replace a container that lacks this much of them.
_COVERED = 0.5
_BESIDE = 0.3
# They tell what of a container is no part of it when they and it agree in this share.
_AGREED = 0.7
_SENTENCE, _LONG, _PIECE = 40, 300, 30
_PLACES, _FEW_PLACES, _PLACE = 16, 2, 40
_PARAGRAPH_MARKUP = re.compile(r"<(?:p|br|div|h[1-6]|li)\b", re.I)
_ESCAPED = re.compile(r"&(?:amp;)*lt;")
_GLUED_SENTENCES = re.compile(r"(?<=[।!?])(?=[^\s'’”\")।!?\d০-৯])|(?<=[a-z]{2}[.?!])(?=[A-Z])")


def read_body(
    document: Document, outlet: type[Outlet], headline: HtmlElement | None, known: Surroundings
) -> tuple[Body, Story | None]:
    """Return the article's body, and its story in the page's scripts where that had to be looked at."""
    body, sure = _from_tree(document, outlet, headline, known)
    told = document.structured.article.get("articleBody")
    told = written_once(told) if isinstance(told, str) else ""
    if told and not _adds_nothing(body, told):
        body = _fuller(document, body, Body(_paragraphs(story_blocks(told), known)), sure)
        body.paragraphs = _witnessed(body.paragraphs, told)
    data = document.structured
    if sure and data.article.get("datePublished"):
        return body, None
    # Slow where a site puts megabytes of data into its pages, so only where something is missing.
    story = story_of(document.index.tagged("script"), [known.title, *data.meta.get("og:title", ())])
    if story:
        body = _fuller(document, body, Body(_paragraphs(story_blocks(written_once(story.body)), known)), sure)
    if len(body) < BRIEF:
        captions = Body(*captions_of(document, headline, _containers(document, outlet, headline)))
        body = max(body, captions, key=len)
    return body, story


def _adds_nothing(body: Body, told: str) -> bool:
    """Return whether the page's data has much less text than a body, or samples of it are in the body."""
    if len(told) < 0.4 * len(body):
        return True
    step = len(told) // _PLACES
    if step <= _PLACE:
        return False
    text = body.text
    places = (told[at * step : at * step + _PLACE] for at in range(_PLACES))
    # Most stand there letter by letter; rules of signs may too, and tell nothing.
    others = [place for place in places if place not in text or not any(map(str.isalpha, place))]
    have = fold(text) if others else ""
    return sum(not folded or folded not in have for folded in map(fold, others)) <= _FEW_PLACES


def _fuller(document: Document, body: Body, told: Body, sure: bool) -> Body:
    """Return the text of the page's data if the body lacks most of it, unless it is that of another story."""
    if len(told) < 0.8 * len(body):
        return body
    shared = _shared(body, told)
    if sure and not shared and _tells(body):
        shown = _shared(Body([text_of(document.tree)]), told)
        return told if shown >= _COVERED else body
    return told if shared < _COVERED else body


def _from_tree(
    document: Document, outlet: type[Outlet], headline: HtmlElement | None, known: Surroundings
) -> tuple[Body, bool]:
    best = doubted = Body()
    boxes: list[HtmlElement] = []
    for containers in _containers(document, outlet, headline):
        blocks = _after_headline([block for element in containers for block in blocks_of(element)], headline)
        body = Body(_paragraphs(_own(blocks, headline, known), known), containers, _edges(blocks))
        if len(body) >= BRIEF:
            if stand_as_story(document, containers, headline, len(body)):
                return body, True
            boxes += containers
            doubted = max(doubted, body, key=len)
        else:
            best = max(best, body, key=len)
    blocks, holder = located_blocks(document, headline, boxes)
    blocks = _after_headline(blocks, headline)
    kept = without_furniture(_own(blocks, headline, known), known)
    holders = [holder] if holder is not None else [block.element for block in kept if block.element is not None]
    located = Body(
        [block.text for block in kept], list(dict.fromkeys(holders)), _edges(_after_title(blocks, known.title))
    )
    # A holder under the headline is the story's, whatever the page's data tells.
    sure = holder is not None and headline is not None and document.order[holder] > document.order[headline]
    if not _tells(located) or len(located) < _BESIDE * len(doubted) / (len(doubted.containers) or 1):
        return max(best, doubted, key=len), False
    return max(best, located, key=len), sure and len(located) > len(best)


def _own(blocks: Sequence[Block], headline: HtmlElement | None, known: Surroundings) -> list[Block]:
    """Return the blocks without boxes and what stands over the date: no box then, a subtitle would be text."""
    return without_boxes(blocks[after_dates(blocks, known.is_date) :] or blocks, headline, known.site_names)


def _tells(body: Body) -> bool:
    # In text typed for Bijoy's fonts a bar ends a sentence, and parts the words of a menu.
    told = (text for text in body.paragraphs if len(text) >= _SENTENCE)
    return len(body) >= _LONG or any(ends_sentence(text) or is_legacy(text) for text in told)


def _containers(document: Document, outlet: type[Outlet], headline: HtmlElement | None) -> Iterator[list[HtmlElement]]:
    if found := declared(document, outlet.container, headline):
        yield found
    yield from known_containers(document, headline)


def _after_headline(blocks: list[Block], headline: HtmlElement | None) -> list[Block]:
    at = place_of(headline, blocks)
    after = blocks[at + 1 :]
    return after if at >= 0 and any(map(_is_sentence, after)) else blocks


def _is_sentence(block: Block) -> bool:
    return len(block.text) >= _SENTENCE and ends_sentence(block.text)


def _after_title(blocks: Sequence[Block], title: str) -> Sequence[Block]:
    wanted = fold(title)
    at = next((i for i, block in enumerate(blocks[:20]) if folds_to(block.text, wanted)), -1)
    return blocks[at + 1 :]


def _edges(blocks: Sequence[Block]) -> list[str]:
    return [block.text for block in (*blocks[:5], *blocks[max(5, len(blocks) - 2) :])]


def _paragraphs(blocks: Sequence[Block], known: Surroundings) -> list[str]:
    return [block.text for block in without_furniture(blocks, known)]


def _shared(body: Body, told: Body) -> float:
    if told.paragraphs and set(told.paragraphs) <= set(body.paragraphs):
        return 1.0
    have = fold(body.text)
    paragraphs = map(fold, told.paragraphs)
    wanted = [text[start : start + _PIECE] for text in paragraphs for start in range(0, len(text), _PIECE)]
    found = sum(len(piece) for piece in wanted if piece in have)
    return found / max(sum(map(len, wanted)), 1)


def _witnessed(paragraphs: list[str], told: str) -> list[str]:
    """Return the paragraphs without sentences that are missing in the page's data, if both mostly agree."""
    said = fold(plain(told) or "")
    stands = [fold(text) in said for text in paragraphs]
    agreed = sum(len(text) for text, is_said in zip(paragraphs, stands, strict=True) if is_said)
    if agreed < _AGREED * sum(map(len, paragraphs)) or agreed < _AGREED * len(said):
        return paragraphs
    last = max((place for place, is_said in enumerate(stands) if is_said), default=0)
    return [
        text
        for place, (text, is_said) in enumerate(zip(paragraphs, stands, strict=True))
        if is_said or place > last or len(text) < _SENTENCE or not ends_sentence(text)
    ]


def story_blocks(story: str) -> list[Block]:
    """Return the blocks of a body that came as HTML, as lines, or as one line whose paragraphs were glued."""
    for _ in range(3):
        if _ESCAPED.search(story) and not _PARAGRAPH_MARKUP.search(story):
            story = html.unescape(story)
    if _PARAGRAPH_MARKUP.search(story):
        return blocks_of(parse(f"<div>{story}</div>"))
    lines = [line.strip() for line in normalize(story).split("\n") if line.strip()]
    if len(lines) == 1 and len(lines[0]) > 400:
        lines = [line.strip() for line in _GLUED_SENTENCES.split(lines[0]) if line.strip()]
    return [Block(line) for line in lines]


# Less is a credit, and, where nothing says whose a caption is, no sentence of a story.
_CAPTION, _SPOKEN = 30, 40


def captions_of(
    document: Document, headline: HtmlElement | None, containers: Iterable[list[HtmlElement]]
) -> tuple[list[str], list[HtmlElement]]:
    """Return the captions of a story in pictures, and their containers; one caption is no story."""
    around = [] if headline is None else [list(headline.iterancestors("article"))[:1]]
    for holders in (*containers, *around):
        told = _texts(_innermost(caption for holder in holders for caption in holder.iter("figcaption")))
        if len(told) > 1:
            return told, holders
    told = [text for text in _texts(_below(document, headline)) if len(text) >= _SPOKEN and ends_sentence(text)]
    return (told if len(told) > 1 else []), []


def _texts(captions: Sequence[HtmlElement]) -> list[str]:
    texts = filter(lambda text: len(text) >= _CAPTION, map(text_of, captions))
    return list(dict.fromkeys(map(normalize, texts)))


def _innermost(captions: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Return the captions that hold no other: to read nested ones takes the square of their time."""
    return [caption for caption in captions if caption.find(".//figcaption") is None]


def _below(document: Document, headline: HtmlElement | None) -> list[HtmlElement]:
    if headline is None:
        return []
    order, here = document.order, document.order[headline]
    end = min((order[head] for head in document.headlines(headline) if order[head] > here), default=len(order))
    below = _innermost(caption for caption in document.index.tagged("figcaption") if here < order[caption] < end)
    return [caption for caption in below if not is_linked(caption) and not document.asides.hold(caption)]
