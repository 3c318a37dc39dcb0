"""The JSON-LD of a page: its objects, their types, and their values as text."""

import html
import re
from collections.abc import Iterable
from typing import Any

from lxml.html import HtmlElement

from crawler.outlets.scripts import json_value, texts_of

# Content systems escape a text up to three times.
_ESCAPED_TIMES = 3
TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


def json_ld(scripts: Iterable[HtmlElement]) -> list[Any]:
    """Return the JSON-LD values of a page's scripts."""
    linked = [script for script in scripts if "ld+json" in (script.get("type") or "").lower()]
    return list(map(json_value, texts_of(linked)))


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
