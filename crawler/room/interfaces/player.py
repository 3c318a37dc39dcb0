"""The origin on which archived pages are replayed, in ReplayWeb.page, straight from the WARCs.

Scripts of archived pages run here. It is an origin of its own, so that they are strangers to the reading room, and its
policy lets nothing in them reach the web.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.room.index.captures import IndexedCapture
from crawler.room.interfaces.archived import NotReadable
from crawler.room.interfaces.page_captures import replay_lines
from crawler.room.interfaces.records import not_readable, records
from crawler.room.interfaces.replay import capture_of, version_of
from crawler.room.room import Room

TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parents[1] / "templates"), autoescape=True)
# ReplayWeb.page sets styles and compiles code at run time; archived pages do what they like. Nothing is fetched from
# elsewhere.
POLICY = "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; object-src 'none'; form-action 'self'"


def is_player(package: Path) -> bool:
    """Return whether a folder has the player."""
    return all((package / name).is_file() for name in ("index.html", "ui.js", "sw.js"))


def make_player(room: Room, package: Path) -> Starlette:
    """Return the application of the replay origin; `package` is the folder of the npm package."""
    routes = [
        Route("/replay/{id}/{version:int}", page),
        Route("/records/{id}.{version:int}.cdxj", index),
        Route("/records/{name}", records),
        # With its own page: the browser may ask for that before the service worker answers.
        Mount("/player", StaticFiles(directory=package, html=True)),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Policy)])
    app.state.room = room
    return app


class Policy:
    """Adds the content-security policy of this origin to answers without one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                names = {name.lower() for name, _ in headers}
                if b"content-security-policy" not in names:
                    headers.append((b"content-security-policy", POLICY.encode()))
                message = {**message, "headers": [*headers, (b"x-content-type-options", b"nosniff")]}
            await send(message)

        await self._app(scope, receive, send_with_policy)


def page(request: Request) -> Response:
    """Send the page with the player for a version of an article."""
    capture = _capture(request)
    path = request.scope.get("root_path", "")
    values = {"path": path, "url": capture.url, "timestamp": f"{capture.timestamp:014}", **request.path_params}
    return HTMLResponse(TEMPLATES.get_template("player.html").render(values))


def index(request: Request) -> Response:
    """Send the index of a version's page and of what it shows; its files are beside it."""
    room, capture = request.app.state.room, _capture(request)
    try:
        with room.reading() as connection:
            lines = replay_lines(connection, room.storage, capture)
    except NotReadable as error:
        return not_readable(error)
    return PlainTextResponse("".join(lines), media_type="text/x-cdxj")


def _capture(request: Request) -> IndexedCapture:
    """Return the capture from which a version was read. Raises HTTPException without one."""
    with request.app.state.room.reading() as connection:
        row = version_of(connection, request.path_params["id"], request.path_params["version"])
        capture = capture_of(connection, row) if row else None
    if capture is None:
        raise HTTPException(404)
    return capture
