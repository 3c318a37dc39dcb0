"""Search: a page of results with facets, sorting, paging and addresses to share."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from crawler.room.language import Language
from crawler.room.pages.answers import address, answer, language_of, room_of
from crawler.room.pages.front import summary
from crawler.room.room import Room
from crawler.room.search.asked import SORTS, Asked, flat
from crawler.room.search.query import NAMES, day_in
from crawler.room.search.searching import Results, facets_beside, search
from crawler.room.search.snippets import Part

# Values of a facet on the page, and periods before they are joined into longer ones.
VALUES, PERIODS = 10, 14
PAGES_AROUND = 2


def results(request: Request) -> Response:
    asked, room, begin = Asked.of(request), room_of(request), time.perf_counter()
    with room.reading() as connection:
        found = search(connection, asked.text, asked.filters, asked.sort, asked.page, room.codes)
        found = replace(found, facets=_facets(connection, asked, found))
    data = {
        "query": asked.text,
        "total": found.total,
        "is_capped": found.is_capped,
        "was_cut": found.was_cut,
        "ignored": list(found.query.ignored),
        "sort": asked.sort,
        "page": found.page,
        "pages": found.pages,
        "hits": [summary(hit.row) | {"day": hit.day.isoformat(), "snippet": _plain(hit.snippet)} for hit in found.hits],
        "facets": {name: [list(one) for one in values] for name, values in found.facets.items()},
    }
    links = _Links(room, language_of(request), asked, found)
    hits = [summary(hit.row) | {"title": hit.title, "snippet": hit.snippet} for hit in found.hits]
    shown = {"hits": hits, "seconds": time.perf_counter() - begin, **links.all()}
    return answer(request, "search.html", data, **shown)


def _facets(connection: sqlite3.Connection, asked: Asked, found: Results) -> dict[str, Any]:
    """Return the facets. Those of a filter have the values that could be chosen beside its own, and its own."""
    beside = facets_beside(connection, found.query, asked.filters)
    for name, values in beside.items():
        chosen = {value: count for value, count in found.facets[name] if value in asked.chosen[name]}
        beside[name] = list((dict(values) | chosen).items())
    return found.facets | beside


def _plain(parts: Iterable[Part]) -> str:
    return "".join(part.text for part in parts)


class _Links:
    """The addresses around a page of results."""

    def __init__(self, room: Room, language: Language, asked: Asked, found: Results) -> None:
        self._room = room
        self._language = language
        self._asked = asked
        self._found = found

    def all(self) -> dict[str, Any]:
        asked, found = self._asked, self._found
        span = [(name, value) for name, value in asked.query(since=None, until=None).items() if value]
        return {
            "sorts": [(one, self._to(**asked.query(sort=one)), one == asked.sort) for one in SORTS],
            "share": self._to(**asked.query()),
            "json": self._to(**asked.query(page=found.page if found.page > 1 else None, format="json")),
            "atom": address(self._room, "atom", **asked.query(sort=None)),
            "kept_filters": list(flat(item for item in asked.query().items() if item[0] != "q")),
            "span_fields": list(flat(span)),
            "since": asked.since or "",
            "until": asked.until or "",
            "chosen": list(self._chosen()),
            "without_filters": self._to(q=asked.text, sort=asked.query()["sort"]),
            "facets": [facet for facet in map(self._facet, (*NAMES, "day")) if facet],
            "ignored": ", ".join(found.query.ignored),
            "is_sampled": found.is_capped,
            "sample": found.total,
            "pages": list(self._pages()),
            "previous": self._page(found.page - 1),
            "next": self._page(found.page + 1),
        }

    def _to(self, **query: Any) -> str:
        return address(self._room, "search", **query)

    def _page(self, number: int) -> str | None:
        is_there = 1 <= number <= self._found.pages
        return self._to(**self._asked.query(page=number if number > 1 else None)) if is_there else None

    def _pages(self) -> Iterable[tuple[int | None, str | None]]:
        """Yield the first, the last and the pages around this one, with None for those between."""
        page, last = self._found.page, self._found.pages
        near = range(max(page - PAGES_AROUND, 1), min(page + PAGES_AROUND, last) + 1)
        before = 0
        for number in sorted({1, last, *near}):
            if number > before + 1:
                yield None, None
            yield number, self._page(number)
            before = number

    def _chosen(self) -> Iterable[dict[str, str]]:
        asked = self._asked
        for name, values in asked.chosen.items():
            for value in values:
                yield {"label": self._label(name, value), "link": self._to(**asked.toggled(name, value))}
        for name, day in (("since", asked.since), ("until", asked.until)):
            if day:
                label = f"{self._language.text(name)}: {self._language.day(day)}"
                yield {"label": label, "link": self._to(**asked.query(**{name: None}))}

    def _facet(self, name: str) -> dict[str, Any] | None:
        """Return a facet that can narrow the results, or that does; None for others."""
        values = self._found.facets[name]
        if name == "day":
            options = [self._period(*one) for one in _periods(values)]
        else:
            options = [self._option(name, *one) for one in values]
            # Those that are chosen stay within reach.
            options = [one for number, one in enumerate(options) if number < VALUES or one["is_chosen"]]
        is_useful = len(options) > 1 or any(one["is_chosen"] or one["count"] < self._found.total for one in options)
        return {"name": name, "options": options} if is_useful else None

    def _option(self, name: str, value: str, count: int) -> dict[str, Any]:
        link = self._to(**self._asked.toggled(name, value))
        is_chosen = value in self._asked.chosen[name]
        return {"label": self._label(name, value), "count": count, "link": link, "is_chosen": is_chosen}

    def _period(self, text: str, count: int) -> dict[str, Any]:
        since, until = day_in(text), day_in(text, is_end=True)
        is_chosen = (self._asked.since, self._asked.until) == (since, until)
        span = {} if is_chosen else {"since": since, "until": until}
        names = {4: self._language.digits, 7: self._language.month, 10: self._language.day}
        link = self._to(**self._asked.query(since=None, until=None) | span)
        return {"label": names[len(text)](text), "count": count, "link": link, "is_chosen": is_chosen}

    def _label(self, name: str, value: str) -> str:
        if name == "outlet":
            declared = self._room.outlets.named(value)
            return self._language.title(declared) if declared else value
        if name == "agency":
            return self._language.agency(value)
        return self._language.name(value) if name in ("language", "scope") else value


def _periods(values: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return days, months or years, latest first: the shortest that are few."""
    length = 0
    counts: dict[str, int] = {}
    for length in (10, 7, 4):
        counts = {}
        for text, count in values:
            counts[text[:length]] = counts.get(text[:length], 0) + count
        if len(counts) <= PERIODS:
            break
    # One period can't narrow anything.
    chosen = counts if len(counts) > 1 else dict(values)
    return sorted(chosen.items(), reverse=True)
