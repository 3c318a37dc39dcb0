"""A day: what each outlet wrote."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crawler.model.article import CLOCK_PRECISIONS
from crawler.room.pages.answers import address, answer, room_of
from crawler.room.pages.covered import today
from crawler.room.search.articles import Row, of_day, outlets
from crawler.room.search.counts import counts_of_days, last_day

# Titles of an outlet beside others, and alone.
TITLES, ALL_TITLES = 20, 1000


def any_day(request: Request) -> Response:
    """Go to the day of `?date=`, or to the last one with articles."""
    room = room_of(request)
    chosen = request.query_params.get("date")
    if chosen:
        day = _day(chosen)
    else:
        with room.reading() as connection:
            day = last_day(connection, today())
    return RedirectResponse(address(room, "day", day, outlet=request.query_params.get("outlet")), 303)


def day_page(request: Request) -> Response:
    day, only = _day(request.path_params["day"]), request.query_params.get("outlet") or None
    with room_of(request).reading() as connection:
        names = list(outlets(connection))
        counts = {name: of[day] for name, of in counts_of_days(connection, day, day).items() if of}
        wanted = [name for name in counts if only in (None, name)]
        groups = [_group(connection, day, name, counts[name], only is not None) for name in wanted]
    groups.sort(key=lambda group: -group["total"])
    data = {
        "day": day.isoformat(),
        "outlet": only,
        "before": _iso(day, -1),
        "after": _iso(day, 1) if day < today() else None,
        "total": sum(group["total"] for group in groups),
        "all_outlets": len(names),
        "of": groups,
    }
    return answer(request, "day.html", data)


def _group(connection: sqlite3.Connection, day: date, name: str, total: int, is_alone: bool) -> dict[str, Any]:
    rows = of_day(connection, day, name, ALL_TITLES if is_alone else TITLES)
    return {"outlet": name, "total": total, "articles": list(map(_line, rows))}


def _line(row: Row) -> dict[str, Any]:
    published = row["published"]
    facts = {"id": row["id"], "title": row["title"], "section": row["section"]}
    clock = bool(published) and published["precision"] in CLOCK_PRECISIONS
    return facts | {"at": published["at"] if published else row["fetched_at"], "clock": clock}


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(400, f"{text[:40]} is not a day like 2022-07-12") from error
    if day in (date.min, date.max):
        raise HTTPException(404)
    return day


def _iso(day: date, offset: int) -> str:
    return (day + timedelta(offset)).isoformat()
