"""The records of captures, byte for byte: `/records/WARC?offset=N` has one, a request for a range a part of one.

Only bytes of captures in the index are sent, so that no path leaves the archive and withheld articles stay in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from crawler.archive.names import stem_of
from crawler.room.index.captures import IndexedCapture, at_place
from crawler.room.interfaces.archived import NotKept, NotReadable, faults_of

READ_BYTES = 1 << 16
RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})", re.ASCII)
OFFSET = re.compile(r"\d{1,18}", re.ASCII)
MEDIA_TYPE = "application/gzip"

# What is in an archive is data: no page of ours, and nothing in it is run.
DATA_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def records(request: Request) -> Response:
    """Send a record, or a range of bytes within one. HEAD is answered as GET, without a body."""
    room, name = request.app.state.room, request.path_params["name"]
    wanted = _wanted(request)
    if wanted is None:
        return PlainTextResponse("Name a record by ?offset=N, or a range by Range: bytes=N-M.\n", 400)
    first, last = wanted
    with room.reading() as connection:
        capture = at_place(connection, name, first)
    if capture is None or ("offset" in request.query_params and capture.offset != first):
        return PlainTextResponse("The index of the archive has no such record.\n", 404)
    end = capture.offset + capture.length
    end = end if last is None else min(end, last + 1)
    try:
        with faults_of(capture):
            stream = room.storage.open(capture.key, first)
    except NotReadable as error:
        return not_readable(error)
    return _response(capture, stream, first, end, is_range="offset" not in request.query_params)


def not_readable(error: NotReadable) -> Response:
    return PlainTextResponse(f"{error}\n", 404 if isinstance(error, NotKept) else 502)


def _wanted(request: Request) -> tuple[int, int | None] | None:
    """Return the first byte and, if the request names it, the last one."""
    if "offset" in request.query_params:
        offset = request.query_params["offset"]
        return (int(offset), None) if OFFSET.fullmatch(offset) else None
    match = RANGE.fullmatch(request.headers.get("range", ""))
    if match is None:
        return None
    first, last = int(match[1]), int(match[2]) if match[2] else None
    return (first, last) if last is None or last >= first else None


def _response(capture: IndexedCapture, stream: BinaryIO, first: int, end: int, *, is_range: bool) -> Response:
    headers = {**DATA_HEADERS, "Content-Length": str(end - first)}
    if is_range:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/*"
    else:
        name = f"{stem_of(capture.name)}-{capture.offset}.warc.gz"
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return StreamingResponse(_pieces(stream, end - first), 206 if is_range else 200, headers, MEDIA_TYPE)


def _pieces(stream: BinaryIO, size: int) -> Iterator[bytes]:
    with stream:
        while size and (piece := stream.read(min(READ_BYTES, size))):
            size -= len(piece)
            yield piece
