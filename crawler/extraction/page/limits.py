"""Limits above which a page is refused as `too-large`: such a page could take more than some seconds."""

import re
from collections.abc import Iterator
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

# The number of bytes that Google's crawler reads of a page.
MOST_BYTES = 15_000_000
# Counted before parsing (each <) and after it.
MOST_TAGS, MOST_ELEMENTS = 500_000, 60_000
# Characters that a reader can see.
MOST_TEXT = 1_250_000
# In one tag: libxml2 compares each attribute with all before it. Shorter tags cannot have more.
MOST_ATTRIBUTES, _LONG_TAG = 300, 1000
_LONG, _QUOTED = re.compile(rb"<[A-Za-z][^>]{%d,}" % _LONG_TAG), re.compile(rb"\"[^\"]*\"|'[^']*'")
_ELEMENTS = XPath("count(//*)")
_SEEN = XPath(
    "//text()[not(parent::script or parent::style or parent::noscript or parent::template)]", smart_strings=False
)


class NotAnArticle(Exception):
    """A page that gives no article; `reason` is a machine-readable code, `message` a sentence.

    The codes: challenge (proof of a human reader, a login or a consent), error-page, not-found, listing,
    static-page (about, contact, terms), empty, no-headline, not-html, not-json, too-large; of the pool: timeout, crash.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


def refuse_markup(markup: bytes) -> None:
    """Raise NotAnArticle for a page that would take long to parse."""
    _refuse(len(markup), MOST_BYTES, "bytes")
    if len(markup) > MOST_TAGS:
        _refuse(markup.count(b"<"), MOST_TAGS, "tags")
    for tag in _long_tags(markup):
        _refuse(len(_QUOTED.sub(b"", tag).split()), MOST_ATTRIBUTES, "attributes in one tag")


def _long_tags(markup: bytes) -> Iterator[bytes]:
    """Yield the tags above `_LONG_TAG` bytes up to their >, without those in scripts, where < compares numbers."""
    seen = 0
    is_script = False
    for tag in _LONG.finditer(markup):
        start, end = (markup.rfind(sign, seen, tag.start()) for sign in (b"<script", b"</script"))
        is_script = start > end or (is_script and start == end)
        seen = tag.start()
        if not is_script or tag[0].startswith(b"<script"):
            yield tag[0]


def refuse_tree(tree: HtmlElement, size: int) -> None:
    """Raise NotAnArticle for a parsed page of `size` bytes that would take long to read."""
    if size > MOST_TEXT:
        refuse_elements(tree)
        _refuse(sum(map(len, cast("list[str]", _SEEN(tree)))), MOST_TEXT, "characters of text")


def refuse_elements(tree: HtmlElement) -> None:
    """Raise NotAnArticle for a page with too many elements."""
    _refuse(int(cast("float", _ELEMENTS(tree))), MOST_ELEMENTS, "elements")


def _refuse(found: int, most: int, what: str) -> None:
    if found > most:
        raise NotAnArticle("too-large", f"the page has more than {most:,} {what}")
