"""Listed articles without a row: why, and whether to retry them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, case, delete, func, select, update

from crawler.model.failures import OUT_OF_SPAN, ROBOTS_UNAVAILABLE, Failure
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.state.facts import as_text
from crawler.state.tables import failures, insert_into

KEYS = 500

# How long an update does not retry a failed article: at first, and at most.
FIRST_REST, LONGEST_REST = timedelta(minutes=20), timedelta(days=1)

# A failure of this age and number of tries is final.
LONGEST_FAULT, LEAST_TRIES = timedelta(days=7), 3

# Articles with these reasons were not requested.
NOT_TRIED = [OUT_OF_SPAN, ROBOTS_UNAVAILABLE]


class Failures:
    """The failures of outlets. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, outlet: str, keys: Sequence[str]) -> dict[str, bool]:
        """Return the failed ones among keys, and whether their failure is final."""
        with self._engine.connect() as connection:
            return failures_of(connection, outlet, keys)

    def final(self, outlet: str, keys: Sequence[str], since: datetime | None = None) -> set[str]:
        """Return the keys whose failure is final, in any scope and on any day; with `since`, since that moment."""
        conditions = [failures.c.is_final, *([failures.c.at >= as_text(since)] if since else [])]
        with self._engine.connect() as connection:
            return set(failures_of(connection, outlet, keys, *conditions))

    def reason(self, outlet: str, key: str, moment: datetime) -> str | None:
        """Return why a key failed last, if that was before a moment."""
        it = (failures.c.outlet == outlet) & (failures.c.key == key) & (failures.c.at < as_text(moment))
        with self._engine.connect() as connection:
            found: str | None = connection.execute(select(failures.c.reason).where(it)).scalar()
            return found

    def resting(self, outlet: str, keys: Sequence[str], now: datetime) -> set[str]:
        """Return the keys that failed too recently to retry: the time doubles after each try."""
        found = set()
        with self._engine.connect() as connection:
            for start in range(0, len(keys), KEYS):
                it = (failures.c.outlet == outlet) & failures.c.key.in_(keys[start : start + KEYS])
                it &= failures.c.reason.not_in(NOT_TRIED)
                query = select(failures.c.key, failures.c.tries, failures.c.at).where(it)
                for key, tries, at in connection.execute(query):
                    rest = min(FIRST_REST * 2 ** min(tries - 1, 10), LONGEST_REST)
                    if now < datetime.fromisoformat(at) + rest:
                        found.add(key)
        return found

    def waiting(self, outlet: str, scope: str, day: date) -> dict[str, Listing]:
        """Return by key the articles of a day to retry, as they were listed."""
        query = select(failures.c.key, failures.c.url, failures.c.national).where(
            failures.c.outlet == outlet,
            failures.c.scope == scope,
            failures.c.day == day.isoformat(),
            failures.c.is_final.is_(False),
        )
        with self._engine.connect() as connection:
            return {row.key: Listing(row.url, national=bool(row.national)) for row in connection.execute(query)}


def retry_failures(connection: Connection, outlet: str, span: Span) -> set[date]:
    """Make all failures on the days of a span retryable for another LONGEST_FAULT; return these days."""
    days = failures.c.day.between(span.since.isoformat(), span.until.isoformat())
    it = (failures.c.outlet == outlet) & days
    found = connection.execute(select(failures.c.day).where(it).distinct()).scalars()
    connection.execute(update(failures).where(it).values(is_final=False, since=None))
    return {date.fromisoformat(day) for day in found}


def failures_of(
    connection: Connection, outlet: str, keys: Sequence[str], *conditions: ColumnElement[bool]
) -> dict[str, bool]:
    """Return the failed ones among keys that match conditions, and whether their failure is final."""
    found: dict[str, bool] = {}
    for start in range(0, len(keys), KEYS):
        it = (failures.c.outlet == outlet) & failures.c.key.in_(keys[start : start + KEYS])
        query = select(failures.c.key, failures.c.is_final).where(it, *conditions)
        found |= {row.key: bool(row.is_final) for row in connection.execute(query)}
    return found


def write_failures(connection: Connection, outlet: str, scope: str, found: Mapping[str, Failure]) -> None:
    """Write failures by key; each counts as one more try, and becomes final after the last."""
    now = datetime.now(UTC)
    insert = insert_into(failures, connection.dialect)
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
    for start in range(0, len(keys), KEYS):
        it = (failures.c.outlet == outlet) & failures.c.key.in_(keys[start : start + KEYS])
        connection.execute(delete(failures).where(it))
