"""What comes in the place of a listing: a challenge or an error page, sent as if it were one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement
from parsel import Selector
from w3lib.encoding import html_to_unicode

from crawler.extraction.signs import is_challenge, raw_title, sentence_reason, title_reason

SAID = {"challenge": "a challenge", "error-page": "an error page"}
# No such page is longer than this.
MOST_BYTES = 1 << 18
# What a page says in its own words: the headlines of articles are links, or stand in one.
LINES = (
    "//body | //body//*[self::h1 or self::h2 or self::h3 or self::p or self::center or self::div[not(*)]]"
    "[not(ancestor::a) and not(.//a)]"
)
# What is shown only when it is needed: boxes of forms and players say "error" in every page.
HIDDEN = frozenset({"hidden", "d-none", "hide", "modal", "toast", "popup", "sr-only"})
HIDING = re.compile(r"(?i)display:\s*none|visibility:\s*hidden")
MOST_LINES = 50


def complaint(body: bytes, content_type: str | None) -> str | None:
    """Return what is wrong with a page that lists no article, None where it doesn't say; made to run in a thread.

    What it says is no sign in a page that lists articles: there it may be one of their headlines.
    """
    _, text = html_to_unicode(content_type, body[:MOST_BYTES], default_encoding="utf8")
    reason = "challenge" if is_challenge(text) else next((one for one in _reasons(text) if one in SAID), None)
    return f"it answered with {SAID[reason]} instead of a listing" if reason else None


def _reasons(text: str) -> Iterator[str | None]:
    """Yield what title and lines of a page tell of it."""
    yield title_reason(raw_title(text))
    shown = (line for line in Selector(text=text, type="html").xpath(LINES) if not _is_hidden(line.root))
    for line in islice(shown, MOST_LINES):
        words = _words(line)
        # A word or two are often hidden by styles that stand elsewhere.
        is_said = line.root.tag == "h1" or len(words.split()) > 2
        told = {sentence_reason(words), title_reason(words) if is_said else None}
        # What asks to wait, to log in or for consent to cookies stands beside ordinary listings too.
        yield from told - ({"challenge"} if line.root.tag != "h1" else set())


def _is_hidden(element: HtmlElement) -> bool:
    """Tell whether an element, or one that it stands in, is marked as not shown."""
    # A page is shown, whatever its body is to be told by.
    around = [one for one in (element, *element.iterancestors()) if one.tag not in ("body", "html")]
    classes = {name for one in around for name in one.get("class", "").lower().split()}
    styles = " ".join(one.get("style", "") for one in around)
    return bool(classes & HIDDEN or HIDING.search(styles)) or any("hidden" in one.attrib for one in around)


def _words(line: Selector) -> str:
    """Return the text of a line, and of the page's body what stands in no element of its own."""
    return " ".join("".join(line.xpath("text()" if line.root.tag == "body" else ".//text()").getall()).split())
