"""Counts of the contents of state."""

from dataclasses import dataclass

from sqlalchemy import Engine, case, func, select, text

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


def contents_of(engine: Engine) -> list[Held]:
    """Return what is held of each outlet, sorted by its name."""
    held: dict[str, Held] = {}
    has_row = case((articles.c.version > 0, 1), else_=0)
    counts = (
        select(articles.c.outlet, func.sum(has_row).label("articles"), func.sum(1 - has_row).label("others")),
        select(captures.c.outlet, func.count().label("captures")),
        select(runs.c.outlet, func.max(runs.c.started).label("last_run")),
    )
    with engine.connect() as connection:
        for query in counts:
            for row in connection.execute(query.group_by("outlet")).mappings():
                one = held.setdefault(row["outlet"], Held(row["outlet"]))
                for name in row.keys() - {"outlet"}:
                    setattr(one, name, row[name])
    return [held[outlet] for outlet in sorted(held)]


def size_of(engine: Engine) -> int:
    """Return the bytes of the database."""
    with engine.connect() as connection:
        return int(connection.scalar(text(SIZE[engine.dialect.name])) or 0)
