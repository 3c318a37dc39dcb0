"""Find the story in the data of a page's scripts (Next.js, Nuxt, Quintype, plain JSON), with its text as HTML."""

import html
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml.html import HtmlElement

from crawler.bengali.text import fold
from crawler.extraction import vocabulary
from crawler.extraction.page.structured import TAG, plain
from crawler.outlets.scripts import json_value, script_values

_HEADLINES, _NAMES = vocabulary.keys("headline"), vocabulary.keys("name")
_NOT_BODIES = frozenset(vocabulary.keys("not_body"))
# A shorter title may be in another by chance. The title of another story is longer than a label or a site's name.
_TITLE_SIZE, _HEADLINE_SIZE, _LONGEST_TITLE = 10, 20, 300
# A shorter text beside the headline is a teaser; without a headline only a text as long as a brief counts.
_BODY_SIZE, _TEXT_SIZE, _SENTENCE_SIZE = 60, 150, 40
_SENTENCE_END = re.compile(r"[।.!?…]['’”\")»]*$")
# Style sheets and programs have a brace every 60 characters.
_CODE_SHARE = 0.01

_PARAGRAPH = re.compile(r"<(?:p|br|div|h[1-6]|[uo]l|li|table|blockquote|section|article)\b", re.I)
_ESCAPED_ENTITY = re.compile(r"&(?:amp;)+(?=#?\w{2,8};)")
_ESCAPED_TIMES = 3
# One line of this length lost the ends of its paragraphs: a sentence follows a sentence without a space.
_GLUED_SIZE = 400
_GLUED = re.compile(r"(?<=[।!?])(?=[^\s'’”\")।!?\d০-৯])|(?<=[a-z]{2}[.?!])(?=[A-Z])")

_TEXTS, _INSIDE, _TYPES = vocabulary.keys("text"), vocabulary.keys("inside"), vocabulary.keys("type")
_INLINE, _LINES, _NO_TEXT = (frozenset(vocabulary.keys(name)) for name in ("inline", "line", "no_text"))
# References to other parts of React's data.
_REFERENCE = re.compile(r"\$(?!\$)[\w:-]*")
# Strings that are no lines of a text: addresses, packed JSON, references of React.
_NO_LINES = ("http", "{", "/", "$")
# Nuxt's payload may hold itself, and megabytes of small values would take seconds.
_MOST_PARTS, _DEEPEST = 200_000, 12


@dataclass(frozen=True, slots=True)
class Story:
    """An article in the data of a page's script; `body` is HTML, `headline` is "" if no headline is beside it."""

    headline: str
    body: str
    published: str | None = None
    modified: str | None = None
    authors: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)


def story_of(scripts: Sequence[HtmlElement], titles: Collection[str]) -> Story | None:
    """Return the longest text in a page's scripts that belongs to one of the titles, else the longest of no story."""
    search = _TextSearch({folded for title in titles if len(folded := fold(title)) >= _TITLE_SIZE})
    search.read(list(script_values(scripts)))
    return _story(search.owner, search.text) if search.text else None


def story_html(text: str) -> str:
    """Return a body from JSON as HTML, whether it is escaped, tagged, plain lines, or lines without their ends."""
    for _ in range(_ESCAPED_TIMES):
        if _PARAGRAPH.search(text):
            return _ESCAPED_ENTITY.sub("&", text)
        text = html.unescape(text)
    if len(text) > _GLUED_SIZE and "\n" not in text.strip():
        text = _GLUED.sub("\n", text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    is_tagged = TAG.search(text) is not None
    return "\n".join(f"<p>{line if is_tagged else html.escape(line, quote=False)}</p>" for line in lines)


class _TextSearch:
    """A search of JSON values for the longest text; `owner` is the object with a wanted title around it, or empty."""

    def __init__(self, wanted: Collection[str]) -> None:
        self.text, self.owner = "", dict[str, Any]()
        self._wanted, self._rank, self._writer = wanted, (False, 0), HtmlWriter()

    def read(self, values: list[Any]) -> None:
        waiting: list[tuple[Any, dict[str, Any] | None]] = [(value, {}) for value in reversed(values)]
        # The values are kept: the identity of a freed one would be given to another.
        seen: dict[int, Any] = {}
        while waiting and len(seen) < _MOST_PARTS:
            value, owner = waiting.pop()
            if id(value) in seen:
                continue
            seen[id(value)] = value
            owner = self._owner_of(value, owner) if isinstance(value, dict) else owner
            if owner is not None:
                self._compare(value, owner)
            waiting.extend((inner, owner) for inner in _parts(value))

    def _owner_of(self, thing: dict[str, Any], around: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return the object if its title is wanted, None if it is another story's, else what is around it."""
        headline = _headline(thing)
        if not self._wanted or len(headline) < _TITLE_SIZE:
            return around
        folded = fold(headline)
        if len(folded) >= _TITLE_SIZE and any(folded in title or title in folded for title in self._wanted):
            return thing
        return None if len(headline) >= _HEADLINE_SIZE else around

    def _compare(self, value: Any, owner: dict[str, Any]) -> None:
        """Keep the text in a value if it is longer than the longest before, or the first with a wanted title."""
        text = self._row(value) if isinstance(value, list) else ""
        if isinstance(value, str) and (bool(owner), len(value)) > self._rank and _may_be_body(value, owner):
            text = story_html(value)
        rank = (bool(owner), len(TAG.sub("", text)))
        if text and rank > self._rank:
            self.text, self.owner, self._rank = text, owner, rank

    def _row(self, value: list[Any]) -> str:
        """Return a list of texts, blocks or React elements as HTML; "" unless two of them are sentences."""
        if len(value) < 2 or _is_element(value):
            return ""
        own = [item for item in value if not isinstance(item, dict) or self._owner_of(item, {}) is not None]
        written = "\n".join(self._writer.lines(own))
        sentences = [line for line in _sentences(written) if len(line) >= _SENTENCE_SIZE]
        return written if len(sentences) > 1 and len(TAG.sub("", written)) >= _TEXT_SIZE else ""


def _sentences(markup: str) -> list[str]:
    lines = map(str.strip, TAG.sub("\n", markup).splitlines())
    return [line for line in lines if _SENTENCE_END.search(line)]


def _may_be_body(text: str, owner: dict[str, Any]) -> bool:
    """Return whether a text is long enough, not code, and has a sentence."""
    is_long = len(text) >= (_BODY_SIZE if owner else _TEXT_SIZE)
    return is_long and text.count("{") <= _CODE_SHARE * len(text) and bool(_sentences(story_html(text)))


def _parts(value: Any) -> Iterator[Any]:
    """Yield the values in which a text may be: those in a list, an object or a text of JSON, without descriptions."""
    inside: Iterator[Any] = iter(())
    if isinstance(value, str) and value.startswith(("{", "[{", '["')):
        inside = iter([json_value(value)])
    elif isinstance(value, dict) and not str(value.get("name") or value.get("property")).endswith("description"):
        inside = (inner for key, inner in value.items() if key.lower().replace("_", "") not in _NOT_BODIES)
    elif isinstance(value, list):
        inside = iter(value)
    return (inner for inner in inside if isinstance(inner, dict | list | str))


class HtmlWriter:
    """Writes values from JSON as HTML, up to `_MOST_PARTS` of them."""

    def __init__(self) -> None:
        self._left = _MOST_PARTS

    def lines(self, values: list[Any]) -> list[str]:
        """Return the items of a list that hold text as HTML, without React elements that hold other elements."""
        return list(
            filter(None, (self._html(value) for value in values if not _is_element(value) or _is_line_element(value)))
        )

    def _html(self, value: Any, depth: int = 0, is_inline: bool = False) -> str:
        if not isinstance(value, str | list | dict) or depth > _DEEPEST or self._left < 0:
            return ""
        self._left -= 1
        if isinstance(value, list) and not _is_element(value):
            return "".join(self._html(part, depth + 1, is_inline) for part in value)
        if isinstance(value, list | dict):
            return self._block(_as_block(value) if isinstance(value, list) else value, depth, is_inline)
        if is_inline:
            return "" if _REFERENCE.fullmatch(value) else html.escape(value.removeprefix("$"), quote=False)
        return "" if value.startswith(_NO_LINES) or not value.strip() else f"<div>{value}</div>"

    def _block(self, block: dict[str, Any], depth: int, is_inline: bool) -> str:
        kinds = {str(block[key]).lower() for key in _TYPES if block.get(key)}
        if not _NO_TEXT.isdisjoint(kinds):
            return ""
        text = next((block[key] for key in _TEXTS if isinstance(block.get(key), str)), "")
        inside = [key for key in _INSIDE if key == "children" or isinstance(block.get(key), list | dict)]
        text += "".join(self._html(block.get(key), depth + 1, key == "children") for key in inside)
        if "br" in kinds:
            return "<br>"
        if isinstance(block.get("href"), str):
            text = f'<a href="/">{text}</a>'
        is_named_inline = depth > 0 and any(kind in _INLINE or kind.startswith("$") for kind in kinds)
        return text if is_named_inline or (is_inline and not kinds) or not text.strip() else f"<div>{text}</div>"


def _is_element(value: Any) -> bool:
    """Return whether a value is an element of React's flight format: ["$", tag, key, properties]."""
    return isinstance(value, list) and len(value) >= 4 and value[0] == "$" and isinstance(value[3], dict)


def _is_line_element(element: list[Any]) -> bool:
    return str(element[1]) in _LINES or isinstance(element[3].get("children"), str)


def _as_block(element: list[Any]) -> dict[str, Any]:
    properties = element[3]
    markup = properties.get("dangerouslySetInnerHTML")
    text = markup.get("__html") if isinstance(markup, dict) else None
    return {"type": element[1], "html": text, "children": properties.get("children"), "href": properties.get("href")}


def _story(thing: dict[str, Any], body: str) -> Story:
    fields = {re.sub("[_-]", "", key.lower()): value for key, value in reversed(thing.items()) if value}
    return Story(
        _headline(thing),
        body,
        _moment(fields, "published"),
        _moment(fields, "modified"),
        _names(fields, "author"),
        _names(fields, "section"),
    )


def _headline(thing: dict[str, Any]) -> str:
    texts = (thing[key] for key in _HEADLINES if isinstance(thing.get(key), str))
    return next(filter(None, (plain(text) for text in texts if len(text) <= _LONGEST_TITLE)), "")


def _moment(fields: dict[str, Any], kind: str) -> str | None:
    return next((str(fields[key]) for key in vocabulary.keys(kind) if isinstance(fields.get(key), str | int)), None)


def _names(fields: dict[str, Any], kind: str) -> list[str]:
    values = (fields.get(key) for key in vocabulary.keys(kind))
    items = (item for value in values for item in (value if isinstance(value, list) else [value]))
    return list(filter(None, map(_name, items)))


def _name(value: Any, depth: int = 3) -> str:
    if isinstance(value, dict) and depth:
        return next(filter(None, (_name(value.get(key), depth - 1) for key in _NAMES)), "")
    return plain(value) or "" if isinstance(value, str) else ""
