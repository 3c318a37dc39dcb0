"""Signs of pages that are not articles or listings: marks in their code, titles and opening sentences."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement
from parsel import Selector
from w3lib.encoding import html_to_unicode

from crawler.bengali.text import data_beside, normalize, patterns

# Marks of challenges alone. Scripts in ordinary pages too (invisible.js, jsd/main.js) are not marks.
CHALLENGE_SCRIPTS = re.compile(
    r"_cf_chl_opt|cf_captcha_kind|/cdn-cgi/challenge-platform/h/[a-z]/orchestrate/|window\.gokuProps"
    r"|awsWafCookieDomainList|geo\.captcha-delivery\.com|ct\.captcha-delivery\.com|sucuri_cloudproxy_js"
    r"|distil_r_captcha|cf-browser-verification"
    r"|id=\"(?:sec-if-cpt|px-captcha|challenge-(?:form|running|error-title|stage)|cf-error-details)\""
)

# In ordinary pages of a guarded site as well: marks only if the page has no story.
GUARD_SCRIPTS = re.compile(r"_Incapsula_Resource|ddos-guard\.net/|id=\"(?:captcha-container|challenge-container)\"")
NOT_FOUND_CLASSES = frozenset({"error404", "error-404", "td-404-title", "container-404", "page-404"})
_DATA = data_beside(__file__)


def _expressions(kind: str) -> dict[str, re.Pattern[str]]:
    """Return the expression of each reason in a table of signs.toml."""

    def whole(expression: str) -> str:
        for name, part in _DATA["parts"].items():
            expression = expression.replace(f"<{name}>", part)
        return expression

    return {reason: patterns(*map(whole, signs), flags=re.I) for reason, signs in _DATA[kind].items()}


_TITLES, _PAGES, _SENTENCES = (_expressions(kind) for kind in ("titles", "pages", "sentences"))
# Addresses of lists of stories.
LISTING_PATHS = re.compile(
    r"/(?:tags?|topics?|authors?|search|label)/[^/]+/?$|/search/?(?:\?|$)|[?&](?:s|q|search)=", re.I
)

_TITLE = re.compile(r"<title[^<>]{0,200}>([^<>]{1,200})</title", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[|｜»«•·]+|::)\s*|\s+[-–—]\s+")
_SENTENCE_BREAK = re.compile(r"(?<=[।.!?…])\s+")
_EDGES = " .…!?।-–—:|*()[]\"'‘’“”"
_LONGEST = 300

# Signs in the place of a listing.
SAID = {"challenge": "a challenge", "error-page": "an error page"}
# No such page is longer.
MOST_BYTES = 1 << 18
MOST_LINES = 50

# Lines outside links: a link is a headline of an article.
LINES = (
    "//body | //body//*[self::h1 or self::h2 or self::h3 or self::p or self::center or self::div[not(*)]]"
    "[not(ancestor::a) and not(.//a)]"
)

# Boxes of forms and players, hidden until needed, say "error" in every page.
HIDDEN = frozenset({"hidden", "d-none", "hide", "modal", "toast", "popup", "sr-only"})
HIDING = re.compile(r"(?i)display:\s*none|visibility:\s*hidden")


def is_challenge(*marks: str) -> bool:
    return any(map(CHALLENGE_SCRIPTS.search, marks))


def raw_title(page: str) -> str:
    title = _TITLE.search(page)
    return title[1].strip() if title else ""


def title_reason(text: str) -> str | None:
    """Return why a page with this title, or with its first or last part, is refused."""
    if len(text) > _LONGEST:
        return None
    line = _line(text)
    parts = [part for part in _SEPARATOR.split(line) if part]
    names = {part.strip(_EDGES) for part in (line, *parts[:1], *parts[-1:])} - {""}
    return next((reason for reason, titles in _TITLES.items() if any(map(titles.fullmatch, names))), None)


def page_reason(title: str) -> str | None:
    """Return why a page of the site itself, by its title, is refused."""
    name = first_part(title)
    return next((reason for reason, titles in _PAGES.items() if name and titles.fullmatch(name)), None)


def first_part(title: str) -> str:
    parts = [part.strip(_EDGES) for part in _SEPARATOR.split(_line(title[:_LONGEST])) if part]
    return parts[0] if parts else ""


def sentence_reason(text: str) -> str | None:
    """Return why a page with a sentence that starts like this is refused."""
    line = _line(text[:_LONGEST]).lstrip(_EDGES)
    return next((reason for reason, sentences in _SENTENCES.items() if sentences.match(line)), None)


def sentences_of(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_BREAK.split(text) if sentence.strip(_EDGES)]


def _line(text: str) -> str:
    return " ".join(normalize(text).replace("’", "'").split())


def complaint(body: bytes, content_type: str | None) -> str | None:
    """Return the fault of a page without articles, None without a sign of one; runs in a thread."""
    _, text = html_to_unicode(content_type, body[:MOST_BYTES], default_encoding="utf8")
    reason = "challenge" if is_challenge(text) else next((one for one in _reasons(text) if one in SAID), None)
    return f"it answered with {SAID[reason]} instead of a listing" if reason else None


def _reasons(text: str) -> Iterator[str | None]:
    yield title_reason(raw_title(text))
    shown = (line for line in Selector(text=text, type="html").xpath(LINES) if not _is_hidden(line.root))
    for line in islice(shown, MOST_LINES):
        words = _words(line)
        # Styles elsewhere often hide one or two words.
        is_shown = line.root.tag == "h1" or len(words.split()) > 2
        reasons = {sentence_reason(words), title_reason(words) if is_shown else None}
        # Ordinary listings too ask to wait, to log in or for consent to cookies.
        yield from reasons - ({"challenge"} if line.root.tag != "h1" else set())


def _is_hidden(element: HtmlElement) -> bool:
    # The marks of the body itself do not hide a page.
    around = [one for one in (element, *element.iterancestors()) if one.tag not in ("body", "html")]
    classes = {name for one in around for name in one.get("class", "").lower().split()}
    styles = " ".join(one.get("style", "") for one in around)
    return bool(classes & HIDDEN or HIDING.search(styles)) or any("hidden" in one.attrib for one in around)


def _words(line: Selector) -> str:
    return " ".join("".join(line.xpath("text()" if line.root.tag == "body" else ".//text()").getall()).split())
