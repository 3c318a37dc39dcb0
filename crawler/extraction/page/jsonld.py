"""JSON as pages carry it: JSON-LD with raw newlines, entities for quotes, trailing commas, several objects in a row."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml.html import HtmlElement

from crawler.bengali.text import words
from crawler.extraction.page.limits import MOST_DATA

ARTICLE_TYPES = frozenset(
    words(
        "article newsarticle blogposting reportagenewsarticle analysisnewsarticle opinionnewsarticle"
        " backgroundnewsarticle reviewnewsarticle askpublicnewsarticle liveblogposting report"
        " socialmediaposting advertisercontentarticle scholarlyarticle satiricalarticle techarticle"
    )
)
# The comments and sections that hide a script from old browsers, one in the other, as //--><!]]> ends two.
_OPENING = re.compile(r"(?:<!\[CDATA\[|<!--|-->|//|/\*|\*/|>|\s)+")
_CLOSING = re.compile(r"(?:<?!?\]\]>|<!--|-->|//|/\*|\*/|;|\s)+$")
_BRACKETS = ("{", "[", "}", "]")
_END = 50
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
# What only a text has that was written as JSON twice: a character's number, an escaped slash or opening quote, a line
# end beside a word of Bengali, after a sentence or beside another. C:\new has none.
_WRITTEN_TWICE = re.compile(
    r"""\\u[0-9a-fA-F]{4}|\\/|(?<![^\s(>=‘“])\\"|(?:\\[rn]){2}|\\n(?=[\u0980-\u09ff])"""
    r"""|[।.?!"”’>\u0980-\u09ff]\s?\\n(?![a-z])"""
)
_BARE_QUOTE = re.compile(r'(?<!\\)"')
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_HOLDERS = (dict, list)
_DECODER = json.JSONDecoder(strict=False)


def json_ld(scripts: Iterable[HtmlElement]) -> list[Any]:
    linked = [script for script in scripts if "ld+json" in (script.get("type") or "").lower()]
    return [value for _, text in readable(linked) for value in lenient_values(text)]


def readable(scripts: Iterable[HtmlElement]) -> Iterator[tuple[HtmlElement, str]]:
    """Yield scripts and their texts as long as they are not too much together; those that are too long are left out."""
    left = MOST_DATA
    for script in scripts:
        text = script.text or ""
        if len(text) <= left:
            left -= len(text)
            yield script, text


def lenient_values(text: str) -> list[Any]:
    """Return the JSON values of a text, repaired where pages are known to break them; [] when hopeless."""
    text = _unwrapped(text.strip())
    return _values(text) or next(filter(None, map(_values, _repaired(text))), [])


def _unwrapped(text: str) -> str:
    if text.startswith(_BRACKETS) and text.endswith(_BRACKETS):
        return text
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, max(0, len(text) - _END))
    return text[opening.end() if opening else 0 : closing.start() if closing else len(text)].strip()


def _repaired(text: str) -> Iterator[str]:
    yield _BAD_ESCAPE.sub(r"\\\\", _TRAILING_COMMA.sub(r"\1", text))
    yield _TRAILING_COMMA.sub(r"\1", html.unescape(text))


def _values(text: str) -> list[Any]:
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


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON value, outer before inner, in order; without recursion, however deep."""
    return (thing for thing, _ in objects_under(value, frozenset()))


def objects_under(value: Any, keys: frozenset[str]) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Yield the objects of a JSON value in the same order, each with those of some keys under which it stands."""
    waiting = [(value, frozenset[str]())]
    while waiting:
        current, above = waiting.pop()
        if isinstance(current, dict):
            yield current, above
            for key, inner in reversed(current.items()):
                if isinstance(inner, _HOLDERS):
                    waiting.append((inner, above | {key} if key in keys else above))
        elif isinstance(current, list):
            waiting.extend([(inner, above) for inner in reversed(current)])


def types(thing: dict[str, Any]) -> set[str]:
    declared = thing.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for name in names if isinstance(name, str)}


def written_once(text: str) -> str:
    """Return a text without the escapes of JSON that were left in it."""
    if "\\" not in text or not _WRITTEN_TWICE.search(text):
        return text
    quoted = _BARE_QUOTE.sub(r'\\"', _BAD_ESCAPE.sub(r"\\\\", text))
    try:
        return str(json.loads(f'"{quoted}"', strict=False))
    except ValueError:
        return text


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
    for _ in range(3 if "&" in text else 0):
        unescaped = html.unescape(text)
        if unescaped == text:
            break
        text = unescaped
    if "<" in text:
        text = _TAG.sub(" ", text)
    return " ".join(text.split()) or None
