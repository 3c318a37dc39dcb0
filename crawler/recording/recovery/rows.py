"""The rows of an unfinished segment: which lines are whole rows, and what recovery needs of them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from crawler.archive.documents import parsed
from crawler.archive.names import is_key
from crawler.extraction import EXTRACTOR
from crawler.model.article import Article, label_of

KEYS = [field.name for field in fields(Article)]
POINTER = {"file": str, "offset": int, "length": int, "record_id": str, "payload_digest": str}
TEXTS = ("id", "outlet", "url", "canonical_url", "title", "text", "text_digest", "fetched_at")
KEPT = ("outlet", "fetched_at", "version", "text_digest")
PLACE = ("file", "offset", "record_id")


class KeptRow(NamedTuple):
    """What recovery needs of a row; `facts` are those of the article's entry in state."""

    id: str
    canonical_url: str
    facts: dict[str, Any]


def row_of(line: bytes) -> dict[str, Any] | None:
    """Return the row in a line; None for a line that is torn, damaged or not ours."""
    try:
        row = parsed(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return row if isinstance(row, dict) and _is_ours(row) and _is_whole(row) else None


def kept(row: Mapping[str, Any]) -> KeptRow:
    facts = {name: row[name] for name in KEPT} | {name: row["warc"][name] for name in PLACE}
    return KeptRow(row["id"], row["canonical_url"], facts | {"extractor": label_of(row["extractor"])})


def _is_ours(row: Mapping[str, Any]) -> bool:
    if list(row) != KEYS or not all(isinstance(row[name], str) for name in TEXTS):
        return False
    return type(row["version"]) is int and row["version"] > 0 and _is_pointer(row["warc"])


def _is_pointer(pointer: object) -> bool:
    if not isinstance(pointer, dict) or {name: type(value) for name, value in pointer.items()} != POINTER:
        return False
    file: str = pointer["file"]
    return file.startswith("warc/") and is_key(file)


def _is_whole(row: Mapping[str, Any]) -> bool:
    """Return whether title and text match their digest; other extractor versions may fold them differently."""
    from crawler.archive.rows import text_digest  # it imports HTML parsers

    is_other = not EXTRACTOR.made(row["extractor"])
    return is_other or bool(row["text_digest"] == text_digest(row["title"], row["text"]))
