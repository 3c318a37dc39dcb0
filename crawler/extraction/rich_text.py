"""Bodies that editors keep as lists of blocks: Editor.js, ProseMirror, Slate, Strapi, Lexical, Portable Text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from crawler.bengali.text import words

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
    """Return what a text holds that is JSON of blocks, anything else as it is."""
    if not isinstance(value, str) or not value.startswith(("{", "[{")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _paragraphs(value: Any, depth: int) -> Iterator[str]:
    """Yield the text of each block that is one line, in the order of the blocks."""
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
    """Return the text of a block whose parts are one line."""
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
