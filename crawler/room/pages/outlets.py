"""The outlets, and one outlet: its coverage, its health, and its gaps with the commands that fill them."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from crawler.model.addresses import is_web_address
from crawler.outlets.outlet import Outlet
from crawler.room.health import Known
from crawler.room.pages.answers import answer, language_of, room_of
from crawler.room.pages.covered import Covered, cells, today
from crawler.room.pages.front import summary
from crawler.room.search.articles import coverage, newest
from crawler.room.search.counts import Kept, busiest, kept_of_outlets
from crawler.tools.report.gaps import Gap

NEWEST = 10
# No news site is older; wrong dates of pages would draw empty calendars.
EARLIEST = 1990


def outlet_list(request: Request) -> Response:
    room = room_of(request)
    with room.reading() as connection:
        kept = kept_of_outlets(connection)
        covered = Covered.last_days(connection)
    known = room.health.known()
    lines = [_line(known, one) for one in kept]
    data = {"outlets": lines, **covered.as_data()}
    return answer(request, "outlets.html", data, coverage_lines=[covered.sum(), *covered.lines()])


def outlet(request: Request) -> Response:
    room, name = room_of(request), request.path_params["name"]
    with room.reading() as connection:
        covered = coverage(connection, name)
        latest = newest(connection, NEWEST, name)
    declared = room.outlets.named(name)
    if not covered and declared is None:
        raise HTTPException(404)
    known, gaps = room.health.known(), room.health.gaps(name, covered)
    data = {
        "outlet": name,
        "articles": sum(covered.values()),
        "first": _iso(min(covered, default=None)),
        "last": _iso(max(covered, default=None)),
        "coverage": {day.isoformat(): count for day, count in covered.items()},
        "findings": [{"finding": one.finding, "since": one.since} for one in known.of(name)] if known else [],
        "refused_until": known.refusals.get(name) if known else None,
        "last_run": known.last_runs.get(name) if known else None,
        "is_known": known is not None,
        "gaps": list(map(_gap, gaps)),
        "newest": list(map(summary, latest)),
    }
    reasons = list(map(language_of(request).gap, gaps))
    return answer(request, "outlet.html", data, years=_years(covered), reasons=reasons, **_declared(declared))


def _line(known: Known | None, kept: Kept) -> dict[str, Any]:
    findings = [one.finding for one in known.of(kept.outlet)] if known else []
    is_refused = known is not None and kept.outlet in known.refusals
    is_seen = known is not None and kept.outlet in known.last_runs
    return {
        "outlet": kept.outlet,
        "articles": kept.articles,
        "first": kept.first.isoformat(),
        "last": kept.last.isoformat(),
        "health": "ill" if findings or is_refused else "well" if is_seen else "unknown",
        "finding": findings[0] if findings else "refused" if is_refused else None,
    }


def _gap(gap: Gap) -> dict[str, Any]:
    span = {"since": gap.since.isoformat(), "until": gap.until.isoformat(), "days": len(gap.dates)}
    return span | {"reason": gap.reason, "command": gap.command}


def _declared(declared: type[Outlet] | None) -> dict[str, Any]:
    home = declared.home if declared else None
    return {
        "publisher": declared.publisher if declared else "",
        "home": home if home and is_web_address(home) else None,
    }


def _years(counts: Mapping[date, int]) -> list[dict[str, Any]]:
    """Return the years with articles, the latest first, each with its months and days."""
    most = busiest(counts.values())
    last = today()
    years = sorted({day.year for day in counts if EARLIEST <= day.year <= last.year}, reverse=True)
    return [_year(year, counts, most, last) for year in years]


def _year(year: int, counts: Mapping[date, int], most: int, until: date) -> dict[str, Any]:
    months = [_month(year, month, counts, most, until) for month in range(1, 13) if date(year, month, 1) <= until]
    articles = sum(month["articles"] for month in months)
    return {"year": year, "first": f"{year}-01-01", "last": f"{year}-12-31", "articles": articles, "months": months}


def _month(year: int, month: int, counts: Mapping[date, int], most: int, until: date) -> dict[str, Any]:
    """Return a month; `weekday` is that of its first day, 0 for Sunday, with which the week begins."""
    first = date(year, month, 1)
    last = first + timedelta(calendar.monthrange(year, month)[1] - 1)
    days = [first + timedelta(number) for number in range((min(last, until) - first).days + 1)]
    return {
        "number": month,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "weekday": first.isoweekday() % 7,
        "articles": sum(counts.get(day, 0) for day in days),
        "cells": cells(days, counts, most),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
