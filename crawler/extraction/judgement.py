"""Which pages are refused, and why: before they are parsed, before they are read, and after."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from crawler.extraction.candidates.container import KNOWN_CONTAINERS
from crawler.extraction.candidates.listings import declares_a_day, is_linked, is_listing, title_of
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.jsonld import text_value
from crawler.extraction.page.limits import NotAnArticle
from crawler.extraction.page.structured import similarity
from crawler.extraction.words import ends_sentence
from crawler.outlets.signs import (
    GUARD_SCRIPTS,
    NOT_FOUND_CLASSES,
    is_challenge,
    page_reason,
    sentence_reason,
    sentences_of,
    title_reason,
)

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from crawler.extraction.blocks.block import Body
    from crawler.model.listing import Page
    from crawler.outlets.outlet import Outlet

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
    "listing": "the page lists articles and is none",
}

# A page of this size holds no article beside a challenge; a body of this size may be a message and nothing else.
_CHALLENGE_SIZE, _MESSAGE_BODY = 2500, 1500
_SMALLEST_BODY = 25

# How alike a described headline and a shown one are.
_ALIKE = 0.5

# A page with less text than this beside a field for a password holds no story.
_LITTLE = 300
_HEADINGS = ("h1", "h2", "h3", "h4")

# What tells soonest how much text a page shows; what shows none; and what tells the rest.
_SOONEST, _UNSHOWN = ("p", "a"), ("noscript", "template")
_TELLING = ("li", "h1", "h2", "h3", "span", "div", "strong", "em", "td")


def refuse_bytes(page: Page) -> None:
    """Raise NotAnArticle for an answer that is an error or no HTML, by its status, type and first bytes."""
    if page.http_status >= 400:
        reason = _STATUS_REASONS.get(page.http_status, "error-page")
        raise NotAnArticle(reason, f"the server answered {page.http_status}")
    if not page.body or page.body.isspace():
        raise NotAnArticle("empty", "the page has no content")
    kind = (page.content_type or "").partition(";")[0]
    start = page.body[:16384].lstrip(_BLANK)
    if not _TEXT_TYPES.search(kind) or start.startswith(_SIGNATURES) or start[:1] in {b"{", b"["}:
        raise NotAnArticle("not-html", f"this is no HTML page but {kind or 'something else'}")
    if _XML_ROOT.match(_without_prologue(start)):
        raise NotAnArticle("not-html", "this is a feed or sitemap")


def _without_prologue(start: bytes) -> bytes:
    """Return the start of a document without its XML declaration and comments."""
    while start.startswith((b"<!--", b"<?")):
        start = start.partition(b"-->" if start.startswith(b"<!--") else b"?>")[2].lstrip(_BLANK)
    return start


def refuse_page(document: Document) -> None:
    """Raise NotAnArticle for what only a challenge, an error or a missing page holds, whatever it says."""
    tree = document.tree
    body = tree.find("body")
    if body is not None and NOT_FOUND_CLASSES & set((body.get("class") or "").split()):
        raise NotAnArticle("not-found", _MESSAGES["not-found"])
    if tree.get("id") == "__next_error__":
        raise NotAnArticle("error-page", _MESSAGES["error-page"])
    if not _tells_much(tree) and len(text_of(tree)) < _CHALLENGE_SIZE and is_challenge(*_marks(tree)):
        raise NotAnArticle("challenge", _MESSAGES["challenge"])


def _tells_much(tree: HtmlElement) -> bool:
    """Tell a page that soon shows more text than a challenge has: to look for one in its scripts takes longer."""
    missing = _CHALLENGE_SIZE
    for element in chain(tree.iter(*_SOONEST, *_UNSHOWN), tree.iter(*_TELLING)):
        if element.tag in _UNSHOWN:
            missing += len("".join(element.itertext()))
        elif text := element.text:
            missing -= len(" ".join(text.split()))
            if missing <= 0:
                return True
    return False


def _marks(tree: HtmlElement) -> list[str]:
    """Return what the scripts and frames of a page load and do, and the ids of its parts."""
    loaded = [f"{element.get('src') or ''} {element.text or ''}" for element in tree.iter("script", "iframe")]
    marked = [f'id="{element.get("id")}"' for element in tree.iter("div", "form", "h1", "h2") if element.get("id")]
    return [*loaded, *marked]


def refuse_body(page: Page, outlet: type[Outlet], document: Document, headline: HtmlElement | None, body: Body) -> None:
    """Raise NotAnArticle for a page whose reading shows no article."""
    if reason := _message(document, outlet, headline, body):
        raise NotAnArticle(reason, _MESSAGES[reason])
    if outlet.key_of(page.url) is None and (reason := _of_the_site(document, headline, body)):
        raise NotAnArticle(reason, _MESSAGES[reason])
    if len(body) < _SMALLEST_BODY:
        raise NotAnArticle("empty", "no text of an article is on the page")


def _message(document: Document, outlet: type[Outlet], headline: HtmlElement | None, body: Body) -> str | None:
    """Return the reason for which a page with no story of its own is refused, None for every other page."""
    if _tells_a_story(document, outlet, body):
        return None
    titles = [document.structured.title, *_headings(document, headline)]
    told = [title_reason(title) for title in titles] + [sentence_reason(title) for title in titles[1:]]
    if len(body) < _MESSAGE_BODY:
        told += map(sentence_reason, _first_sentences(body, 4))
        told.append("not-found" if _has_not_found_class(document) else None)
        told.append("challenge" if _asks_for_more(document, body) else None)
    return next((reason for reason in told if reason), None)


def _tells_a_story(document: Document, outlet: type[Outlet], body: Body) -> bool:
    """Tell a page that declares an article, by its data or its markup, and whose text opens with no message."""
    opening = _first_sentences(body, 1) if len(body) < _LITTLE else []
    if len(body) < _SMALLEST_BODY or any(map(sentence_reason, opening)):
        return False
    if _describes_itself(document):
        return True
    known = {element for part in (outlet.container, *KNOWN_CONTAINERS) for element in document.select(part)}
    sentences = any(ends_sentence(text) for text in body.paragraphs)
    return sentences and any(element in known for element in body.containers)


def _describes_itself(document: Document) -> bool:
    """Tell whether the page's data calls it an article, or describes one whose headline the page shows."""
    data = document.structured
    if data.meta.get("article:published_time") or "article" in map(str.lower, data.meta.get("og:type", ())):
        return True
    shown = [document.structured.title, *document.texts("h1")]
    headlines = filter(None, (text_value(thing.get("headline")) for thing in data.articles))
    return any(similarity(headline, text) > _ALIKE for headline in headlines for text in shown)


def _asks_for_more(document: Document, body: Body) -> bool:
    """Tell a page that holds a guard's script and nothing else, or hardly more than a field for a password."""
    if len(body) < _SMALLEST_BODY and GUARD_SCRIPTS.search("\n".join(_marks(document.tree))):
        return True
    return bool(document.select("input[type=password]")) and len(text_of(document.tree)) < _LITTLE


def _headings(document: Document, headline: HtmlElement | None) -> list[str]:
    """Return the headline and the first heading of the page, those of teasers left out."""
    headings = [heading for heading in document.index.tagged(*_HEADINGS) if not is_linked(heading)]
    chosen = [headline] if headline is not None and not is_linked(headline) else []
    return [text_of(heading) for heading in (*chosen, *headings[:1])]


def _first_sentences(body: Body, count: int) -> list[str]:
    return [sentence for text in body.paragraphs[:count] for sentence in sentences_of(text)][:count]


def _has_not_found_class(document: Document) -> bool:
    elements = document.tree.iter("div", "section", "main", "article")
    return any(NOT_FOUND_CLASSES & set((element.get("class") or "").split()) for element in elements)


def _of_the_site(document: Document, headline: HtmlElement | None, body: Body) -> str | None:
    """Return the reason for which one of the site's own pages is refused, None for a story.

    WordPress calls every page an article: only what declares the day of its publication is one, whatever its title.
    """
    titles = [title_of(document, headline)] + (body.paragraphs[:1] if headline is None else [])
    reason = None if declares_a_day(document) else next(filter(None, map(page_reason, titles)), None)
    return reason or ("listing" if is_listing(document, headline, body) else None)
