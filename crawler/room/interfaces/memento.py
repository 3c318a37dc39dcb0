"""Memento (RFC 7089): `/timegate/URL`, `/timemap/link/URL`, and the archived responses, `/web/20221124101500id_/URL`.

An archived response is sent with its status and content, as data of the archive: of its header fields, those that show
a browser how to read the content stay; the others are there as `X-Archive-Orig-NAME`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from crawler.room.index.captures import IndexedCapture, find, moment_of, nearest
from crawler.room.index.database import connect
from crawler.room.interfaces.archived import VISIBLE, ArchivedResponse, NotReadable, archived_response, location_of
from crawler.room.interfaces.records import DATA_HEADERS, not_readable
from crawler.system import clock

LINK_FORMAT = "application/link-format"
BATCH = 500
STAMP = re.compile(r"(\d{14})id_", re.ASCII)
# Proxies join slashes.
SCHEME = re.compile(r"(https?):/+", re.IGNORECASE)
# The fields that a browser needs, and their values if they are missing.
PASSED = {"content-type": "application/octet-stream", "content-encoding": "", "content-language": ""}
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]{1,100}")
# Python's HTTP client refuses more fields, or longer lines.
MOST_FIELDS, MOST_CHARACTERS = 60, 4000


def timegate(request: Request) -> Response:
    """Redirect to the capture that is nearest to Accept-Datetime, to the newest one without it."""
    url, wanted = archived_url(request), request.headers.get("accept-datetime")
    try:
        moment = _moment(wanted) if wanted else clock.now()
    except (ValueError, TypeError, OverflowError):
        return PlainTextResponse(f"Accept-Datetime {wanted} is not an HTTP date.\n", 400)
    links = Links(request)
    with request.app.state.room.reading() as connection:
        capture = nearest(connection, url, moment)
        if capture is None:
            return _no_capture(url, {"Vary": "accept-datetime"})
        related = links.related(connection, capture)
    headers = {"Location": links.memento(capture), "Vary": "accept-datetime", "Link": related}
    return Response(status_code=302, headers=headers)


def timemap(request: Request) -> Response:
    """Send the list of all captures of an address."""
    url, room = archived_url(request), request.app.state.room
    with room.reading() as connection:
        newest = next(find(connection, url, limit=1, is_reversed=True), None)
    if newest is None:
        return _no_capture(url)
    return StreamingResponse(_timemap(Links(request), room.database, url, newest), media_type=LINK_FORMAT)


def memento(request: Request) -> Response:
    """Send the archived response of a moment; redirect to the nearest one if no capture is of that second."""
    match, url = STAMP.fullmatch(request.path_params["stamp"]), archived_url(request)
    try:
        moment = moment_of(int(match[1])) if match else None
    except ValueError:
        moment = None
    if moment is None:
        return PlainTextResponse("A capture has the address /web/20221124101500id_/URL, with 14 digits.\n", 400)
    room, links = request.app.state.room, Links(request)
    with room.reading() as connection:
        capture = nearest(connection, url, moment)
        if capture is None:
            return _no_capture(url)
        if capture.moment != moment:
            return Response(status_code=302, headers={"Location": links.memento(capture)})
        try:
            response = archived_response(connection, room.storage, capture)
        except NotReadable as error:
            return not_readable(error)
        fields = [*_fields(response, capture, links), ("Link", links.related(connection, capture))]
    return _as_data(response, fields)


def archived_url(request: Request) -> str:
    """Return the address after the route's own path, as the client wrote it, with its query."""
    scope, root = request.scope, request.scope.get("root_path", "")
    # The decoded path would have lost which characters were escaped. A proxy may have removed the root from it.
    path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1").removeprefix(root)
    skipped = scope["path"].removeprefix(root).removesuffix(request.path_params["url"])
    url = path.split("/", skipped.count("/"))[-1]
    if "://" not in url and SCHEME.match(unquote(url)) and "%" in url.partition("/")[0]:
        url = unquote(url)
    url = SCHEME.sub(r"\1://", url, count=1)
    url = url if "://" in url else f"http://{url}"
    query = scope["query_string"].decode("latin-1")
    return f"{url}?{query}" if query else url


class Links:
    """The addresses of TimeGate, TimeMap and mementos below the address at which the client sees the room."""

    def __init__(self, request: Request) -> None:
        self._base = str(request.base_url).rstrip("/")

    def memento(self, capture: IndexedCapture) -> str:
        return self.at(capture.timestamp, capture.url)

    def at(self, timestamp: int, url: str) -> str:
        return f"{self._base}/web/{timestamp:014}id_/{_escaped(url)}"

    def resources(self, url: str) -> Iterator[str]:
        """Yield the links that every answer about an address has."""
        yield f'<{_escaped(url)}>; rel="original"'
        yield f'<{self._base}/timegate/{_escaped(url)}>; rel="timegate"'

    def timemap(self, url: str) -> str:
        return f'<{self._base}/timemap/link/{_escaped(url)}>; type="{LINK_FORMAT}"'

    def to_memento(self, capture: IndexedCapture, relation: str = "memento") -> str:
        return f'<{self.memento(capture)}>; rel="{relation}"; datetime="{_http_date(capture.moment)}"'

    def related(self, connection: sqlite3.Connection, capture: IndexedCapture) -> str:
        """Return the value of Link in an answer about a capture."""
        url, stamp = capture.url, capture.timestamp
        around = {
            "first": next(find(connection, url, limit=1), None),
            "prev": next(find(connection, url, until=stamp - 1, limit=1, is_reversed=True), None),
            "": capture,
            "next": next(find(connection, url, since=stamp + 1, limit=1), None),
            "last": next(find(connection, url, limit=1, is_reversed=True), None),
        }
        # A capture may be two of them, and has one link.
        relations: dict[IndexedCapture, str] = {}
        for name, one in around.items():
            if one is not None:
                same = next((other for other in relations if other.timestamp == one.timestamp), one)
                relations[same] = f"{relations.get(same, '')} {name}".strip()
        mementos = (self.to_memento(one, f"{names} memento".strip()) for one, names in relations.items())
        return ", ".join((*self.resources(url), f'{self.timemap(url)}; rel="timemap"', *mementos))


def _timemap(links: Links, database: Path, url: str, newest: IndexedCapture) -> Iterator[str]:
    lines = _timemap_links(links, database, url, newest)
    yield next(lines)
    while batch := ",\n".join(islice(lines, BATCH)):
        yield f",\n{batch}"
    yield "\n"


def _timemap_links(links: Links, database: Path, url: str, newest: IndexedCapture) -> Iterator[str]:
    with closing(connect(database)) as connection:
        captures = find(connection, url, until=newest.timestamp)
        # Of one second, whatever the archive has, there is one link.
        seconds = (next(same) for _, same in groupby(captures, attrgetter("timestamp")))
        for number, one in enumerate(seconds):
            if not number:
                span = f'from="{_http_date(one.moment)}"; until="{_http_date(newest.moment)}"'
                yield from (*links.resources(url), f'{links.timemap(url)}; rel="self"; {span}')
            first, last = "first " * (not number), "last " * (one.timestamp == newest.timestamp)
            yield links.to_memento(one, f"{first}{last}memento")


def _fields(response: ArchivedResponse, capture: IndexedCapture, links: Links) -> Iterator[tuple[str, str]]:
    """Yield the header fields of a memento, without Link."""
    yield "Memento-Datetime", _http_date(capture.moment)
    if location := location_of(response.head, capture.url):
        yield "Location", links.at(capture.timestamp, location)
    fields = [(name, value) for name, value in response.head.fields if TOKEN.fullmatch(name) and _is_plain(value)]
    for name, default in PASSED.items():
        value = next((value for known, value in fields if known == name), default)
        if value:
            yield name, value
    for name, value in fields[:MOST_FIELDS]:
        if name not in (*PASSED, "location", "transfer-encoding"):
            yield f"X-Archive-Orig-{name}", value
    if response.length is not None:
        yield "Content-Length", str(response.length)


def _as_data(response: ArchivedResponse, fields: list[tuple[str, str]]) -> Response:
    status = response.head.status
    if status in (204, 304):
        response.close()
        answer = Response(status_code=status)
        fields = [(name, value) for name, value in fields if name != "Content-Length"]
    else:
        # Servers send statuses that HTTP does not have.
        status = status if 200 <= status <= 999 else 502
        answer = StreamingResponse(response.pieces(), status, DATA_HEADERS)
    answer.raw_headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in fields]
    return answer


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _escaped(url: str) -> str:
    # A comma or a quote is fine between angle brackets.
    return quote(url, safe=VISIBLE.translate({ord(one): None for one in '<>"'}))


def _is_plain(value: str) -> bool:
    return len(value) <= MOST_CHARACTERS and not any(ord(one) < 0x20 or ord(one) == 0x7F for one in value)


def _no_capture(url: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"The archive has no capture of {url}.\n", 404, headers)
