"""An article in one of its versions, and two versions side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crawler.recording.signals import DIRECTIVES, POLICY, PREFERENCES, RESERVATION
from crawler.room.differences import Pair, compare
from crawler.room.language import Language
from crawler.room.pages.answers import address, answer, language_of, room_of
from crawler.room.room import Room
from crawler.room.search.articles import Row, versions
from crawler.room.search.copies import copies_of

SIGNALS = {*PREFERENCES.values(), *DIRECTIVES.values(), RESERVATION, POLICY}
# What is compared besides the text.
FIELDS = ("title", "subtitle", "authors", "section")
SUMMARY = {"changed": "changed_paragraphs", "added": "added_paragraphs", "removed": "removed_paragraphs"}


def article(request: Request) -> Response:
    room = room_of(request)
    with room.reading() as connection:
        rows = _rows(versions(connection, request.path_params["id"]))
        copies = copies_of(connection, rows[-1]["id"])
    number = _number(request, "version", len(rows))
    row = rows[number - 1]
    data = {
        "article": row,
        "version": number,
        "newest": len(rows),
        "versions": [_version(room, one, place) for place, one in enumerate(rows, 1)],
        "copies": list(map(asdict, copies)),
    }
    shown = {
        "paragraphs": row["text"].split("\n") if row["text"] else [],
        "signals": [code for code in row["warnings"] if code in SIGNALS],
        "notes": [code for code in row["warnings"] if code not in SIGNALS],
        "replay": _replay(room, row, number),
        "record": _record(room, row),
    }
    return answer(request, "article.html", data, **shown)


def comparison(request: Request) -> Response:
    """Show two versions, by default the last two; an article with one version is shown itself."""
    room, article_id = room_of(request), request.path_params["id"]
    with room.reading() as connection:
        rows = _rows(versions(connection, article_id))
    if len(rows) == 1:
        return RedirectResponse(address(room, "article", article_id), 303)
    after = _number(request, "to", len(rows))
    before = _number(request, "from", max(after - 1, 1), len(rows))
    old, new = rows[before - 1], rows[after - 1]
    fields = _fields(old, new)
    data = {
        "id": new["id"],
        "old": _version(room, old, before),
        "new": _version(room, new, after),
        "versions": [_version(room, one, place) for place, one in enumerate(rows, 1)],
        "fields": [{"name": name, "pairs": list(map(asdict, pairs))} for name, pairs in fields],
    }
    kinds: Counter[str] = Counter(pair.kind for name, pairs in fields if name == "text" for pair in pairs)
    shown: dict[str, Any] = {
        "fields": [{"name": name, "pairs": pairs} for name, pairs in fields],
        "summary": _summary(language_of(request), kinds),
    }
    return answer(request, "compare.html", data, **shown)


def _rows(rows: list[Row]) -> list[Row]:
    if not rows:
        raise HTTPException(404)
    return rows


def _number(request: Request, name: str, default: int, most: int | None = None) -> int:
    """Return the number of a version in the address. Raises HTTPException for one that the article does not have."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= (most or default)):
        raise HTTPException(404)
    return int(text)


def _version(room: Room, row: Row, number: int) -> dict[str, Any]:
    facts = {key: row[key] for key in ("title", "language", "fetched_at", "modified", "text_digest")}
    return {"version": number, **facts, "replay": _replay(room, row, number)}


def _replay(room: Room, row: Row, number: int) -> str | None:
    return address(room, "replay", row["id"], version=number) if room.replay_origin else None


def _record(room: Room, row: Row) -> str | None:
    """Return the address of the WARC record from which the text was read."""
    if not row["warc"]:
        return None
    return address(room, "records", row["warc"]["file"].rpartition("/")[2], offset=row["warc"]["offset"])


def _fields(old: Row, new: Row) -> list[tuple[str, list[Pair]]]:
    """Return the fields that differ with their paragraphs, and the text last."""
    found = [(name, compare(_text(old[name]), _text(new[name]))) for name in FIELDS]
    changed = [(name, pairs) for name, pairs in found if any(pair.kind != "same" for pair in pairs)]
    return [*changed, ("text", compare(old["text"], new["text"]))]


def _text(value: Any) -> str:
    return ", ".join(author["name"] for author in value) if isinstance(value, list) else value or ""


def _summary(language: Language, kinds: Counter[str]) -> str:
    parts: Iterable[str] = (language.text(key, n=kinds[kind]) for kind, key in SUMMARY.items() if kinds[kind])
    return ", ".join(parts) or language.text("no_change")
