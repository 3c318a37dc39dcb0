"""Limits above which a page is refused as `too-large`: such a page could take more than some seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

# The number of bytes that Google's crawler reads of a page.
MOST_BYTES = 15_000_000
# Counted before parsing (each <) and after it.
MOST_TAGS, MOST_ELEMENTS = 500_000, 60_000
# Characters that a reader can see; characters of all scripts that are read as data.
MOST_TEXT, MOST_DATA = 1_250_000, 5_000_000
# In one tag: libxml2 compares each attribute with all before it. Shorter tags cannot have more.
MOST_ATTRIBUTES, _LONG_TAG = 300, 1000
_MAY_BE_LONG = re.compile(rb"<[A-Za-z][^>]{%d}" % (_LONG_TAG - 10))
_TAG, _QUOTED = re.compile(rb"<[A-Za-z]"), re.compile(rb"\"[^\"]*\"|'[^']*'")
_ELEMENTS = XPath("count(//*)")
_SEEN = XPath(
    "//text()[not(parent::script or parent::style or parent::noscript or parent::template)]", smart_strings=False
)


class NotAnArticle(Exception):
    """A page that gives no article; `reason` is a machine-readable code, `message` a sentence.

    The codes: challenge (proof of a human reader, a login or a consent), error-page, not-found, listing,
    static-page (about, contact, terms), empty, no-headline, not-html, too-large; from the pool timeout and crash.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


def refuse_size(body: bytes) -> None:
    """Raise NotAnArticle for a page with too many bytes."""
    _refuse(len(body), MOST_BYTES, "bytes")


def refuse_markup(markup: bytes) -> None:
    """Raise NotAnArticle for a page that would take long to parse."""
    _refuse(markup.count(b"<"), MOST_TAGS, "tags")
    for piece in _pieces(markup) if _MAY_BE_LONG.search(markup) else ():
        if len(piece) > _LONG_TAG and (tag := _TAG.search(piece)):
            _refuse(len(_QUOTED.sub(b"", piece[tag.start() :]).split()), MOST_ATTRIBUTES, "attributes in one tag")


def _pieces(markup: bytes) -> Iterator[bytes]:
    """Yield the parts of a page up to each >, without the content of scripts, where < compares numbers."""
    before, *scripts = markup.split(b"<script")
    yield from before.split(b">")
    for script in scripts:
        yield b"<script" + script.partition(b">")[0]
        yield from script.partition(b"</script")[2].split(b">")


def refuse_tree(tree: HtmlElement, size: int) -> None:
    """Raise NotAnArticle for a parsed page of `size` bytes that would take long to read."""
    if size > MOST_TEXT:
        refuse_elements(int(cast("float", _ELEMENTS(tree))))
        _refuse(sum(map(len, cast("list[str]", _SEEN(tree)))), MOST_TEXT, "characters of text")


def refuse_elements(count: int) -> None:
    """Raise NotAnArticle for a page with too many elements."""
    _refuse(count, MOST_ELEMENTS, "elements")


def _refuse(found: int, most: int, what: str) -> None:
    if found > most:
        raise NotAnArticle("too-large", f"the page has more than {most:,} {what}")
