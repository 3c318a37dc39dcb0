"""What the address of a search or a feed asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from starlette.requests import Request

from crawler.room.search.query import NAMES, Filters, day_in, query_in, values_in
from crawler.room.search.searching import Sort

SORTS: tuple[Sort, ...] = get_args(Sort)
LAST_PAGE = 10_000


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
        chosen = {name: list(values_in(given.getlist(name))) for name in NAMES}
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

    def query(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters of this search, changed; without a page, the first one."""
        values: dict[str, Any] = {"q": self.text, **self.chosen}
        values |= {"since": self.since and self.since.isoformat(), "until": self.until and self.until.isoformat()}
        return values | {"sort": self.sort if self.sort != "relevance" else None} | changes

    def toggled(self, name: str, value: str) -> dict[str, Any]:
        values = self.chosen[name]
        others = [one for one in values if one != value] if value in values else [*values, value]
        return self.query(**{name: others})


def flat(items: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield each value of parameters with its name."""
    for name, value in items:
        for one in value if isinstance(value, list) else [value]:
            if one:
                yield name, str(one)
