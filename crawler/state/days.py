"""The days of backfills: closed ones, and the progress of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, select, update

from crawler.model.day_news import DayNews
from crawler.model.failures import OUT_OF_SPAN, Failure
from crawler.model.span import Span
from crawler.state.facts import ARTICLE, RECORDED_ONLY, as_text
from crawler.state.failures import KEYS, failures_of, forget_failures, retry_failures, write_failures
from crawler.state.tables import articles, days, failures, insert_into

OPEN, CLOSED = "open", "closed"
OTHER_DAYS = "it lists only articles of other days"
FAILED_FOR_NOW = "articles failed for now"

# A missing list is final if the source lists another day this near.
NEAR = timedelta(days=7)

# A day whose listing has been unavailable for this long is given up.
LONGEST_DAY_FAULT = timedelta(days=7)
ARCHIVED, TURNED_DOWN = frozenset({ARTICLE, RECORDED_ONLY}), frozenset({"out-of-scope", OUT_OF_SPAN})


class Day(NamedTuple):
    """A day: the number of listed articles, their outcomes, and the fault that keeps it open."""

    outlet: str
    day: date
    status: str
    listed: int
    archived: int
    turned_down: int
    failed: int
    fault: str | None
    updated: datetime

    @property
    def unknown(self) -> int:
        return max(0, self.listed - self.archived - self.turned_down - self.failed)


class Days:
    """The days of an outlet within a scope. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine, outlet: str, scope: str) -> None:
        self._engine = engine
        self._outlet, self._scope = outlet, scope

    def of(self, span: Span, updated: datetime | None = None) -> list[Day]:
        """Return the days of a span, newest first; with `updated`, those written since that moment."""
        query = select(days).where(self._it, days.c.day.between(span.since.isoformat(), span.until.isoformat()))
        if updated is not None:
            query = query.where(days.c.updated >= as_text(updated))
        with self._engine.connect() as connection:
            return [_day(self._outlet, row) for row in connection.execute(query.order_by(days.c.day.desc()))]

    def closed(self, span: Span) -> set[date]:
        return {day.day for day in self.of(span) if day.status == CLOSED}

    def gaps(self, span: Span) -> set[date]:
        """Return the days of a span whose only fault is a missing or empty list, near days with a list."""
        query = select(days.c.day).where(self._it, days.c.is_absent)
        query = query.where(days.c.day.between(span.since.isoformat(), span.until.isoformat()))
        with self._engine.connect() as connection:
            absent = map(date.fromisoformat, connection.execute(query).scalars().all())
            return {day for day in absent if self._is_listed_near(connection, day)}

    def retry(self, span: Span) -> set[date]:
        """Reopen, and retry, the days of a span that were given up, list nothing or have failures; return them."""
        found = {day.day for day in self.of(span) if day.fault or day.failed or not day.listed}
        with self._engine.begin() as connection:
            found |= retry_failures(connection, self._outlet, span)
            for day in sorted(found):
                it = self._it & (days.c.day == day.isoformat())
                connection.execute(update(days).where(it).values(status=OPEN, fault_since=None))
        return found

    def give_up(self, absent: Mapping[date, bool], since: datetime) -> None:
        """Close the days whose lists failed for good in a complete run that began at `since`.

        That is so after LONGEST_DAY_FAULT, and for the days without a list, `absent`, near days with one. Of these,
        days that may be empty lose their fault. All listed articles must be archived or rejected, or have failed for
        good.
        """
        now = datetime.now(UTC)
        waiting = self._it & (days.c.status == OPEN) & days.c.fault.is_not(None) & (days.c.updated >= as_text(since))
        waiting &= days.c.fault.not_like(f"%{FAILED_FOR_NOW}")
        waiting &= days.c.archived + days.c.turned_down + days.c.failed >= days.c.listed
        with self._engine.begin() as connection:
            rows = connection.execute(select(days.c.day, days.c.fault_since).where(waiting)).all()
            for day, began in sorted((date.fromisoformat(row.day), row.fault_since) for row in rows):
                is_old = bool(began) and datetime.fromisoformat(began) <= now - LONGEST_DAY_FAULT
                is_gap = day in absent and self._is_listed_near(connection, day)
                if is_old or is_gap:
                    it = self._it & (days.c.day == day.isoformat())
                    well = {"fault": None, "fault_since": None} if is_gap and absent[day] else {}
                    connection.execute(update(days).where(it).values(status=CLOSED, updated=as_text(now), **well))

    def _is_listed_near(self, connection: Connection, day: date) -> bool:
        near = days.c.day.between((day - NEAR).isoformat(), (day + NEAR).isoformat())
        query = select(days.c.day).where(self._it, near, days.c.listed > 0).limit(1)
        return connection.execute(query).first() is not None

    def tell(
        self,
        news: Sequence[DayNews],
        failed: Mapping[str, Failure],
        settled: Sequence[str],
        moved: Mapping[str, Failure] = MappingProxyType({}),
    ) -> None:
        """Write the results of days and articles in one transaction.

        `failed` are the articles without a row, `settled` those whose earlier failures are over, `moved` those to retry
        on another day, which is reopened. A day is closed only if state accounts for every article.
        """
        with self._engine.begin() as connection:
            write_failures(connection, self._outlet, self._scope, failed)
            forget_failures(connection, self._outlet, settled)
            self._move(connection, moved)
            for one in news:
                self._write(connection, one)

    def _move(self, connection: Connection, moved: Mapping[str, Failure]) -> None:
        archived = self._count(connection, list(moved))[0] if moved else set()
        left = {key: failure for key, failure in moved.items() if key not in archived}
        write_failures(connection, self._outlet, self._scope, left)
        for day in sorted({failure.day for failure in left.values() if failure.day}):
            it = self._it & (days.c.day == day.isoformat()) & (days.c.status == CLOSED)
            connection.execute(update(days).where(it).values(status=OPEN, fault_since=None))

    def _write(self, connection: Connection, news: DayNews) -> None:
        archived, turned_down, failing = self._count(connection, list(news.keys), news.day)
        passing = sum(not is_final for is_final in failing.values())
        is_accounted_for = len(archived) + turned_down + len(failing) - passing >= len(news.keys)
        lists = "; ".join(filter(None, (news.fault, self._astray(connection, news, archived))))
        is_closed = news.is_settled and not lists and is_accounted_for
        articles = f"{passing} of {len(news.keys)} {FAILED_FOR_NOW}" if passing else None
        fault = "; ".join(filter(None, (lists, articles))) or None
        values = {
            "status": CLOSED if is_closed else OPEN,
            "listed": len(news.keys),
            "archived": len(archived),
            "turned_down": turned_down,
            "failed": len(failing),
            "fault": fault,
            "is_absent": news.is_absent and fault == news.fault,
            "updated": as_text(datetime.now(UTC)),
        }
        if news.is_settled:  # a stopped run does not show that a fault is over
            values |= self._lasting(connection, news, lists)
        insert = insert_into(days, connection.dialect)
        row = insert.values(outlet=self._outlet, scope=self._scope, day=news.day.isoformat(), **values)
        connection.execute(row.on_conflict_do_update(index_elements=["outlet", "scope", "day"], set_=values))

    def _lasting(self, connection: Connection, news: DayNews, fault: str) -> dict[str, str | None]:
        """Return since when the lists of a day fail, and which; a new fault begins now."""
        listing = {*news.astray, *news.unsure}
        at_fault = {*news.at_fault, *(source for source in listing if f"{source}: {OTHER_DAYS}" in fault)}
        it = self._it & (days.c.day == news.day.isoformat())
        before = connection.execute(select(days.c.fault_since, days.c.fault_of).where(it)).first()
        is_same = before is not None and at_fault <= set((before.fault_of or "").split())
        since = before.fault_since if before is not None and is_same else None
        moment = since or as_text(datetime.now(UTC))
        return {"fault_since": moment if at_fault else None, "fault_of": " ".join(sorted(at_fault)) or None}

    def _astray(self, connection: Connection, news: DayNews, archived: set[str]) -> str | None:
        """Return the fault of sources that list only articles of other days, or None.

        Articles archived earlier may belong to the day, unless it had that fault then. A list without dates does not
        mend it.
        """
        it = self._it & (days.c.day == news.day.isoformat())
        before = connection.execute(select(days.c.fault).where(it)).scalar() or ""
        if not news.astray and not news.is_settled:
            return "; ".join(part for part in before.split("; ") if OTHER_DAYS in part) or None
        had_it = OTHER_DAYS in before
        astray = [source for source, keys in news.astray.items() if had_it or archived.isdisjoint(keys)]
        astray += [source for source in news.unsure if f"{source}: {OTHER_DAYS}" in before and source not in astray]
        return "; ".join(f"{source}: {OTHER_DAYS}" for source in sorted(astray)) or None

    def _count(
        self, connection: Connection, keys: list[str], day: date | None = None
    ) -> tuple[set[str], int, dict[str, bool]]:
        archived, turned_down = set(), set()
        for start in range(0, len(keys), KEYS):
            it = (articles.c.outlet == self._outlet) & articles.c.key.in_(keys[start : start + KEYS])
            for row in connection.execute(select(articles.c.key, articles.c.outcome, articles.c.version).where(it)):
                if row.version or row.outcome in ARCHIVED:
                    archived.add(row.key)
                elif row.outcome in TURNED_DOWN:
                    turned_down.add(row.key)
        # An article of another day is a failure of that day only.
        is_mine = (failures.c.reason != OUT_OF_SPAN) | (failures.c.day == str(day))
        failed = failures_of(connection, self._outlet, [key for key in keys if key not in archived], is_mine)
        return archived, len(turned_down - failed.keys()), failed

    @property
    def _it(self) -> ColumnElement[bool]:
        return (days.c.outlet == self._outlet) & (days.c.scope == self._scope)


def open_again(engine: Engine, outlet: str, since: datetime) -> None:
    """Reopen the days of an outlet that were closed since a moment. Raises SQLAlchemyError."""
    it = (days.c.outlet == outlet) & (days.c.status == CLOSED) & (days.c.updated >= as_text(since))
    with engine.begin() as connection:
        connection.execute(update(days).where(it).values(status=OPEN))


def _day(outlet: str, row: object) -> Day:
    values = {name: getattr(row, name) for name in Day._fields if name not in ("outlet", "day", "updated")}
    day, updated = date.fromisoformat(row.day), datetime.fromisoformat(row.updated)  # type: ignore[attr-defined]
    return Day(outlet=outlet, day=day, updated=updated, **values)
