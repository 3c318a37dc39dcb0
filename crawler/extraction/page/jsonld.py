"""JSON as pages have it, with raw newlines, entities for quotes and commas too many; values of JSON-LD as text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lxml.html import HtmlElement

from crawler.extraction.page.limits import MOST_DATA

# Comments and CDATA marks hide a script from old browsers.
_START = re.compile(r"(?<!<!)(?<!CDATA)[{\[\"]")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_UNDEFINED = re.compile(r"(?<=[:,\[])\s*undefined(?=\s*[,}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
# Content systems escape a text up to three times.
_ESCAPED_TIMES = 3
TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


def json_ld(scripts: Iterable[HtmlElement]) -> list[Any]:
    """Return the JSON-LD values of a page's scripts."""
    linked = [script for script in scripts if "ld+json" in (script.get("type") or "").lower()]
    return list(map(json_value, texts_of(linked)))


def texts_of(scripts: Iterable[HtmlElement]) -> list[str]:
    """Return the texts of scripts; "" for those above `MOST_DATA` characters."""
    return [text if len(text := script.text or "") <= MOST_DATA else "" for script in scripts]


def json_value(text: str, hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """Return the first JSON value of a text, repaired where pages are known to break it; else None."""
    start = _START.search(text)
    if start is None:
        return None
    text = text[start.start() :]
    for repair in (str, _repaired, html.unescape):
        try:
            return json.JSONDecoder(object_hook=hook, strict=False).raw_decode(repair(text))[0]
        except (ValueError, RecursionError):
            continue
    return None


def _repaired(text: str) -> str:
    return _BAD_ESCAPE.sub(r"\\\\", _UNDEFINED.sub("null", _TRAILING_COMMA.sub(r"\1", text)))


def objects(value: Any, without: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON value, outer before inner, in order; leave out what is under some keys."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict):
            yield current
            waiting.extend(inner for key, inner in reversed(current.items()) if key not in without)
        elif isinstance(current, list):
            waiting.extend(reversed(current))


def types(thing: dict[str, Any]) -> set[str]:
    """Return the types of a JSON-LD object in lower case, without the vocabulary's address."""
    declared = thing.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for name in names if isinstance(name, str)}


def text_value(value: Any) -> str | None:
    """Return a JSON-LD value as plain text: its `@value`, `name` or first item."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("name") or value.get("headline")
    return plain(value) if isinstance(value, str) else None


def plain(text: str) -> str | None:
    """Return one line of text without tags and entities, however often they were escaped; None if it is empty."""
    for _ in range(_ESCAPED_TIMES if "&" in text else 0):
        text = html.unescape(text)
    return " ".join((TAG.sub(" ", text) if "<" in text else text).split()) or None
