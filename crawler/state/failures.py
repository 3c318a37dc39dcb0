"""Listed articles without a row: why, and whether to retry them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, bindparam, case, delete, select

from crawler.model.failures import ROBOTS_UNAVAILABLE, Failure
from crawler.state.facts import as_text
from crawler.state.tables import failures, insert_into
from crawler.system import clock

KEYS = 500

# How long an update does not retry a failed article: at first, and at most.
FIRST_REST, LONGEST_REST = timedelta(minutes=20), timedelta(days=1)

# A failure of this age and number of tries is final.
LONGEST_FAULT, LEAST_TRIES = timedelta(days=7), 3

# Articles with any other reason were requested.
WAS_TRIED = failures.c.reason != ROBOTS_UNAVAILABLE


class Failures:
    """The failures of outlets. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, outlet: str, keys: Sequence[str]) -> set[str]:
        """Return the failed ones among keys."""
        return {row.key for row in self._read(outlet, keys)}

    def final(self, outlet: str, keys: Sequence[str], since: datetime | None = None) -> set[str]:
        """Return the keys whose failure is final, in any scope and on any day; with `since`, since that moment."""
        least = as_text(since) if since else ""
        return {row.key for row in self._read(outlet, keys, failures.c.is_final, failures.c.at >= least)}

    def reason(self, outlet: str, key: str, moment: datetime) -> str | None:
        """Return why a key failed last, if that was before a moment."""
        reasons = [row.reason for row in self._read(outlet, [key], failures.c.at < as_text(moment))]
        return reasons[0] if reasons else None

    def resting(self, outlet: str, keys: Sequence[str], now: datetime) -> set[str]:
        """Return the keys that failed too recently to retry: the time doubles after each try."""
        found = set()
        for row in self._read(outlet, keys, WAS_TRIED):
            rest = min(FIRST_REST * 2 ** min(row.tries - 1, 10), LONGEST_REST)
            if now < datetime.fromisoformat(row.at) + rest:
                found.add(row.key)
        return found

    def _read(self, outlet: str, keys: Sequence[str], *conditions: ColumnElement[bool]) -> Iterator[Row[Any]]:
        with self._engine.connect() as connection:
            for start in range(0, len(keys), KEYS):
                it = (failures.c.outlet == outlet) & failures.c.key.in_(keys[start : start + KEYS])
                yield from connection.execute(select(failures).where(it, *conditions))


def write_failures(connection: Connection, outlet: str, found: Mapping[str, Failure]) -> None:
    """Write failures by key; each counts as one more try, and becomes final after the last."""
    now = clock.now()
    insert = insert_into(failures, connection.dialect)
    is_last = WAS_TRIED & (failures.c.tries >= LEAST_TRIES - 1) & (failures.c.since <= as_text(now - LONGEST_FAULT))
    changes = {
        **{name: insert.excluded[name] for name in ("url", "reason", "at")},
        "is_final": insert.excluded.is_final | ((insert.excluded.reason != ROBOTS_UNAVAILABLE) & is_last),
        "tries": case((WAS_TRIED, failures.c.tries + 1), else_=1),
        "since": case((WAS_TRIED, failures.c.since), else_=insert.excluded.since),
    }
    first = {"outlet": outlet, "tries": 1, "at": as_text(now), "since": as_text(now)}
    rows = [
        {"key": key, "url": one.url, "reason": one.reason, "is_final": one.is_final, **first}
        for key, one in sorted(found.items())
    ]
    if rows:
        connection.execute(insert.on_conflict_do_update(index_elements=["outlet", "key"], set_=changes), rows)


def forget_failures(connection: Connection, outlet: str, keys: Sequence[str]) -> None:
    if keys:
        it = (failures.c.outlet == outlet) & (failures.c.key == bindparam("gone"))
        connection.execute(delete(failures).where(it), [{"gone": key} for key in keys])
