"""Listed articles that came to nothing: why, and whether they are to be tried again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crawler.model.failures import OUT_OF_SPAN, ROBOTS_UNAVAILABLE, Failure
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.state.facts import as_text
from crawler.state.tables import failures

# As many keys as a query may well name.
KEYS = 500

# For how long an update leaves alone what failed: the first time, and at most.
FIRST_REST, LONGEST_REST = timedelta(minutes=20), timedelta(days=1)

# What has failed for so long, and so often, will not come to anything.
LONGEST_FAULT, LEAST_TRIES = timedelta(days=7), 3

# What was not asked for was not tried in vain.
NOT_TRIED = [OUT_OF_SPAN, ROBOTS_UNAVAILABLE]


class Failures:
    """The failures of outlets. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, outlet: str, keys: Sequence[str]) -> dict[str, bool]:
        """Return those of an outlet's keys that failed, and whether for good."""
        with self._engine.connect() as connection:
            return failures_of(connection, outlet, keys)

    def final(self, outlet: str, keys: Sequence[str], since: datetime | None = None) -> set[str]:
        """Return those of an outlet's keys that failed for good, in whatever scope and on whatever day.

        With `since`, only those that did so since that moment.
        """
        meant = [failures.c.is_final, *([failures.c.at >= as_text(since)] if since else [])]
        with self._engine.connect() as connection:
            return set(failures_of(connection, outlet, keys, *meant))

    def reason(self, outlet: str, key: str, moment: datetime) -> str | None:
        """Return why an outlet's key failed last, if that was before a moment."""
        it = (failures.c.outlet == outlet) & (failures.c.key == key) & (failures.c.at < as_text(moment))
        with self._engine.connect() as connection:
            found: str | None = connection.execute(select(failures.c.reason).where(it)).scalar()
            return found

    def resting(self, outlet: str, keys: Sequence[str], now: datetime) -> set[str]:
        """Return those of the keys that failed too lately to be asked for again: twice as long after each try."""
        found = set()
        with self._engine.connect() as connection:
            for start in range(0, len(keys), KEYS):
                it = (failures.c.outlet == outlet) & failures.c.key.in_(keys[start : start + KEYS])
                it &= failures.c.reason.not_in(NOT_TRIED)
                query = select(failures.c.key, failures.c.tries, failures.c.at).where(it)
                found |= {row.key for row in connection.execute(query) if _rests(row.tries, row.at, now)}
        return found

    def waiting(self, outlet: str, scope: str, day: date) -> dict[str, Listing]:
        """Return by key the articles of a day that are to be tried again, as they were listed."""
        query = select(failures.c.key, failures.c.url, failures.c.national).where(
            failures.c.outlet == outlet,
            failures.c.scope == scope,
            failures.c.day == day.isoformat(),
            failures.c.is_final.is_(False),
        )
        with self._engine.connect() as connection:
            return {row.key: Listing(row.url, national=bool(row.national)) for row in connection.execute(query)}


def _rests(tries: int, at: str, now: datetime) -> bool:
    rest = min(FIRST_REST * 2 ** min(tries - 1, 10), LONGEST_REST)
    return bool(now < datetime.fromisoformat(at) + rest)


def retry_failures(connection: Connection, outlet: str, span: Span) -> set[date]:
    """Let all that failed on the days of a span, in whatever scope, be tried for another LONGEST_FAULT.

    Returns the days.
    """
    days = failures.c.day.between(span.since.isoformat(), span.until.isoformat())
    it = (failures.c.outlet == outlet) & days
    found = connection.execute(select(failures.c.day).where(it).distinct()).scalars()
    connection.execute(update(failures).where(it).values(is_final=False, since=None))
    return {date.fromisoformat(day) for day in found}


def failures_of(
    connection: Connection, outlet: str, keys: Sequence[str], *meant: ColumnElement[bool]
) -> dict[str, bool]:
    """Return those of an outlet's keys that failed, only those that are `meant`, and whether for good."""
    found: dict[str, bool] = {}
    for start in range(0, len(keys), KEYS):
        it = (failures.c.outlet == outlet) & failures.c.key.in_(keys[start : start + KEYS])
        query = select(failures.c.key, failures.c.is_final).where(it, *meant)
        found |= {row.key: bool(row.is_final) for row in connection.execute(query)}
    return found


def write_failures(connection: Connection, outlet: str, scope: str, found: Mapping[str, Failure]) -> None:
    """Write failures by key; each is one more try of what failed before, in vain for good in the end."""
    now = datetime.now(UTC)
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(failures)
    changed = {name: insert.excluded[name] for name in ("url", "scope", "reason", "at")}
    known_day = {"day": insert.excluded.day}
    was_tried = failures.c.reason.not_in(NOT_TRIED)
    is_lasting = was_tried & (failures.c.tries >= LEAST_TRIES - 1)
    is_lasting &= func.coalesce(failures.c.since, as_text(now)) <= as_text(now - LONGEST_FAULT)
    for key, failure in sorted(found.items()):
        is_tried = failure.reason not in NOT_TRIED
        row = insert.values(
            outlet=outlet,
            key=key,
            url=failure.url,
            scope=scope,
            day=failure.day.isoformat() if failure.day else None,
            reason=failure.reason,
            is_final=failure.is_final,
            tries=1,
            at=as_text(now),
            since=as_text(now),
            national=failure.national,
        )
        changes = {
            **changed,
            **(known_day if failure.day else {}),
            "is_final": insert.excluded.is_final | is_lasting if is_tried else insert.excluded.is_final,
            "tries": case((was_tried, failures.c.tries + 1), else_=1),
            "national": func.coalesce(failures.c.national, False) | insert.excluded.national,
            "since": case((was_tried, func.coalesce(failures.c.since, as_text(now))), else_=as_text(now)),
        }
        connection.execute(row.on_conflict_do_update(index_elements=["outlet", "key"], set_=changes))


def forget_failures(connection: Connection, outlet: str, keys: Sequence[str]) -> None:
    """Forget the failures of what came to something in the end."""
    for start in range(0, len(keys), KEYS):
        it = (failures.c.outlet == outlet) & failures.c.key.in_(keys[start : start + KEYS])
        connection.execute(delete(failures).where(it))
