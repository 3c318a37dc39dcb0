"""The articles of the last days to revisit, and how often they were revisited."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Engine, Select, and_, delete, or_, select, update

from crawler.state.facts import as_text
from crawler.state.tables import articles, failures, insert_into, looks


class Look(NamedTuple):
    """An article to revisit; `published` is the RFC 3339 text from its listing."""

    key: str
    url: str
    published: str | None
    national: bool


LOOK = select(*(looks.c[name] for name in Look._fields))


class Looks:
    """The articles to revisit. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, outlet: str, look: Look, now: datetime, aliases: Sequence[str] = ()) -> None:
        """Note an article as seen now, unless it is known; forget it under its other keys."""
        values = {"outlet": outlet, **look._asdict(), "first_seen": as_text(now), "made": 0}
        others = [key for key in aliases if key != look.key]
        with self._engine.begin() as connection:
            connection.execute(delete(looks).where(looks.c.outlet == outlet, looks.c.key.in_(others)))
            connection.execute(insert_into(looks, self._engine.dialect).on_conflict_do_nothing().values(**values))

    def due(self, outlet: str, after: Sequence[timedelta], now: datetime, most: int) -> list[Look]:
        """Return the articles to revisit after these times since their first sight, newest first.

        Failed articles come first, because there is no row of them. Those tried within the first of the times do not.
        """
        is_due = [
            and_(looks.c.made == made, looks.c.first_seen <= as_text(now - wait)) for made, wait in enumerate(after)
        ]
        failed = (failures.c.outlet == looks.c.outlet) & (failures.c.key == looks.c.key)
        failed &= failures.c.is_final.is_(False) & (failures.c.at <= as_text(now - after[0]))
        query = LOOK.outerjoin(failures, failed)
        query = query.where(looks.c.outlet == outlet, or_(*is_due)).order_by(failures.c.key.is_(None))
        return self._newest_of(query, most)

    def newest(self, outlet: str, most: int) -> list[Look]:
        """Return the articles with rows that were seen last."""
        has_row = (articles.c.outlet == looks.c.outlet) & (articles.c.key == looks.c.key) & (articles.c.version > 0)
        return self._newest_of(LOOK.join(articles, has_row).where(looks.c.outlet == outlet), most)

    def made(self, outlet: str, keys: Sequence[str], after: Sequence[timedelta], now: datetime) -> None:
        """Note that articles were revisited, overdue visits included; forget those without a further visit."""
        its = looks.c.outlet == outlet
        with self._engine.begin() as connection:
            for number, wait in enumerate(after, 1):
                is_over = (looks.c.made < number) & (looks.c.first_seen <= as_text(now - wait))
                connection.execute(update(looks).where(its, looks.c.key.in_(keys), is_over).values(made=number))
            connection.execute(delete(looks).where(its, looks.c.made >= len(after)))

    def _newest_of(self, query: Select[Any], most: int) -> list[Look]:
        with self._engine.connect() as connection:
            found = connection.execute(query.order_by(looks.c.first_seen.desc()).limit(most))
            return [Look(*row) for row in found]
