"""The application of the reading room: its routes, and what every answer has."""

from __future__ import annotations

import os
import sqlite3

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.room.interfaces.atom import atom
from crawler.room.interfaces.cdx_server import cdx
from crawler.room.interfaces.memento import memento, timegate, timemap
from crawler.room.interfaces.records import records
from crawler.room.interfaces.replay import replay
from crawler.room.pages.answers import POLICY, STATIC, problem
from crawler.room.pages.days import any_day, day_page
from crawler.room.pages.front import front, help_page
from crawler.room.pages.outlets import outlet, outlet_list
from crawler.room.pages.reading import article, comparison
from crawler.room.pages.results import results
from crawler.room.room import Room

HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
STATIC_CACHE = "public, max-age=31536000, immutable"
PACKED = [Middleware(GZipMiddleware)]

PAGES = {
    "/": front,
    "/search": results,
    "/article/{id}": article,
    "/article/{id}/compare": comparison,
    "/outlets": outlet_list,
    "/outlet/{name}": outlet,
    "/day": any_day,
    "/day/{day}": day_page,
    "/help": help_page,
    "/replay/{id}": replay,
    "/atom": atom,
    "/cdx": cdx,
}


def routes() -> list[BaseRoute]:
    """Return every route of the room. Endpoints are plain functions, which Starlette runs in its threads."""
    return [*(Route(path, endpoint, middleware=PACKED) for path, endpoint in PAGES.items()), *DATA]


def make_app(room: Room) -> Starlette:
    app = Starlette(
        routes=routes(),
        middleware=[Middleware(Below, prefix=room.prefix), Middleware(Headers)],
        exception_handlers=dict.fromkeys((400, 404, 405, sqlite3.DatabaseError, Exception), problem),
    )
    app.state.room = room
    return app


class KeptFiles(StaticFiles):
    """Files whose address changes with their content."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = STATIC_CACHE
        return response


class Below:
    """Serves the room below a prefix, whether or not the reverse proxy removes it."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._prefix:
            path: str = scope["path"]
            is_below = path == self._prefix or path.startswith(f"{self._prefix}/")
            scope = {**scope, "root_path": self._prefix, "path": path if is_below else self._prefix + path}
        await self._app(scope, receive, send)


class Headers:
    """Adds HEADERS to answers; an answer may have its own instead."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in HEADERS.items() if name not in given]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


# Archived bytes are sent as they are.
DATA = (
    Route("/records/{name}", records),
    Route("/timegate/{url:path}", timegate),
    Route("/timemap/link/{url:path}", timemap),
    Route("/web/{stamp}/{url:path}", memento),
    Mount("/static", KeptFiles(directory=STATIC), middleware=PACKED),
)
