"""An answer of the room: a page in the reader's language, or its data as JSON for those who prefer it."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from crawler.model.addresses import is_web_address
from crawler.room.language import LANGUAGES, Language, languages, preferred
from crawler.room.room import Room

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).parents[1]
STATIC = FOLDER / "static"
# No script or style within a page, nothing from elsewhere, no frame around it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
COOKIE, COOKIE_SECONDS = "lang", 365 * 24 * 3600
VARY = {"Vary": "Accept, Accept-Language, Cookie"}
PROBLEMS = {404: "not_found", 400: "bad_request", 405: "bad_request", 503: "busy"}
HINTS = {404: "not_found_hint", 500: "failed_hint", 503: "busy_hint"}


def room_of(request: Request) -> Room:
    room: Room = request.app.state.room
    return room


def language_of(request: Request) -> Language:
    """Return the language that the reader chose, else the one that the browser prefers."""
    chosen = request.query_params.get("lang") or request.cookies.get(COOKIE, "")
    return languages()[chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))]


def answer(request: Request, template: str, data: Mapping[str, Any], status: int = 200, **shown: Any) -> Response:
    """Return the page of a template, with `data` and what only the page shows; or `data` as JSON."""
    if prefers_json(request):
        return JSONResponse(data, status, headers=VARY)
    if (code := request.query_params.get("lang")) in LANGUAGES and status == 200:
        return _switched(request, str(code))
    values = {**_frame(request), **data, **shown}
    return HTMLResponse(_templates().get_template(template).render(values), status, headers=VARY)


def address(room: Room, *parts: object, **query: Any) -> str:
    """Return the path of a page with its query; parameters without a value are left out."""
    path = "/".join(quote(str(part), safe="") for part in parts)
    given = {name: value for name, value in query.items() if value not in (None, "", [], ())}
    return f"{room.prefix}/{path}{'?' if given else ''}{urlencode(given, doseq=True)}"


def problem(request: Request, error: Exception) -> Response:
    """Return the page of a mistake or a fault."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if isinstance(error, sqlite3.DatabaseError):  # a page that reads too long, an index that is made anew or damaged
        logger.warning("%s can't be answered: %s", request.url.path, error)
        status = 503
    reason = error.detail if isinstance(error, HTTPException) and status == 400 else ""
    key = PROBLEMS.get(status, "failed")
    data = {"error": reason or languages()["en"].text(key), "status": status}
    headers = error.headers if isinstance(error, HTTPException) else None
    response = answer(request, "problem.html", data, status, problem=key, hint=HINTS.get(status), reason=reason)
    # Of a fault, this is the whole answer: what other answers have is not added to it.
    response.headers.update({"Content-Security-Policy": POLICY, **(headers or {})})
    return response


def prefers_json(request: Request) -> bool:
    """Return whether the Accept header prefers JSON to HTML, or the address has `format=json`."""
    if request.query_params.get("format") == "json":
        return True
    weights = {"application/json": 0.0, "text/html": 0.0}
    for one in request.headers.get("accept", "").split(",")[:50]:
        name, *options = (part.strip() for part in one.split(";"))
        weight = next((option[2:] for option in options if option.startswith("q=")), "1")
        if name in weights:
            weights[name] = float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0
    return weights["application/json"] > weights["text/html"]


@cache
def version_of_static(name: str) -> str:
    """Return a text that changes with a file, so that browsers may keep it for good."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["web"] = is_web_address
    environment.globals["shown_address"] = lambda url: unquote(url, errors="replace")
    return environment


def _frame(request: Request) -> dict[str, Any]:
    """Return what every template may use."""
    room, language = room_of(request), language_of(request)

    def url(*parts: object, **query: Any) -> str:
        return address(room, *parts, **query)

    def title_of(outlet: str) -> str:
        declared = room.outlets.named(outlet)
        return language.title(declared) if declared else outlet

    def static(name: str) -> str:
        # A stylesheet names its fonts itself.
        version = None if name.endswith(".woff2") else version_of_static(name)
        return address(room, "static", name, v=version)

    def names_of(agencies: list[str]) -> list[str]:
        """Return the names of wire services, which bylines name as well."""
        return [name for code in agencies for name in (code, languages()["bn"].agency(code))]

    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    switch = f"{request.url.path}?{urlencode([*kept, ('lang', language.other)])}"
    here = request.scope["path"].removeprefix(room.prefix).strip("/").partition("/")[0]
    names = {"outlet": "outlets"}
    return {
        "room": room,
        "language": language,
        "t": language.text,
        "url": url,
        "static": static,
        "title_of": title_of,
        "names_of": names_of,
        "switch": switch,
        "here": names.get(here, here),
    }


def _switched(request: Request, code: str) -> Response:
    """Remember the chosen language, and return to the address without it, which others may open in theirs."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    response = RedirectResponse(f"{request.url.path}{'?' if kept else ''}{urlencode(kept)}", 303)
    path = room_of(request).prefix or "/"
    response.set_cookie(COOKIE, code, max_age=COOKIE_SECONDS, path=path, httponly=True, samesite="lax")
    return response
