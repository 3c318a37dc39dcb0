"""Which pages are refused, and why: errors, challenges, listings and empty pages."""

import re
from collections import Counter
from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.bengali.sections import is_section
from crawler.extraction import vocabulary
from crawler.extraction.body.block import Block, ends_sentence
from crawler.extraction.body.body import FROM_DATA, IN_CONTAINER, Body
from crawler.extraction.body.page import TextPage
from crawler.extraction.page.document import Document, has_text, text_of
from crawler.extraction.page.limits import NotAnArticle
from crawler.extraction.page.structured import types
from crawler.model.addresses import is_front_page
from crawler.model.listing import Page
from crawler.outlets.outlet import Outlet
from crawler.outlets.signs import (
    GUARD_SCRIPTS,
    LISTING_PATHS,
    NOT_FOUND_CLASSES,
    first_part,
    is_challenge,
    page_reason,
    sentence_reason,
    sentences_of,
    title_reason,
)

_DATE = vocabulary.pattern("date")

_SIGNATURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"\0\0\1\0")
_BLANK = b"\xef\xbb\xbf \t\r\n"
_XML_ROOT = re.compile(rb"<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b")
_TEXT_TYPES = re.compile(r"html|xml|text/plain|octet-stream|^\s*$", re.I)
_STATUS_REASONS = {401: "challenge", 403: "challenge", 404: "not-found", 410: "not-found", 429: "challenge"}
_MESSAGES = {
    "challenge": "the site asks for proof of a human reader or for a consent",
    "error-page": "the page says that the site failed",
    "not-found": "the page says that it was not found",
    "static-page": "the page is about the site",
    "listing": "the page only lists articles",
    "empty": "no text of an article is on the page",
}
# A page of this size holds no article beside a challenge; a body of this size may be a message and nothing else.
_CHALLENGE_SIZE, _MESSAGE_BODY = 2500, 1500
_SMALLEST_BODY = 25
# A page with less text than this beside a field for a password holds no story.
_LEAST_STORY = 300
# A listing has this many stories; an article has fewer related ones, or a text.
_FEW_STORIES = 5
# Characters of sentences: less is no text; a brief; a longer description of a section is rare.
_NOTHING, _BRIEF, _STORY = 60, 250, 600
# The name of a section has at most this many words, its description as many paragraphs; a verse has this many lines.
_SECTION_WORDS, _DESCRIPTION, _VERSE = 3, 2, 4
# A line with this share and this number of linked characters is a story's title.
_LINKED, _TITLE = 0.6, 15
_LISTING_TYPES = frozenset({"collectionpage", "searchresultspage"})


def refuse_bytes(page: Page) -> None:
    """Raise NotAnArticle for a response that is an error or not HTML, by its status, type and first bytes."""
    if page.http_status >= 400:
        reason = _STATUS_REASONS.get(page.http_status, "error-page")
        raise NotAnArticle(reason, f"the server answered {page.http_status}")
    if not page.body or page.body.isspace():
        raise NotAnArticle("empty", "the page has no content")
    kind = (page.content_type or "").partition(";")[0]
    start = page.body[:16384].lstrip(_BLANK)
    if not _TEXT_TYPES.search(kind) or start.startswith(_SIGNATURES) or start[:1] in {b"{", b"["}:
        raise NotAnArticle("not-html", f"the page is {kind or 'something'} and not HTML")
    if _XML_ROOT.match(_without_prologue(start)):
        raise NotAnArticle("not-html", "this is a feed or sitemap")


def _without_prologue(start: bytes) -> bytes:
    while start.startswith((b"<!--", b"<?")):
        start = start.partition(b"-->" if start.startswith(b"<!--") else b"?>")[2].lstrip(_BLANK)
    return start


def refuse_page(document: Document) -> None:
    """Raise NotAnArticle for markup that only challenges, errors and missing pages have."""
    tree = document.tree
    body = tree.find("body")
    if body is not None and NOT_FOUND_CLASSES & set((body.get("class") or "").split()):
        raise NotAnArticle("not-found", _MESSAGES["not-found"])
    if tree.get("id") == "__next_error__":
        raise NotAnArticle("error-page", _MESSAGES["error-page"])
    if not has_text(tree if body is None else body, _CHALLENGE_SIZE) and is_challenge(*_marks(tree)):
        raise NotAnArticle("challenge", _MESSAGES["challenge"])


def _marks(tree: HtmlElement) -> list[str]:
    loaded = [f"{element.get('src') or ''} {element.text or ''}" for element in tree.iter("script", "iframe")]
    marked = [f'id="{element.get("id")}"' for element in tree.iter("div", "form", "h1", "h2") if element.get("id")]
    return [*loaded, *marked]


def refuse_body(page: Page, outlet: type[Outlet], document: Document, text: TextPage, body: Body) -> None:
    if reason := _message(document, text, body):
        raise NotAnArticle(reason, _MESSAGES[reason])
    if outlet.key_of(page.url) is None and (reason := _of_the_site(document, text, body)):
        raise NotAnArticle(reason, _MESSAGES[reason])
    # Without a headline and a sentence, lines are those of the page around an article.
    is_shown = text.headline >= 0 or body.candidate in FROM_DATA or any(map(_is_any_sentence, body.blocks))
    if len(body) < _SMALLEST_BODY or not is_shown:
        raise NotAnArticle("empty", _MESSAGES["empty"])


def _message(document: Document, text: TextPage, body: Body) -> str | None:
    """Return the reason if the page is only a message: by its title, or by the first sentences of a short text."""
    is_declared = _declares_article(document) or _is_in_container(body)
    if is_declared and len(body) >= _SMALLEST_BODY and not _opens_as_message(body):
        return None
    titles = [document.structured.title, text.title]
    reasons = [title_reason(title) for title in titles] + [sentence_reason(text.title)]
    if len(body) < _MESSAGE_BODY:
        reasons += map(sentence_reason, _first_sentences(body, 4))
        reasons.append("not-found" if _has_not_found_class(document) else None)
        reasons.append("challenge" if _asks_for_more(document, body) else None)
    return next(filter(None, reasons), None)


def _opens_as_message(body: Body) -> bool:
    return len(body) < _LEAST_STORY and any(map(sentence_reason, _first_sentences(body, 1)))


def _is_in_container(body: Body) -> bool:
    """Return whether sentences are in a container of articles, whose pages are no messages."""
    return body.candidate in IN_CONTAINER and any(block.is_sentence for block in body.blocks)


def _declares_article(document: Document) -> bool:
    data = document.structured
    return bool(data.article or data.meta.get("article:published_time"))


def _asks_for_more(document: Document, body: Body) -> bool:
    """Return whether a page holds a guard's script and no text, or hardly more than a field for a password."""
    if len(body) < _SMALLEST_BODY and GUARD_SCRIPTS.search("\n".join(_marks(document.tree))):
        return True
    return bool(document.select("input[type=password]")) and len(text_of(document.tree)) < _LEAST_STORY


def _first_sentences(body: Body, count: int) -> list[str]:
    return [sentence for text in body.paragraphs[:count] for sentence in sentences_of(text)][:count]


def _has_not_found_class(document: Document) -> bool:
    elements = document.tree.iter("div", "section", "main", "article")
    return any(NOT_FOUND_CLASSES & set((element.get("class") or "").split()) for element in elements)


def _of_the_site(document: Document, text: TextPage, body: Body) -> str | None:
    """Return the reason if the page is about the site or lists stories, by its title or by its cards."""
    if _declares_article(document):
        return None
    titles = [text.title or document.structured.title] + (body.paragraphs[:1] if text.headline < 0 else [])
    reason = next(filter(None, map(page_reason, titles)), None)
    if reason or is_listing(document, text, body):
        return reason or "listing"
    own = sum(block.length for block in body.blocks if block.is_sentence)
    return "empty" if text.headline < 0 and own < _BRIEF and body.candidate == "element" else None


def is_listing(document: Document, text: TextPage, body: Body) -> bool:
    """Return whether a page that declares no article lists stories: by address, data, or cards without a body."""
    if is_front_page(document.url) or LISTING_PATHS.search(document.url):
        return True
    if any(types(thing) & _LISTING_TYPES for thing in document.structured.json_ld):
        return True
    stories = text.cards + sum(_is_story_link(block) for block in text.blocks if not block.is_card)
    sentences = [block for block in body.blocks if _is_any_sentence(block) and not _is_lead_of_link(block, text)]
    own = sum(block.length for block in sentences)
    if stories < _FEW_STORIES:
        return False
    if body.candidate in FROM_DATA:
        # A text without a headline beside it may be a section's.
        return body.candidate == "page-text" and not _has_headline(text)
    if _has_verse(body) or _longest_run(sentences) > _DESCRIPTION:
        return False
    in_cards = sum(block.weight for block in text.blocks if block.is_card)
    is_story = (
        own >= max(_STORY, in_cards) or (text.headline >= 0 and _has_headline(text)) or _has_date_above(text, body)
    )
    return own < _NOTHING or not is_story


def _is_any_sentence(block: Block) -> bool:
    """Return whether a block is a sentence of any length."""
    return block.is_sentence or (block.kind == "paragraph" and not block.linked and ends_sentence(block.text))


def _longest_run(sentences: Sequence[Block]) -> int:
    """Return the most blocks of sentences that follow each other: teasers have titles between them."""
    longest = run = 0
    for before, block in zip([None, *sentences], sentences, strict=False):
        run = run + 1 if before is not None and block.index == before.index + 1 else 1
        longest = max(longest, run)
    return longest


def _has_verse(body: Body) -> bool:
    """Return whether lines without sentences follow each other in one element, as in a poem."""
    holders = Counter(block.element for block in body.blocks if block.kind == "paragraph")
    return max(holders.values(), default=0) >= _VERSE and not any(block.is_sentence for block in body.blocks)


def _has_headline(text: TextPage) -> bool:
    """Return whether the title is a headline, and not the name of a section."""
    name = first_part(text.title)
    return len(name.split()) > _SECTION_WORDS and not is_section(name)


def _has_date_above(text: TextPage, body: Body) -> bool:
    first = body.blocks[0].index if body.blocks else 0
    return any(
        _DATE.search(block.text) and not block.is_card for block in text.blocks[max(0, text.headline - 2) : first]
    )


def _is_story_link(block: Block) -> bool:
    return block.share > _LINKED and (block.kind == "heading" or block.linked > _TITLE)


def _is_lead_of_link(block: Block, text: TextPage) -> bool:
    """Return whether a block follows the linked title of another story in the same element."""
    before = text.blocks[block.index - 1] if block.index else None
    return before is not None and _is_story_link(before) and before.path[:-1] == block.path[:-1]
