"""Which pages are refused, and why: before they are parsed, before they are read, and after."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.addresses import is_front_page
from crawler.bengali.text import fold, patterns
from crawler.extraction.blocks import link_share
from crawler.extraction.document import Document, text_of
from crawler.extraction.jsonld import text_value, types
from crawler.extraction.refusals import NotAnArticle

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from crawler.extraction.body import Body
    from crawler.items import Page
    from crawler.spider import NewsSpider

_SIGNATURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"\0\0\1\0")
_XML_ROOTS = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b", re.S)
_TEXT_TYPES = re.compile(r"html|xml|text/plain|octet-stream|^\s*$", re.I)
_STATUS_REASONS = {401: "challenge", 403: "challenge", 404: "not-found", 410: "not-found", 429: "challenge"}

# The titles of pages that ask a visitor to prove something, and what only such pages hold.
_CHALLENGE_TITLES = patterns(
    r"^just a moment|^attention required|^ddos-guard|^access denied\W*$|^please wait\W*$|^checking your browser",
    r"^one moment, please|^(human|bot) verification|are you (a )?(human|robot)|^pardon our interruption|^captcha\b",
    r"^you have been blocked|^blocked\W*$|^verify(ing)? (you|that)|^sucuri\b|^(403\W*)?forbidden\W*$",
    r"^security check\W*$|^request rejected|^error 1\d{3}\b|^403\W*$",
    r"^access (to this page has been )?(denied|blocked)\b.{0,40}$",
    flags=re.I,
)
_CHALLENGE_MARKS = re.compile(
    r"_cf_chl_opt|cf-browser-verification|cf_captcha_kind|/cdn-cgi/challenge-platform/h/|window\.gokuProps"
    r"|awsWafCookieDomainList|_Incapsula_Resource|geo\.captcha-delivery\.com|px-captcha|sucuri_cloudproxy_js"
    r"|ddos-guard\.net/|distil_r_captcha"
    r"|id=\"(?:sec-if-cpt|challenge-(?:form|running|error-title|stage)|cf-error-details)"
)
_ERROR_TITLES = patterns(
    r"^(error )?5\d\d\b\W*(internal|bad|service|gateway|server|error|$)|^(internal server error|bad gateway)\b",
    r"^service (temporarily )?unavailable|^gateway time-?out|^application error|^error\W*$|^database error|^index of /",
    r"error establishing a database|^site is (down|offline)|^(site )?under (maintenance|construction)\W*$",
    r"^maintenance mode|^something went wrong|^an error occurred|^welcome to nginx|^account suspended",
    "রক্ষণাবেক্ষণের কাজ চলছে",
    flags=re.I,
)
_ERROR_TEXTS = re.compile(
    r"Application error: a (?:server|client)-side exception has occurred|^Internal Server Error\W*$"
    r"|There has been a critical error on this website|Error establishing a database connection",
)
_NOT_FOUND = patterns(
    r"^(error )?404\b|\b404( |-|:)+(error|not found|page)|page not found|^not found\W*$|^nothing (was )?found|^৪০৪\b",
    r"page (you|that|cannot|can.t|could).{0,40}(not|n.t|cannot)? ?(be found|exist|found|available)",
    "(পাতা|পৃষ্ঠা|পেজ|পেইজ|লিংক|লিঙ্ক|সংবাদটি|খবরটি|নিউজটি|কনটেন্টটি).{0,30}(খুঁজে )?পাওয়া (যায়নি|যাচ্ছে না|গেল না|যায় নি)",
    "(^|[|:-] ?)(দুঃখিত|oops)\\W*$",
    flags=re.I,
)
# Pages of these sizes hold no article beside the message.
_MESSAGE_SIZE, _NOT_FOUND_BODY = 2500, 350
_SMALLEST_BODY = 25
# Of listings: the length of a teaser, the linked headings they have at least, the shortest headline of a story.
_TEASER, _MANY_STORIES, _SHORTEST_HEADLINE = 300, 8, 16
_LISTING_TYPES = frozenset({"collectionpage", "searchresultspage"})


def refuse_bytes(page: Page) -> None:
    """Raise NotAnArticle for an answer that is an error or no HTML, by its status, type and first bytes."""
    if page.http_status >= 400:
        reason = _STATUS_REASONS.get(page.http_status, "error-page")
        raise NotAnArticle(reason, f"the server answered {page.http_status}")
    if not page.body.strip():
        raise NotAnArticle("empty", "the page has no content")
    kind = (page.content_type or "").partition(";")[0]
    start = page.body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not _TEXT_TYPES.search(kind) or start.startswith(_SIGNATURES) or start[:1] in {b"{", b"["}:
        raise NotAnArticle("not-html", f"this is no HTML page but {kind or 'something else'}")
    if _XML_ROOTS.match(start):
        raise NotAnArticle("not-html", "this is a feed or sitemap")


def refuse_page(document: Document) -> None:
    """Raise NotAnArticle for a challenge, an error page or a page that says that there is none."""
    title = " ".join((document.tree.findtext(".//title") or "").split())
    text = text_of(document.tree)
    if len(text) > 4 * _MESSAGE_SIZE:
        return
    short = len(text) < _MESSAGE_SIZE
    if short and (_CHALLENGE_TITLES.search(title) or _CHALLENGE_MARKS.search(_script_text(document.tree))):
        raise NotAnArticle("challenge", "the site asks for proof of a human reader")
    if _ERROR_TEXTS.search(text[:600]) or document.tree.get("id") == "__next_error__":
        raise NotAnArticle("error-page", "the page says that the site failed")
    if short and _ERROR_TITLES.search(title):
        raise NotAnArticle("error-page", f"the page is an error message: {title}")


def _script_text(tree: HtmlElement) -> str:
    scripts = [f"{script.get('src') or ''} {script.text or ''}" for script in tree.iter("script")]
    marked = [f'id="{element.get("id")}"' for element in tree.iter("div", "form", "h1", "h2") if element.get("id")]
    return "\n".join([*scripts, *marked])


def refuse_body(
    page: Page, outlet: type[NewsSpider], document: Document, headline: HtmlElement | None, body: Body
) -> None:
    """Raise NotAnArticle for a page whose reading shows no article."""
    told = [document.tree.findtext(".//title") or "", *document.texts("h1, h2")[:4]]
    if (
        len(body) < _NOT_FOUND_BODY
        and not _declares_article(document)
        and any(_NOT_FOUND.search(" ".join(text.split())) for text in told)
    ):
        raise NotAnArticle("not-found", "the page says that it was not found")
    if outlet.key_of(page.url) is None and is_listing(document, headline, body):
        raise NotAnArticle("listing", "the page lists articles and is none")
    if len(body) < _SMALLEST_BODY:
        raise NotAnArticle("empty", "no text of an article is on the page")


def is_listing(document: Document, headline: HtmlElement | None, body: Body) -> bool:
    """Tell a front page, section or archive. In doubt a page is an article: a short one has many links beside it."""
    if _declares_article(document):
        return False
    if is_front_page(document.url) or any(types(thing) & _LISTING_TYPES for thing in document.structured.json_ld):
        return True
    if headline is not None and _heads_a_story(headline):
        return False
    is_site = "website" in map(str.lower, document.structured.meta.get("og:type", ()))
    return (is_site and len(body) < _TEASER) or story_links(document.tree) >= _MANY_STORIES


def _declares_article(document: Document) -> bool:
    """Tell whether the page's data describes one article: a list of several stories is no description of one."""
    data = document.structured
    headlines = {fold(text_value(thing.get("headline")) or "") for thing in data.articles}
    return len(headlines) == 1 or bool(data.meta.get("article:published_time"))


def _heads_a_story(headline: HtmlElement) -> bool:
    """Tell a headline of some length, not linked to elsewhere, from a section's name or a teaser."""
    linked = next(headline.iterancestors("a"), None) is not None or link_share(headline) > 0.5
    return not linked and len(fold(text_of(headline))) >= _SHORTEST_HEADLINE


def story_links(tree: HtmlElement) -> int:
    """Return how many headings of a page are links."""
    headings = tree.iter("h1", "h2", "h3", "h4")
    return sum(
        heading.find(".//a") is not None or next(heading.iterancestors("a"), None) is not None for heading in headings
    )
