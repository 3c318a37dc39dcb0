"""Stories in the scripts of a page: Next.js, Nuxt, Quintype, plain JSON, and the block lists of editors."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml.html import HtmlElement

from crawler.bengali.text import fold, normalize, words
from crawler.extraction.page.jsonld import lenient_values, objects, plain, readable
from crawler.extraction.page.nuxt import function_values, payload_values

_HEADLINES = ("headline", "title", "news_title", "newsTitle", "heading", "DetailsHeading", "ContentHeading", "name")
_BODIES = (
    "body", "articleBody", "content", "contents", "details", "news_details", "newsDetails", "description_full",
    "full_content", "story", "html", "text", "ContentDetails", "DetailsBody", "news_body", "bodyText", "blocks",
)  # fmt: skip
_PUBLISHED = (
    "firstpublishedat", "publishedat", "publishat", "datepublished", "publisheddate", "publishdate", "publishedtime",
    "publishtime", "published", "createdat", "createdatbangla", "date",
)  # fmt: skip
_MODIFIED = ("lastpublishedat", "updatedat", "datemodified", "modifiedat", "updatedatbangla")
_AUTHORS = ("authors", "author", "writers", "writer", "reporter", "byline", "authorname", "reportername", "writername")
_SECTIONS = ("sections", "section", "category", "categories", "categoryname", "sectionname", "primarycategory")
_PUSH = re.compile(r"self\.__next_f\.push\(\s*(\[.*\])\s*\)\s*;?\s*$", re.S)
_ASSIGNMENT = re.compile(
    r"(?:window|self|globalThis)\s*(?:\.|\[[\"'])(?:__\w+__|__\w+|initialState|pageData)(?:[\"']\])?\s*=\s*(?=[{\[])"
)
_STATES = ("__", "initialState", "pageData")
_ROW = re.compile(rb"([0-9a-f]+):(?:T([0-9a-f]+),)?")
_REFERENCE = re.compile(r"^\$([0-9a-f]+)$")
_BODY_SIZE, _TITLE_SIZE = 60, 10


@dataclass(frozen=True, slots=True)
class Story:
    """An article as a page's script tells it; `body` is HTML or lines, values are as they stand there."""

    headline: str
    body: str
    published: str | None = None
    modified: str | None = None
    authors: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)


def story_of(scripts: Sequence[HtmlElement], titles: Collection[str]) -> Story | None:
    """Return the story of the page's scripts that one of the titles names, or the only one if there are no titles."""
    wanted = {fold(title) for title in titles if len(fold(title)) >= _TITLE_SIZE}
    names = {normalize(title) for title in titles}
    found = (_story(thing, names) for value in script_values(scripts) for thing in objects(value))
    stories = [story for story in found if story]
    for story in stories:
        headline = fold(story.headline)
        if any(
            headline == title or (len(headline) >= _TITLE_SIZE and (headline in title or title in headline))
            for title in wanted
        ):
            return story
    return stories[0] if not wanted and len({story.body for story in stories}) == 1 else None


def script_values(scripts: Sequence[HtmlElement]) -> Iterator[Any]:
    """Yield the JSON values in a page's scripts, JSON-LD aside; flight data last, as one list of its rows."""
    flight: list[str] = []
    others = (script for script in scripts if "ld+json" not in (script.get("type") or "").lower())
    for script, text in readable(others):
        kind = (script.get("type") or "").lower()
        if len(text) < _BODY_SIZE:
            continue
        if "json" in kind:
            values = lenient_values(text)
            yield from payload_values(values[0]) if values and script.get("id") == "__NUXT_DATA__" else values
        elif "__next_f" in text and (push := _PUSH.search(text)):
            flight += [part for value in lenient_values(push[1]) for part in value[1:] if isinstance(part, str)]
        elif any(name in text for name in _STATES) and (assignment := _ASSIGNMENT.search(text)):
            yield from lenient_values(text[assignment.end() :])[:1]
        elif "__NUXT__" in text:
            yield from function_values(text)
    if flight:
        yield flight_rows("".join(flight))


def flight_rows(flight: str) -> list[Any]:
    """Return the JSON rows of React's flight format, the texts they refer to put in their place."""
    data = flight.encode("utf-8", "replace")
    rows, texts, position = [], {}, 0
    while row := _ROW.match(data, position):
        if row[2]:
            end = row.end() + int(row[2], 16)
            texts[row[1].decode()] = data[row.end() : end].decode("utf-8", "replace")
            position = end
        else:
            end = data.find(b"\n", row.end())
            end = len(data) if end < 0 else end
            rows += _row(data[row.end() : end])
            position = end + 1
    return [_with_texts(row, texts) for row in rows]


def _row(line: bytes) -> list[Any]:
    try:
        return [json.loads(line)]
    except (ValueError, RecursionError):
        return []


def _with_texts(row: Any, texts: dict[str, str]) -> Any:
    for thing in objects(row):
        for key, value in thing.items():
            reference = _REFERENCE.match(value) if isinstance(value, str) else None
            if reference and reference[1] in texts:
                thing[key] = texts[reference[1]]
    return row


def _story(thing: dict[str, Any], titles: Collection[str]) -> Story | None:
    named = next((text for key in _HEADLINES if (text := _text(thing.get(key)))), None)
    titled = next((value for value in thing.values() if _is_title(value, titles)), None)
    headline = titled or named
    body = _body(thing) or (_longest_text(thing) if titled else None)
    if not headline or not body or len(headline) > 300:
        return None
    told = _plain_keys(thing)
    return Story(
        headline,
        body,
        next((str(told[key]) for key in _PUBLISHED if isinstance(told.get(key), str | int)), None),
        next((str(told[key]) for key in _MODIFIED if isinstance(told.get(key), str | int)), None),
        [name for key in _AUTHORS for name in _names(told.get(key))],
        [name for key in _SECTIONS for name in _names(told.get(key))],
    )


def _plain_keys(thing: dict[str, Any]) -> dict[str, Any]:
    """Return an object with keys in lower case without signs: published_at and PublishedAt are one."""
    plain_keys: dict[str, Any] = {}
    for key, value in thing.items():
        if value:
            plain_keys.setdefault(key.lower().replace("_", "").replace("-", ""), value)
    return plain_keys


def _is_title(value: Any, titles: Collection[str]) -> bool:
    return isinstance(value, str) and _TITLE_SIZE <= len(value) <= 300 and normalize(value.strip()) in titles


def _body(thing: dict[str, Any]) -> str | None:
    cards = thing.get("cards")
    if isinstance(cards, list):
        return _card_text(cards) or None
    values = [unpacked(thing[key]) for key in _BODIES if key in thing]
    told = [value for value in values if isinstance(value, str)] or [rich_text(value) for value in values]
    longest = max(told, key=len, default="")
    return longest if len(longest) >= _BODY_SIZE else None


def _longest_text(thing: dict[str, Any]) -> str | None:
    texts = [value for value in thing.values() if isinstance(value, str) and ("<p" in value or "।" in value)]
    longest = max(texts, key=len, default="")
    return longest if len(longest) >= _BODY_SIZE else None


def _card_text(cards: list[Any]) -> str:
    elements = [
        element
        for card in cards
        if isinstance(card, dict) and isinstance(card.get("story-elements"), list)
        for element in card["story-elements"]
        if isinstance(element, dict) and element.get("type") in {"text", "title"}
    ]
    wanted = [
        element for element in elements if element.get("subtype") not in {"also-read", "cta", "promotional-message"}
    ]
    return "\n".join(f"<div>{element['text']}</div>" for element in wanted if isinstance(element.get("text"), str))


def _text(value: Any) -> str | None:
    return plain(value) if isinstance(value, str) else None


def _names(value: Any) -> list[str]:
    found = []
    for item in map(_unwrapped, value if isinstance(value, list) else [value]):
        named = item
        if isinstance(item, dict):
            named = next((item[key] for key in ("display-name", "name", "title", "NameBn") if item.get(key)), None)
        if text := _text(named):
            found.append(text)
    return found


def _unwrapped(value: Any) -> Any:
    """Return what Strapi wraps: {"data": {"attributes": {"name": …}}}."""
    for key in ("data", "attributes"):
        inner = value.get(key) if isinstance(value, dict) else None
        value = inner if isinstance(inner, dict) else value
    return value


_INSIDE = ("data", "children", "content", "items", "nodes", "blocks")
_TEXTS = ("text", "html", "value")
# A block of these holds paragraphs, any other of text is one.
_HOLDERS = frozenset(words("doc root list ul ol bulletlist orderedlist bullet-list ordered-list blockquote section"))
_NO_TEXT = frozenset(
    words("image gallery video audio embed iframe twitter youtube ad advertisement related also-read readmore button")
)
_DEEPEST = 12


def rich_text(value: Any) -> str:
    """Return the HTML of typed blocks, a `<div>` for each paragraph, heading and item; "" for anything else."""
    if isinstance(value, dict) and isinstance(value.get("root"), dict):
        value = value["root"].get("children")
    blocks = (value.get("blocks") or value.get("content")) if isinstance(value, dict) else value
    if not isinstance(blocks, list) or not all(isinstance(block, dict) and _kind(block) for block in blocks):
        return ""
    return "\n".join(f"<div>{text}</div>" for text in _paragraphs(blocks, 0) if text.strip())


def unpacked(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("{", "[{")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _paragraphs(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, list):
        for block in value:
            yield from _paragraphs(block, depth + 1) if isinstance(block, dict) else (_line(block, depth),)
    elif isinstance(value, dict) and depth <= _DEEPEST and (kind := _kind(value)) not in _NO_TEXT:
        inside = value["data"] if isinstance(value.get("data"), dict) else value
        if kind in _HOLDERS:
            for key in _INSIDE:
                yield from _paragraphs(inside.get(key), depth + 1) if isinstance(inside.get(key), list) else ()
        else:
            yield _line(value, depth)


def _line(block: Any, depth: int) -> str:
    if isinstance(block, str):
        return block
    if depth > _DEEPEST:
        return ""
    if isinstance(block, list):
        return "".join(_line(part, depth + 1) for part in block)
    if not isinstance(block, dict) or _kind(block) in _NO_TEXT:
        return ""
    own = next((block[key] for key in _TEXTS if isinstance(block.get(key), str)), None)
    return own if own is not None else "".join(_line(block[key], depth + 1) for key in _INSIDE if key in block)


def _kind(block: dict[str, Any]) -> str:
    return str(block.get("type") or block.get("_type") or "").lower()
