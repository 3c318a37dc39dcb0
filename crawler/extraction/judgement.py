"""Which pages are refused, and why: errors, challenges, listings and empty pages."""

from __future__ import annotations

import re
from itertools import chain

from lxml.html import HtmlElement

from crawler.bengali.sections import is_section
from crawler.bengali.text import fold, normalize
from crawler.extraction.blocks.block import Body, blocks_of
from crawler.extraction.blocks.junk import is_linked, is_teaser
from crawler.extraction.candidates.container import KNOWN_CONTAINERS
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.jsonld import text_value, types
from crawler.extraction.page.limits import NotAnArticle
from crawler.extraction.page.structured import similarity
from crawler.extraction.words import ends_sentence
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

# Of listings: the linked headings they have at least, fewer where the page calls itself a site; the shortest headline
# that tells a story by itself; the text that tells one below a shorter headline.
_MANY_STORIES, _SOME_STORIES, _SHORTEST_HEADLINE = 8, 3, 16
_TITLE_GAPS = 2
_TEASER, _PARAGRAPH, _STORY = 300, 40, 120
_HEADINGS = ("h1", "h2", "h3", "h4")
_LISTING_TYPES = frozenset({"collectionpage", "searchresultspage"})


def title_of(document: Document, headline: HtmlElement | None) -> str:
    return text_of(headline) if headline is not None else document.structured.title


def is_listing(document: Document, headline: HtmlElement | None, body: Body) -> bool:
    """Tell a front page, section or archive. In doubt a page is an article: a short one has many links beside it."""
    if declares_article(document):
        return False
    if is_front_page(document.url) or any(types(thing) & _LISTING_TYPES for thing in document.structured.json_ld):
        return True
    if LISTING_PATHS.search(document.url) or _is_links(body):
        return True
    if headline is not None and _heads_a_story(headline, document, body):
        return False
    is_site = "website" in map(str.lower, document.structured.meta.get("og:type", ()))
    is_site = is_site or is_section(first_part(title_of(document, headline)))
    stories = story_links(document.tree)
    return (is_site and len(body) < _TEASER and stories >= _SOME_STORIES) or stories >= _MANY_STORIES


def _is_links(body: Body) -> bool:
    if any(map(ends_sentence, body.paragraphs)):
        return False
    links = (text_of(link) for container in body.containers for link in container.iter("a"))
    titles = {normalize(text) for text in links if text.count(" ") >= _TITLE_GAPS}
    return sum(text.startswith(tuple(titles)) for text in body.paragraphs) >= _SOME_STORIES


def _has_a_run(document: Document, body: Body) -> bool:
    """Tell a story, whose paragraphs follow each other, from the teasers of a listing: each has its own heading."""
    told, size, before = set(body.paragraphs), 0, None
    for element in document.index.tagged("p"):
        text = normalize(text_of(element))
        if len(text) < _PARAGRAPH or text not in told or not ends_sentence(text):
            continue
        size = size + len(text) if before is not None and element.getprevious() is before else 0
        if size >= _PARAGRAPH * 2:
            return True
        before = element
    return False


def declares_article(document: Document) -> bool:
    data = document.structured
    headlines = {fold(text_value(thing.get("headline")) or "") for thing in data.articles}
    return len(headlines) == 1 or bool(data.meta.get("article:published_time"))


def _heads_a_story(headline: HtmlElement, document: Document, body: Body) -> bool:
    if is_linked(headline):
        return False
    is_long = len(fold(text_of(headline))) >= _SHORTEST_HEADLINE
    return is_long or _text_below(headline, document, body) >= _STORY or _has_a_run(document, body)


def _text_below(headline: HtmlElement, document: Document, body: Body) -> int:
    order, told = document.order, set(body.paragraphs)
    start = order.get(headline, 0)
    linked = (order.get(heading, 0) for heading in document.index.tagged(*_HEADINGS) if is_linked(heading))
    end = min((position for position in linked if position > start), default=len(order))
    root = document.tree.find("body")
    return sum(
        len(block.text)
        for block in (blocks_of(root) if root is not None else ())
        if block.text in told and ends_sentence(block.text) and start < order.get(block.element, 0) < end
    )


def story_links(tree: HtmlElement) -> int:
    headings = tree.iter(*_HEADINGS)
    linked = sum(
        heading.find(".//a") is not None or next(heading.iterancestors("a"), None) is not None for heading in headings
    )
    return linked if linked >= _MANY_STORIES else max(linked, sum(map(is_teaser, tree.iter("div", "li", "article"))))


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
}
# A page of this size holds no article beside a challenge; a body of this size may be a message and nothing else.
_CHALLENGE_SIZE, _MESSAGE_BODY = 2500, 1500
_SMALLEST_BODY = 25
_ALIKE = 0.5
# A page with less text than this beside a field for a password holds no story.
_LITTLE = 300
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
    loaded = [f"{element.get('src') or ''} {element.text or ''}" for element in tree.iter("script", "iframe")]
    marked = [f'id="{element.get("id")}"' for element in tree.iter("div", "form", "h1", "h2") if element.get("id")]
    return [*loaded, *marked]


def refuse_body(page: Page, outlet: type[Outlet], document: Document, headline: HtmlElement | None, body: Body) -> None:
    if reason := _message(document, outlet, headline, body):
        raise NotAnArticle(reason, _MESSAGES[reason])
    if outlet.key_of(page.url) is None and (reason := _of_the_site(document, headline, body)):
        raise NotAnArticle(reason, _MESSAGES[reason])
    if len(body) < _SMALLEST_BODY:
        raise NotAnArticle("empty", "no text of an article is on the page")


def _message(document: Document, outlet: type[Outlet], headline: HtmlElement | None, body: Body) -> str | None:
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
    opening = _first_sentences(body, 1) if len(body) < _LITTLE else []
    if len(body) < _SMALLEST_BODY or any(map(sentence_reason, opening)):
        return False
    if _describes_itself(document):
        return True
    known = {element for part in (outlet.container, *KNOWN_CONTAINERS) for element in document.select(part)}
    sentences = any(ends_sentence(text) for text in body.paragraphs)
    return sentences and any(element in known for element in body.containers)


def _describes_itself(document: Document) -> bool:
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
    headings = [heading for heading in document.index.tagged(*_HEADINGS) if not is_linked(heading)]
    chosen = [headline] if headline is not None and not is_linked(headline) else []
    return [text_of(heading) for heading in (*chosen, *headings[:1])]


def _first_sentences(body: Body, count: int) -> list[str]:
    return [sentence for text in body.paragraphs[:count] for sentence in sentences_of(text)][:count]


def _has_not_found_class(document: Document) -> bool:
    elements = document.tree.iter("div", "section", "main", "article")
    return any(NOT_FOUND_CLASSES & set((element.get("class") or "").split()) for element in elements)


def _of_the_site(document: Document, headline: HtmlElement | None, body: Body) -> str | None:
    titles = [title_of(document, headline)] + (body.paragraphs[:1] if headline is None else [])
    data = document.structured
    dated = data.meta.get("article:published_time") or data.article.get("datePublished")
    reason = None if dated else next(filter(None, map(page_reason, titles)), None)
    return reason or ("listing" if is_listing(document, headline, body) else None)
