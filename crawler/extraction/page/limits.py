"""The limits above which a page is refused as `too-large`, so that any other is read in five seconds."""

from __future__ import annotations

import re
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

# What Google's crawler reads of a page.
MOST_BYTES = 15_000_000
# Before a page is parsed, each <; after, each element.
MOST_TAGS, MOST_ELEMENTS = 500_000, 60_000
# Characters that a reader could see, and those of one script that is read as data.
MOST_TEXT, MOST_DATA = 1_250_000, 5_000_000
# Of one tag: libxml2 compares each with all before it.
MOST_ATTRIBUTES = 300
_LONG = 1000
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_ELEMENTS = XPath("count(//*)")
_SEEN = XPath(
    "//text()[not(parent::script or parent::style or parent::noscript or parent::template)]", smart_strings=False
)


def refuse_size(body: bytes) -> None:
    _refuse(len(body), MOST_BYTES, "bytes")


def refuse_markup(markup: bytes) -> None:
    """Raise NotAnArticle for a page that would take long to parse; a long tag is found at any of its `_LONG` bytes."""
    # Fewer bytes hold no more tags.
    _refuse(markup.count(b"<") if len(markup) > MOST_TAGS else 0, MOST_TAGS, "tags")
    place = _LONG
    while place < len(markup):
        start = markup.rfind(b"<", place - _LONG, place)
        if start >= 0 and markup.find(b">", start, place + _LONG) < 0:
            place = max(place, _end_of_long_tag(markup, start, place))
        place += _LONG


def _end_of_long_tag(markup: bytes, start: int, place: int) -> int:
    end = _end_of(b">", markup, place)
    names = _QUOTED.sub(b"", markup[start:end]).split() if markup[start + 1 : start + 2].isalpha() else []
    if len(names) > MOST_ATTRIBUTES and _is_in_script(markup, start):
        return _end_of(b"</script", markup, start)
    _refuse(len(names), MOST_ATTRIBUTES, "attributes in one tag")
    return end


def _end_of(what: bytes, markup: bytes, place: int) -> int:
    found = markup.find(what, place)
    return len(markup) if found < 0 else found


def _is_in_script(markup: bytes, place: int) -> bool:
    return markup.rfind(b"<script", 0, place) > markup.rfind(b"</script", 0, place)


def refuse_tree(tree: HtmlElement, size: int) -> None:
    """Raise NotAnArticle for a parsed page that would take long to read; `Document.index` counts small ones."""
    if size > MOST_TEXT:
        refuse_elements(int(cast("float", _ELEMENTS(tree))))
        _refuse(sum(map(len, cast("list[str]", _SEEN(tree)))), MOST_TEXT, "characters of text")


def refuse_elements(count: int) -> None:
    _refuse(count, MOST_ELEMENTS, "elements")


def _refuse(found: int, most: int, what: str) -> None:
    if found > most:
        raise NotAnArticle("too-large", f"the page has more than {most:,} {what}")


class NotAnArticle(Exception):
    """A page that gives no article; `reason` is the machine-readable code, the message a sentence.

    The codes: challenge (proof of a human reader, a login or a consent), error-page, not-found, listing,
    static-page (about, contact, terms), empty, no-headline, not-html, too-large; from the pool timeout and crash.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message
