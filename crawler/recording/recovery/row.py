"""A row that a dead run wrote, taken only if it may have been written by us, and as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from crawler.extraction.version import EXTRACTOR
from crawler.items import Article
from crawler.state import ARTICLE, Seen
from crawler.verification.documents import parsed
from crawler.verification.names import is_key

KEYS = [field.name for field in fields(Article)]
POINTER = {"file": str, "offset": int, "length": int, "record_id": str, "payload_digest": str}
TEXTS = ("id", "outlet", "url", "canonical_url", "title", "text", "text_digest", "fetched_at")


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What recovery needs to know of a row."""

    id: str
    outlet: str
    url: str
    canonical_url: str
    fetched_at: str
    file: str
    offset: int
    version: int
    text_digest: str
    extractor: str | None

    def seen(self, record_id: str, key: str, scope: str, run: str) -> Seen:
        """Return what it teaches state: its article's key, and what the run wanted that wrote it, stand elsewhere."""
        return Seen(
            outlet=self.outlet,
            key=key,
            url=self.url,
            outcome=ARTICLE,
            scope=scope,
            run=run,
            fetched_at=self.fetched_at,
            file=self.file,
            offset=self.offset,
            record_id=record_id,
            version=self.version,
            text_digest=self.text_digest,
            extractor=self.extractor,
        )


def row_of(line: bytes) -> dict[str, Any] | None:
    """Return the row in a line; None for a line that is torn, damaged or none of ours."""
    try:
        row = parsed(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return row if isinstance(row, dict) and _is_ours(row) and _is_whole(row) else None


def kept(row: Mapping[str, Any]) -> KeptRow:
    """Return what recovery needs to know of a row."""
    extractor = row["extractor"]["version"] if row["extractor"] else None
    return KeptRow(
        id=row["id"],
        outlet=row["outlet"],
        url=row["url"],
        canonical_url=row["canonical_url"],
        fetched_at=row["fetched_at"],
        file=row["warc"]["file"],
        offset=row["warc"]["offset"],
        version=row["version"],
        text_digest=row["text_digest"],
        extractor=extractor,
    )


def placed(line: bytes, row: Mapping[str, Any], places: Mapping[str, tuple[int, int]]) -> bytes:
    """Return the line of a row that points to where its record stands now, by identifier: mending moves records."""
    pointer = row["warc"]
    if pointer["record_id"] not in places:
        return line
    offset, length = places[pointer["record_id"]]
    moved = {**row, "warc": {**pointer, "offset": offset, "length": length}}
    return json.dumps(moved, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


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
    """Tell whether title and text are what was digested; another version may have folded them otherwise."""
    from crawler.extraction.extractor import text_digest  # noqa: PLC0415 (parsers of HTML come with it)

    is_other = row["extractor"] != asdict(EXTRACTOR)
    return is_other or bool(row["text_digest"] == text_digest(row["title"], row["text"]))
