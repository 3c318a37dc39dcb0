"""The front page: what is kept, what is new, the coverage of the last days; and help."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from crawler.outlets.outlet import Outlet
from crawler.room.pages.answers import answer, room_of
from crawler.room.pages.covered import Covered, today
from crawler.room.search.articles import Row, newest, outlets
from crawler.room.search.counts import kept_since

# Outlets beside the sum of all, and articles.
BUSIEST, NEWEST = 12, 12
EXAMPLES = {
    "help_words": "নির্বাচনের ফল",
    "help_phrase": "“নির্বাচন কমিশন”",
    "help_outlet": "ডেঙ্গু outlet:samakal",
    "help_author": 'author:"নিজস্ব প্রতিবেদক"',
    "help_span": "বন্যা since:2022-07-01 until:2022-07-31",
}
ADDRESSES = (
    "search?q=&outlet=&since=&until=&sort=",
    "article/ID",
    "article/ID/compare?from=1&to=2",
    "outlet/NAME",
    "day/YYYY-MM-DD",
    "atom?q=&outlet=",
    "cdx?url=&matchType=&from=&to=&output=json&limit=",
    "timegate/URL",
    "timemap/link/URL",
    "web/20221124101500id_/URL",
)


def front(request: Request) -> Response:
    with room_of(request).reading() as connection:
        counts = outlets(connection)
        covered = Covered.last_days(connection)
        recent = kept_since(connection, datetime.combine(today(), time(), Outlet.zone()))
        latest = newest(connection, NEWEST)
    data = {
        "kept": sum(counts.values()),
        "outlets": len(counts),
        "today": today().isoformat(),
        "new_today": recent.new,
        "edited_today": recent.edited,
        "is_today_capped": recent.is_capped,
        **covered.as_data(),
        "newest": list(map(summary, latest)),
    }
    lines = [covered.sum(), *covered.lines(BUSIEST)]
    return answer(request, "front.html", data, coverage_lines=lines, is_current=covered.days[-1] == today())


def help_page(request: Request) -> Response:
    base = f"{request.url.scheme}://{request.url.netloc}{room_of(request).prefix}/"
    return answer(request, "help.html", {"addresses": [base + one for one in ADDRESSES]}, examples=EXAMPLES.items())


def summary(row: Row) -> dict[str, Any]:
    """Return what a list of articles shows of one."""
    kept = ("id", "version", "outlet", "url", "title", "section", "agencies", "published", "fetched_at")
    return {key: row[key] for key in kept} | {"authors": [author["name"] for author in row["authors"]]}
