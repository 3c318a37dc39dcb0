"""Counts of the contents of state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, case, func, select, text

from crawler.state.schema import revision_of
from crawler.state.tables import articles, captures, runs

SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(slots=True)
class Held:
    outlet: str
    articles: int = 0
    others: int = 0
    captures: int = 0
    last_run: str | None = None


@dataclass(frozen=True, slots=True)
class StateContents:
    outlets: list[Held]
    revision: str
    size: int


def contents_of(engine: Engine) -> StateContents:
    held: dict[str, Held] = {}
    with engine.connect() as connection:
        for query in _counts():
            for row in connection.execute(query).mappings():
                one = held.setdefault(row["outlet"], Held(row["outlet"]))
                for name in row.keys() - {"outlet"}:
                    setattr(one, name, row[name])
        revision = revision_of(connection) or ""
        size = int(connection.scalar(text(SIZE[engine.dialect.name])) or 0)
    return StateContents([held[outlet] for outlet in sorted(held)], revision, size)


def _counts() -> list[Select[Any]]:
    has_row = articles.c.version > 0
    with_row, others = (func.sum(case((has_row, one), else_=1 - one)) for one in (1, 0))
    by_outlet = select(articles.c.outlet, with_row.label("articles"), others.label("others"))
    of_captures = select(captures.c.outlet, func.count().label("captures"))
    last = select(runs.c.outlet, func.max(runs.c.started).label("last_run"))
    return [
        by_outlet.group_by(articles.c.outlet),
        of_captures.group_by(captures.c.outlet),
        last.group_by(runs.c.outlet),
    ]
