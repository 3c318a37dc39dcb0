"""JSON as pages carry it: JSON-LD with raw newlines, entities for quotes, trailing commas, several objects in a row."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from lxml.html import HtmlElement

from crawler.bengali.text import words

ARTICLE_TYPES = frozenset(
    words(
        "article newsarticle blogposting reportagenewsarticle analysisnewsarticle opinionnewsarticle"
        " backgroundnewsarticle reviewnewsarticle askpublicnewsarticle liveblogposting report"
        " socialmediaposting advertisercontentarticle scholarlyarticle satiricalarticle techarticle"
    )
)
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_DECODER = json.JSONDecoder(strict=False)


def json_ld(tree: HtmlElement) -> list[Any]:
    """Return the JSON-LD values of a page; `objects` gives those inside lists, `@graph` and other objects."""
    found: list[Any] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            found += lenient_values(script.text or "")
    return found


def lenient_values(text: str) -> list[Any]:
    """Return the JSON values of a text, repaired where pages are known to break them; [] when hopeless."""
    text = _WRAPPING.sub("", text).strip()
    repairs = (
        text,
        _BAD_ESCAPE.sub(r"\\\\", _TRAILING_COMMA.sub(r"\1", text)),
        _TRAILING_COMMA.sub(r"\1", html.unescape(text)),
    )
    for candidate in repairs:
        values = _values(candidate)
        if values:
            return values
    return []


def _values(text: str) -> list[Any]:
    """Return the values that stand one after the other; [] when the first cannot be read."""
    values, position = [], 0
    while position < len(text):
        try:
            value, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        values.append(value)
        while position < len(text) and text[position] in " \t\r\n,;":
            position += 1
    return values


def objects(value: Any, without: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON value, outer before inner, in order; without recursion, however deep.

    What stands under the keys `without` is left out.
    """
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict):
            yield current
            waiting.extend(reversed([inner for key, inner in current.items() if key not in without]))
        elif isinstance(current, list):
            waiting.extend(reversed(current))


def types(thing: dict[str, Any]) -> set[str]:
    """Return the types of a JSON-LD object in lower case, without their vocabulary."""
    declared = thing.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for name in names if isinstance(name, str)}


def text_value(value: Any) -> str | None:
    """Return a JSON-LD value as plain text: its `name`, `@value` or first item; entities resolved, tags cut."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("name") or value.get("headline")
    return plain(value) if isinstance(value, str) else None


def plain(text: str) -> str | None:
    """Return one line of text without the entities and tags that were left in it, however often escaped."""
    for _ in range(3):
        unescaped = html.unescape(text)
        if unescaped == text:
            break
        text = unescaped
    text = re.sub(r"</?[A-Za-z][^<>]{0,200}>", " ", text)
    return " ".join(text.split()) or None
