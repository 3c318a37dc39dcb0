"""`/replay/ID?version=N`: the page of a version as it was, in ReplayWeb.page on an origin of its own."""

from __future__ import annotations

import re
import sqlite3

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crawler.model.span import rfc3339
from crawler.room.index.captures import IndexedCapture, at_place
from crawler.room.interfaces.archived import NotReadable, opened_record
from crawler.room.pages.answers import POLICY, address, answer
from crawler.room.room import Room
from crawler.room.search.articles import Row, versions

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d+)?\Z", re.IGNORECASE | re.ASCII)


def replay(request: Request) -> Response:
    """Send the page with the player in a frame, or with the line that the archive does not have this page."""
    room: Room = request.app.state.room
    article, text = request.path_params["id"], request.query_params.get("version", "")
    with room.reading() as connection:
        rows = versions(connection, article)
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0 if text else len(rows)
        row = version_of(connection, article, number)
        capture = capture_of(connection, row) if row else None
    if row is None:
        raise HTTPException(404)
    problem = _problem(room, capture)
    if not problem and capture and not room.replay_origin:
        return RedirectResponse(address(room, "records", capture.name, offset=capture.offset), 303)
    origin = origin_of(room.replay_origin or "", request)
    data = {
        "article": row,
        "version": number,
        "newest": len(rows),
        "original": capture.url if capture else row["url"],
        "captured": rfc3339(capture.moment) if capture else row["fetched_at"],
        "player": None if problem else f"{origin}/replay/{row['id']}/{number}",
        "problem": problem,
    }
    response = answer(request, "replay.html", data, 404 if problem else 200)
    if not problem:
        response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src {origin}"
    return response


def origin_of(replay_origin: str, request: Request) -> str:
    """Return the origin of the player; `:8001` is that port of the host under which the reader knows the room."""
    if not replay_origin.startswith(":"):
        return replay_origin
    host = HOST.match(request.headers.get("host", ""))
    if host is None:
        raise HTTPException(400, "The header Host names no host.")
    return f"http://{host[1]}{replay_origin}"


def version_of(connection: sqlite3.Connection, article: str, number: int) -> Row | None:
    """Return the row of a version, None if there is no such version; they count from 1."""
    rows = versions(connection, article)
    return rows[number - 1] if 1 <= number <= len(rows) else None


def capture_of(connection: sqlite3.Connection, row: Row) -> IndexedCapture | None:
    """Return the capture from which a row was read; None if the index has no such record."""
    warc = row["warc"]
    found = at_place(connection, warc["file"].rpartition("/")[2], warc["offset"]) if warc else None
    return found if found and found.offset == warc["offset"] else None


def _problem(room: Room, capture: IndexedCapture | None) -> str:
    """Return the sentence that says why a page cannot be replayed, empty if it can be."""
    if capture is None:
        return "The index of the archive has no record of this page."
    try:
        with opened_record(room.storage, capture):
            return ""
    except NotReadable as error:
        return str(error)
