"""Teasers of other stories: elements that open with a title that leads to another page, and lists of such."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from crawler.bengali.text import words
from crawler.extraction.page.document import has_text, text_of

_HEADINGS = frozenset(words("h1 h2 h3 h4 h5 h6"))
_SENTENCE_END = re.compile(r"[।!?]['’”\")»]*$")

# A heading of which this share is linked is another story's.
_LINKED = 0.85
_CARDS = frozenset({"div", "li", "article", "section", "a"})
_PARTS_OF_CARDS = frozenset({"p", "div"})

# How far into a teaser its heading stands: behind a picture.
_FIRST_PARTS = 8


def is_teaser(element: HtmlElement) -> bool:
    """Tell one of three and more elements side by side that each open with a heading that leads to a page, or an
    article inside an article that does."""
    parent = element.getparent() if element.tag in _CARDS else None
    if parent is None or not _opens_with_link(element):
        return False
    if element.tag == "article" and next(element.iterancestors("article"), None) is not None:
        return True
    alike = (other for other in parent if other.tag == element.tag and other.get("class") == element.get("class"))
    return len(list(islice(filter(_opens_with_link, alike), 3))) == 3


def _opens_with_link(element: HtmlElement) -> bool:
    """Tell an element among whose first parts is a heading that is a link, or stands in one, to another page, or
    that opens with a title that is one, before other parts."""
    parts = list(islice(element.iterdescendants("*"), _FIRST_PARTS))
    heading = next((part for part in parts if part.tag in _HEADINGS), None)
    if heading is not None:
        return _leads_away(heading)
    title = next((part for part in parts if part.tag == "a" and text_of(part)), None)
    return title is not None and _is_title(title) and text_of(element).startswith(text_of(title))


def _is_title(link: HtmlElement) -> bool:
    """Tell a link of several words, no sentence, after which another part follows."""
    text, after = text_of(link), link.getnext()
    follows = after is not None and after.tag in _PARTS_OF_CARDS and not (link.tail or "").strip()
    return follows and text.count(" ") >= 2 and not _SENTENCE_END.search(text) and "#" not in (link.get("href") or "#")


def _leads_away(heading: HtmlElement) -> bool:
    """Tell a heading that is one link; a link to a part of this page is that of a live blog's post."""
    around = [link for link in islice(heading.iterancestors(), 3) if link.tag == "a"]
    links = [*heading.iter("a"), *around]
    if not links or any("#" in (link.get("href") or "#") for link in links):
        return False
    return bool(around) or link_share(heading) > _LINKED


def lists_stories(element: HtmlElement) -> bool:
    """Tell a list of other stories, however long: of its headings three and more are links, all but one."""
    linked = others = 0
    for heading in filter(has_text, element.iter(*_HEADINGS)):
        if link_share(heading) > _LINKED:
            linked += 1
        else:
            others += 1
        if others > 1:
            return False
    return linked > 2


def link_share(element: HtmlElement) -> float:
    """Return the share of an element's text that stands in links, 0 to 1; 1 for an element without text."""
    links = list(element.iter("a"))
    # All of the text is read only to be compared.
    total = len(text_of(element)) if links else has_text(element)
    return sum(len(text_of(link)) for link in links) / total if total else 1.0
