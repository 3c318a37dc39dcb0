"""Articles of the last days that are to be asked for again, and how often they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crawler.state.facts import as_text
from crawler.state.tables import articles, failures, looks


class Look(NamedTuple):
    """An article to look at again; `published` is what its listing said, as RFC 3339 text."""

    key: str
    url: str
    published: str | None
    national: bool


class Looks:
    """The articles to look at again. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, outlet: str, look: Look, now: datetime) -> None:
        """Note an article as seen just now, unless it is noted already."""
        insert = (postgresql if self._engine.dialect.name == "postgresql" else sqlite).insert(looks)
        values = insert.values(outlet=outlet, **look._asdict(), first_seen=as_text(now), made=0)
        with self._engine.begin() as connection:
            connection.execute(values.on_conflict_do_nothing(index_elements=["outlet", "key"]))

    def due(self, outlet: str, after: Sequence[timedelta], now: datetime, most: int) -> list[Look]:
        """Return the articles whose next look is due, by the times after their first sight; newest first.

        Those that failed for now come before all others: of these there is nothing yet. One that was tried within the
        first of the times does not, as it may be that nobody answers for it.
        """
        is_due = [
            and_(looks.c.made == made, looks.c.first_seen <= as_text(now - wait)) for made, wait in enumerate(after)
        ]
        query = select(*(looks.c[name] for name in Look._fields)).outerjoin(failures, _failed_before(now - after[0]))
        query = query.where(looks.c.outlet == outlet, or_(*is_due))
        with self._engine.connect() as connection:
            ordered = query.order_by(failures.c.key.is_(None), looks.c.first_seen.desc())
            found = connection.execute(ordered.limit(most))
            return [Look(*row) for row in found]

    def newest(self, outlet: str, most: int) -> list[Look]:
        """Return the articles with rows that were seen last, whether their next look is due or not."""
        has_row = (articles.c.outlet == looks.c.outlet) & (articles.c.key == looks.c.key) & (articles.c.version > 0)
        query = (
            select(*(looks.c[name] for name in Look._fields)).join(articles, has_row).where(looks.c.outlet == outlet)
        )
        with self._engine.connect() as connection:
            found = connection.execute(query.order_by(looks.c.first_seen.desc()).limit(most))
            return [Look(*row) for row in found]

    def made(self, outlet: str, keys: Sequence[str], after: Sequence[timedelta], now: datetime) -> None:
        """Note that articles were looked at, and forget those that are not to be looked at any more.

        Looks whose time has passed as well are made with it.
        """
        with self._engine.begin() as connection:
            for key in keys:
                it = (looks.c.outlet == outlet) & (looks.c.key == key)
                for number, wait in enumerate(after, 1):
                    is_over = it & (looks.c.made < number) & (looks.c.first_seen <= as_text(now - wait))
                    connection.execute(update(looks).where(is_over).values(made=number))
            connection.execute(delete(looks).where(looks.c.outlet == outlet, looks.c.made >= len(after)))


def _failed_before(moment: datetime) -> ColumnElement[bool]:
    failed = (failures.c.outlet == looks.c.outlet) & (failures.c.key == looks.c.key)
    return failed & failures.c.is_final.is_(False) & (failures.c.at <= as_text(moment))
