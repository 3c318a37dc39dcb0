"""What scripts of a page hold of its article: Next.js, its flight data, Nuxt, Quintype's static page, plain JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml.html import HtmlElement

from crawler.bengali.text import fold
from crawler.extraction.jsonld import lenient_values, objects, plain

_HEADLINES = (
    "headline",
    "title",
    "news_title",
    "newsTitle",
    "heading",
    "DetailsHeading",
    "ContentHeading",
    "name",
)
_BODIES = (
    "body", "articleBody", "content", "contents", "details", "news_details", "newsDetails", "description_full",
    "full_content", "story", "html", "text", "ContentDetails", "DetailsBody", "news_body", "bodyText",
)  # fmt: skip
_PUBLISHED = (
    "first-published-at", "first_published_at", "firstPublishedAt", "published-at", "published_at", "publishedAt",
    "datePublished", "date_published", "publish_date", "publishDate", "published_time", "publishTime", "publish_time",
    "published", "CreatedAt", "created_at", "createdAt", "CreatedAtBangla", "date",
)  # fmt: skip
_MODIFIED = (
    "last-published-at", "last_published_at", "updated-at", "updated_at", "updatedAt", "UpdatedAt", "dateModified",
    "modified_at", "modifiedAt", "UpdatedAtBangla",
)  # fmt: skip
_AUTHORS = ("authors", "author", "writers", "writer", "reporter", "byline", "author-name", "WriterName")
_SECTIONS = ("sections", "section", "category", "categories", "CategoryName", "primary_category")
_PUSH = re.compile(r"self\.__next_f\.push\(\s*(\[.*\])\s*\)\s*;?\s*$", re.S)
_ASSIGNMENT = re.compile(
    r"(?:window|self|globalThis)\s*(?:\.|\[[\"'])(?:__\w+__|__\w+|initialState|pageData)(?:[\"']\])?\s*=\s*(?=[{\[])"
)
_ROW = re.compile(rb"([0-9a-f]+):(?:T([0-9a-f]+),)?")
_REFERENCE = re.compile(r"^\$([0-9a-f]+)$")
# Less than this is a teaser.
_BODY_SIZE = 60


@dataclass(frozen=True, slots=True)
class Story:
    """An article as a page's script tells it; `body` is HTML or lines, values are as they stand there."""

    headline: str
    body: str
    published: str | None = None
    modified: str | None = None
    authors: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)


def stories(tree: HtmlElement) -> list[Story]:
    """Return the articles with a body that the scripts of a page hold, in the order of the page."""
    return [story for value in script_values(tree) for thing in objects(value) if (story := _story(thing))]


def best_story(found: list[Story], titles: list[str]) -> Story | None:
    """Return the story that one of the page's titles names, else the only one; None when that is doubtful."""
    wanted = [fold(title) for title in titles if title]
    for story in found:
        headline = fold(story.headline)
        if headline and any(headline in title or title in headline for title in wanted if title):
            return story
    return found[0] if len({story.body for story in found}) == 1 else None


def script_values(tree: HtmlElement) -> Iterator[Any]:
    """Yield the JSON values in a page's scripts, JSON-LD aside; flight data last, as one list of its rows."""
    flight: list[str] = []
    for script in tree.iter("script"):
        text = script.text or ""
        kind = (script.get("type") or "").lower()
        if "ld+json" in kind or len(text) < _BODY_SIZE:
            continue
        if "json" in kind:
            yield from lenient_values(text)
        elif push := _PUSH.search(text):
            flight += [part for value in lenient_values(push[1]) for part in value[1:] if isinstance(part, str)]
        elif assignment := _ASSIGNMENT.search(text):
            yield from lenient_values(text[assignment.end() :])[:1]
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
    """Put the texts of a flight into the objects of a row that refer to them, in place."""
    for thing in objects(row):
        for key, value in thing.items():
            reference = _REFERENCE.match(value) if isinstance(value, str) else None
            if reference and reference[1] in texts:
                thing[key] = texts[reference[1]]
    return row


def _story(thing: dict[str, Any]) -> Story | None:
    headline = next((text for key in _HEADLINES if (text := _text(thing.get(key)))), None)
    body = _body(thing)
    if not headline or not body or len(headline) > 300:
        return None
    return Story(
        headline,
        body,
        next((str(thing[key]) for key in _PUBLISHED if isinstance(thing.get(key), str | int)), None),
        next((str(thing[key]) for key in _MODIFIED if isinstance(thing.get(key), str | int)), None),
        [name for key in _AUTHORS for name in _names(thing.get(key))],
        [name for key in _SECTIONS for name in _names(thing.get(key))],
    )


def _body(thing: dict[str, Any]) -> str | None:
    cards = thing.get("cards")
    if isinstance(cards, list):
        return _card_text(cards) or None
    texts = [thing[key] for key in _BODIES if isinstance(thing.get(key), str)]
    longest = max(texts, key=len, default="")
    return longest if len(longest) >= _BODY_SIZE else None


def _card_text(cards: list[Any]) -> str:
    """Return the HTML of the text elements of a Quintype story, its quotes and titles included."""
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
    """Return the names in a value: a text, an object with a name, or a list of these."""
    found = []
    for item in value if isinstance(value, list) else [value]:
        named = item
        if isinstance(item, dict):
            named = next((item[key] for key in ("display-name", "name", "title", "NameBn") if item.get(key)), None)
        if text := _text(named):
            found.append(text)
    return found
