"""Search: a page of results with facets, sorting, paging and addresses to share."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import Response

from crawler.room.language import Language
from crawler.room.pages.answers import address, answer, language_of, room_of
from crawler.room.pages.front import summary
from crawler.room.room import Room
from crawler.room.search.query import MOST_VALUES, NAMES, Filters, day_in, query_in
from crawler.room.search.searching import Results, Sort, search
from crawler.room.search.snippets import Part

# Values of a facet on the page, and periods before they are joined into longer ones.
VALUES, PERIODS = 10, 14
SORTS: tuple[Sort, ...] = get_args(Sort)
LAST_PAGE = 10_000
PAGES_AROUND = 2


@dataclass(frozen=True)
class Asked:
    """What the address of a search says."""

    text: str
    chosen: dict[str, list[str]]
    since: date | None
    until: date | None
    sort: Sort
    page: int

    @classmethod
    def of(cls, request: Request) -> Asked:
        given = request.query_params
        chosen = {name: list(dict.fromkeys(filter(None, given.getlist(name))))[:MOST_VALUES] for name in NAMES}
        sort: Sort = next((one for one in SORTS if one == given.get("sort")), "relevance")
        page = given.get("page", "1")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
        since, until = day_in(given.get("since", "")), day_in(given.get("until", ""), is_end=True)
        return cls(query_in(given.get("q", "")), chosen, since, until, sort, min(max(number, 1), LAST_PAGE))

    @property
    def filters(self) -> Filters:
        return Filters(
            **{name: tuple(values) for name, values in self.chosen.items()}, since=self.since, until=self.until
        )

    def as_query(self) -> str:
        """Return the query with all filters but outlets in it, as a feed takes them."""
        values = [(name, value.replace('"', " ")) for name in NAMES[1:] for value in self.chosen[name]]
        span = [(name, day) for name, day in (("since", self.since), ("until", self.until)) if day]
        return " ".join([self.text, *(f'{name}:"{value}"' for name, value in (*values, *span))]).strip()

    def query(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters of this search, changed; without a page, the first one."""
        values: dict[str, Any] = {"q": self.text, **self.chosen}
        values |= {"since": self.since and self.since.isoformat(), "until": self.until and self.until.isoformat()}
        return values | {"sort": self.sort if self.sort != "relevance" else None} | changes

    def toggled(self, name: str, value: str) -> dict[str, Any]:
        values = self.chosen[name]
        others = [one for one in values if one != value] if value in values else [*values, value]
        return self.query(**{name: others})


def results(request: Request) -> Response:
    asked, room, begin = Asked.of(request), room_of(request), time.perf_counter()
    with room.reading() as connection:
        found = search(connection, asked.text, asked.filters, asked.sort, asked.page)
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
            "atom": address(self._room, "atom", q=asked.as_query(), outlet=asked.chosen["outlet"]),
            "kept_filters": list(_flat(item for item in asked.query().items() if item[0] != "q")),
            "span_fields": list(_flat(span)),
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


def _flat(items: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, str]]:
    """Yield each value of parameters with its name."""
    for name, value in items:
        for one in value if isinstance(value, list) else [value]:
            if one:
                yield name, str(one)
