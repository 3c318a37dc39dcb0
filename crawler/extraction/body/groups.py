"""Groups of blocks whose structure proves what they are: cards of other stories, small boxes, the next story."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import accumulate, takewhile

from lxml.html import HtmlElement

from crawler.extraction import vocabulary
from crawler.extraction.body.block import HEADINGS, Block
from crawler.extraction.body.reader import PageBlocks
from crawler.extraction.page.naming import NO_TOKENS, words_of

_AUTHOR_WORDS = vocabulary.name_words("author")
_BOX_WORDS = vocabulary.name_words("box")
_NEXT_WORDS = vocabulary.name_words("next")

# A card has a title, a lead, a date and few other lines.
_MOST_BLOCKS, _LONGEST_LEAD, _MOST_SENTENCES = 8, 500, 2
# A link with this share of a line is the line; a title is this long.
_WHOLLY_LINKED, _TITLE = 0.8, range(15, 300)
_REPEATS = 3
# A headline with less text below it is no story.
_STORY = 150
_NO_CARDS = frozenset({"p", "blockquote", "td"})
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|webp|gif|svg)(?:\?|$)|share|facebook|twitter|youtube|youtu\.be|play\.google|amazon\.", re.I
)
_DIGITS = re.compile(r"[\d_]+")
_NO_ADDRESS = ("#", "javascript", "mailto", "tel", "whatsapp")


def mark_cards(page: PageBlocks) -> int:
    """Mark the blocks of cards, and return the number of cards.

    A card is one of two or more alike siblings, each with a linked title or picture and little other text.
    """
    number = 0
    families: defaultdict[HtmlElement | None, list[HtmlElement]] = defaultdict(list)
    for element in page.ranges:
        if element.tag not in _NO_CARDS:
            families[element.getparent()].append(element)
    # Inner families first: the cards of an outer one count only once.
    for parent in page.ranges:
        children = families.get(parent, [])
        if len(children) > 1 or (children and children[0].tag == "article"):
            number += _mark_alike(children, page)
    return number


def _mark_alike(children: list[HtmlElement], page: PageBlocks) -> int:
    signs = {child: _sign(child.tag, page.tokens_of(child)) for child in children}
    sizes = Counter(signs.values())
    several = [
        child
        for child in children
        # One <article> without a headline is a card too.
        if (sizes[signs[child]] > 1 or (child.tag == "article" and child.find(".//h1") is None))
        and page.size_of(child) <= _MOST_BLOCKS
    ]
    # Three alike parts with the same short link, such as "details", are cards too.
    links = Counter(text for child in several for text in set(_short_links(page.under(child))))
    number = 0
    for child in several:
        blocks = page.under(child)
        has_link = any(links[text] >= _REPEATS for text in _short_links(blocks))
        if _is_small(blocks) and (has_link or _is_titled(child, blocks)):
            number += not blocks[0].is_card
            for block in blocks:
                block.is_card = True
    return number


def _sign(tag: str, tokens: frozenset[str]) -> str:
    """Return what alike siblings share: the tag and class names without numbers."""
    if len(tokens) >= 4:  # WordPress gives each post its own tokens
        return f"{tag} many"
    return " ".join([tag, *sorted([_DIGITS.sub("", token) for token in tokens])[:2]])


def _is_small(blocks: list[Block]) -> bool:
    if any(block.kind == "row" for block in blocks):
        return False
    loose = sum(block.length for block in blocks if block.share < 0.5 and block.kind != "heading")
    return loose < _LONGEST_LEAD and sum(block.is_sentence for block in blocks) <= _MOST_SENTENCES


def _short_links(blocks: list[Block]) -> Iterator[str]:
    return (block.text for block in blocks if block.share > _WHOLLY_LINKED and block.length < _TITLE.start)


def _is_titled(card: HtmlElement, blocks: list[Block]) -> bool:
    links = [link for link in card.iter("a") if _is_address((link.get("href") or "").lower())]
    if links and any(b.share > _WHOLLY_LINKED and b.length in _TITLE and b.text[-1] not in "।." for b in blocks):
        return True
    # The link may be an overlay or around the picture.
    return any(12 <= block.length < 160 for block in blocks[:3]) and any(map(_is_overlay, links))


def _is_overlay(link: HtmlElement) -> bool:
    """Return whether a link has no text and leads to no image or sharing service."""
    return not _NO_PAGE.search(link.get("href")) and not "".join(link.itertext()).strip()


def _is_address(address: str) -> bool:
    return len(address) > 1 and not address.startswith(_NO_ADDRESS)


# A box holds few blocks and little of the page's text.
_BOX_BLOCKS, _PICTURE_BLOCKS, _PICTURE_SIZE = 14, 3, 350
# Without a control, the name of a smaller element proves something.
_NAMED_BLOCKS = 6
# A box about the author has a name and a few lines.
_AUTHOR_BLOCKS = range(2, 6)
# A box with a field for input is a form, whatever its name.
_FORM_BLOCKS = 5
_BOX_SHARE, _BOX_SIZE, _BOX_WEIGHT = 0.15, 200, 900
# A smaller box than _BOX_SIZE may be all of a brief.
_MOST_SHARE = 0.34
_NO_BOXES = frozenset({"p", "li", "td", "tr", "ul", "ol", "body", "main", "blockquote"}) | HEADINGS
# Links are a control if they hold this share of a box: not one link in a sentence.
_CONTROLS, _LINKED = ("button", "input", "form", "textarea", "iframe", "audio", "video"), 0.1


def mark_boxes(page: PageBlocks, weight: int) -> None:
    """Mark the blocks of small elements; `weight` is that of the page's sentences.

    `box`: a control and the name of a box, or a field for input; `named`: the name alone; `author`: a short line and a
    few others, with the name of an author's box; `picture`: a picture and its lines; `control`: a control and no
    sentence, or a button and a few lines.
    """
    lengths = list(accumulate([block.length for block in page.blocks], initial=0))
    for element, (start, end) in page.ranges.items():
        if end - start > _BOX_BLOCKS or element.tag in _NO_BOXES:
            continue
        blocks = page.blocks[start:end]
        own, size = page.weight_between(start, end), lengths[end] - lengths[start]
        if is_picture := _is_picture(element, blocks, size):
            for block in blocks:
                block.is_pictured = True
        if (own > _BOX_SHARE * weight and size > _BOX_SIZE) or own > min(_BOX_WEIGHT, _MOST_SHARE * weight):
            continue
        kind = _box_kind(page, element, blocks, size, is_picture)
        for block in blocks if kind else ():
            if block.box in (None, "control", "named"):
                block.box = kind


def _box_kind(page: PageBlocks, element: HtmlElement, blocks: list[Block], size: int, is_picture: bool) -> str | None:
    count = len(blocks)
    if element.tag == "table":  # Blogger's picture with its caption
        return "picture" if count == 1 and next(element.iter("img"), None) is not None else None
    is_named = bool(page.tokens_of(element)) and not _BOX_WORDS.isdisjoint(words_of(element))
    linked = sum([block.linked for block in blocks])
    has_control = linked > _LINKED * size or next(element.iter(*_CONTROLS), None) is not None
    if count <= _FORM_BLOCKS and _asks_for_input(element):
        return "box"
    if is_named and count in _AUTHOR_BLOCKS and blocks[0].is_short and not _AUTHOR_WORDS.isdisjoint(words_of(element)):
        return "author"
    if is_named and (has_control or count <= _NAMED_BLOCKS):
        return "box" if has_control else "named"
    if is_picture:
        return "picture"
    is_notice = count <= _PICTURE_BLOCKS and next(element.iter("button"), None) is not None
    return "control" if is_notice or (has_control and not page.weight_of(element)) else None


def _is_picture(element: HtmlElement, blocks: list[Block], size: int) -> bool:
    """Return whether an element has a picture and few lines: its caption. A heading makes a part of a text."""
    if len(blocks) > _PICTURE_BLOCKS or size >= _PICTURE_SIZE or any(block.kind == "heading" for block in blocks):
        return False
    if len({"figcaption" in block.inside for block in blocks}) > 1:
        return False
    if next(element.iter("img", "picture"), None) is None:
        return False
    # A sentence before the picture is no caption.
    first = blocks[0].element if blocks[0].is_sentence else None
    parts = takewhile(lambda part: part is not first or part is element, element.iter())
    return any(part.tag in ("img", "picture") for part in parts)


def _asks_for_input(element: HtmlElement) -> bool:
    return any(child.get("type") not in ("hidden", "checkbox") for child in element.iter("input", "textarea"))


def next_story(page: PageBlocks, headline: int) -> int:
    """Return the index of the first block of the next story of an infinite scroll, else len(blocks).

    It begins with a heading in another <article>, in a sibling like an element around the headline, or with an <h1>
    or a heading like the headline, in an element without text before it.
    """
    none = len(page.blocks)
    if headline < 0 or page.blocks[headline].level not in ("h1", "h2"):
        return none
    top = page.blocks[headline]
    mates = {(element.getparent(), element.tag, page.tokens_of(element)): element for element in top.path[1:]}
    for block in page.blocks[headline + 1 :]:
        if block.level not in ("h1", "h2") or block.is_card:
            continue
        if block.share > _WHOLLY_LINKED and _NEXT_WORDS.isdisjoint(words_of(block.path[-2])):
            continue
        element = _begins_story(block, top, mates, page)
        if element is not None:
            return page.ranges[element][0]
    return none


def _begins_story(
    block: Block, top: Block, mates: dict[tuple[object, str, frozenset[str]], HtmlElement], page: PageBlocks
) -> HtmlElement | None:
    """Return the element in which another story begins with a heading, None if the heading is in the same story."""
    article = block.inside.get("article")
    if article is not None and article is not top.inside.get("article") and block.level == top.level == "h1":
        return article
    for element in block.path[1:]:
        mate = mates.get((element.getparent(), element.tag, page.tokens_of(element)))
        is_alike = mate is not None and mate is not element and element.tag not in HEADINGS and element in page.ranges
        if is_alike and block.level == top.level and page.weight_of(mate):
            return element
    holder = block.path[-2]
    style = page.tokens_of(block.path[-1])
    is_alike = style != NO_TOKENS and style == page.tokens_of(top.path[-1])
    is_repeated = _repeats_markup(holder, top, page)
    is_headline = block.level == "h1" or is_alike or is_repeated or not _NEXT_WORDS.isdisjoint(words_of(holder))
    if not is_headline or holder in top.path or page.weight_between(page.ranges[holder][0], block.index):
        return None
    is_after_text = page.weight_between(top.index, block.index) > _STORY
    return holder if is_after_text and page.weight_of(holder) else None


def _repeats_markup(holder: HtmlElement, top: Block, page: PageBlocks) -> bool:
    """Return whether an element has a part of the same class as the element around the first sentence of the story."""
    first = next((block for block in page.blocks[top.index :] if block.weight), None)
    around = first.path[-2] if first and len(first.path) > 1 else None
    if around is None or around in top.path or not page.tokens_of(around):
        return False
    return any(page.tokens_of(part) == page.tokens_of(around) for part in holder.iterdescendants(around.tag))
