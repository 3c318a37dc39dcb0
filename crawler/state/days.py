"""The days of backfills: closed ones, and the progress of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, FromClause, Table, and_, delete, select, update

from crawler.model.day_news import DayNews, Fault, FaultKind
from crawler.model.failures import Failure
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.state.day_policy import NEAR, Day, faults_of
from crawler.state.facts import as_text
from crawler.state.failures import forget_failures, write_failures
from crawler.state.listings import (
    COUNTS,
    forget_listings,
    kept,
    on_days,
    retry_failures,
    waiting,
    with_outcomes,
    write_listings,
)
from crawler.state.tables import days, faults, insert_into, listings

# An outlet, a scope and a day.
Place = tuple[str, str, str]


class Days:
    """The days of an outlet within a scope. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine, outlet: str, scope: str) -> None:
        self._engine = engine
        self._outlet, self._scope = outlet, scope

    def of(self, span: Span, updated: datetime | None = None) -> list[Day]:
        """Return the days of a span, newest first; with `updated`, those written since that moment."""
        it = self._its(days) & days.c.day.between(span.since.isoformat(), span.until.isoformat())
        if updated is not None:
            it &= days.c.updated >= as_text(updated)
        with self._engine.connect() as connection:
            return read_days(connection, it)

    def closed(self, span: Span) -> set[date]:
        return {day.day for day in self.of(span) if day.is_closed}

    def waiting(self, day: date) -> dict[str, Listing]:
        """Return by key the articles of a day to request, as they were listed."""
        with self._engine.connect() as connection:
            return waiting(connection, self._outlet, self._scope, day)

    def gaps(self, span: Span) -> set[date]:
        """Return the days of a span whose only fault is a missing or empty list, near days with a list."""
        found = self.of(span)
        with self._engine.connect() as connection:
            return {day.day for day in found if self._is_gap(connection, day)}

    def retry(self, span: Span) -> set[date]:
        """Reopen, and retry, the days of a span that were given up, list nothing or have failures; return them."""
        found = {day.day for day in self.of(span) if day.faults or day.failed or not day.listed}
        now = as_text(datetime.now(UTC))
        with self._engine.begin() as connection:
            found |= retry_failures(connection, self._outlet, span)
            for day in sorted(found):
                connection.execute(update(faults).where(self._its(faults, day)).values(since=now))
                is_open = {"is_settled": False, "is_given_up": False}
                connection.execute(update(days).where(self._its(days, day)).values(is_open))
        return found

    def give_up(self, since: datetime, undecided: Collection[date] = ()) -> None:
        """Close the days whose lists failed for good in a complete run that began at `since`.

        It is not known of `undecided` days whether their lists are missing. Days that may be empty lose their fault.
        """
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            for day in reversed(read_days(connection, self._its(days), days.c.updated >= as_text(since))):
                is_gap = day.day not in undecided and self._is_gap(connection, day)
                if not day.is_to_be_given_up(is_gap, now):
                    continue
                if is_empty := is_gap and day.may_be_empty:
                    connection.execute(delete(faults).where(self._its(faults, day.day)))
                values = {"is_given_up": not is_empty, "updated": as_text(now)}
                connection.execute(update(days).where(self._its(days, day.day)).values(values))

    def _is_gap(self, connection: Connection, day: Day) -> bool:
        """Return whether lists of a day are missing, while one near it, or another list of the day, has articles."""
        near = on_days(self._outlet, Span(day.day - NEAR, day.day + NEAR)) & (listings.c.scope == self._scope)
        missing = (listings.c.day == day.day.isoformat()) & listings.c.source.in_([one.source for one in day.faults])
        query = select(listings.c.key).where(near, listings.c.source.is_not(None), ~missing).limit(1)
        return day.has_gap and connection.execute(query).first() is not None

    def write(
        self,
        news: Sequence[DayNews] = (),
        failed: Mapping[str, Failure] = MappingProxyType({}),
        settled: Sequence[str] = (),
        moved: Mapping[tuple[date, str], Listing] = MappingProxyType({}),
    ) -> None:
        """Write the results of days and articles in one transaction.

        `failed` are the articles without a row, `settled` those whose earlier failures are over, `moved` those of
        another day, which is open until they are requested.
        """
        with self._engine.begin() as connection:
            write_failures(connection, self._outlet, failed)
            forget_failures(connection, self._outlet, settled)
            found = {(one.day, key): Listing(one.url, national=one.national) for key, one in failed.items() if one.day}
            found |= {(one.day, key): listing for one in news for key, listing in one.listings.items()}
            write_listings(connection, self._outlet, self._scope, {**found, **moved})
            for one in sorted(news, key=lambda one: one.day):
                self._write_day(connection, one)

    def _write_day(self, connection: Connection, news: DayNews) -> None:
        before = _faults(connection, self._its(days, news.day))[self._outlet, self._scope, news.day.isoformat()]
        archived = kept(connection, self._outlet, self._scope, news.day) if news.astray else set()
        found = faults_of(news, archived, before)
        if news.is_read:
            forget_listings(connection, self._outlet, self._scope, news, is_whole=not found)
        if found != before:
            self._replace_faults(connection, news.day, found, before)
        values = {"is_settled": news.is_settled, "is_given_up": False, "updated": as_text(datetime.now(UTC))}
        row = insert_into(days, connection.dialect).values(**self._names(news.day), **values)
        connection.execute(row.on_conflict_do_update(index_elements=["outlet", "scope", "day"], set_=values))

    def _replace_faults(
        self, connection: Connection, day: date, found: Sequence[Fault], before: Sequence[Fault]
    ) -> None:
        """Replace the faults of a day; a source that fails again has failed since its first fault."""
        began = {fault.source: fault.since for fault in before}
        now = datetime.now(UTC)
        connection.execute(delete(faults).where(self._its(faults, day)))
        for number, one in enumerate(found):
            since = as_text(began.get(one.source) or now)
            what = {"source": one.source, "kind": one.kind, "page": one.page, "reason": one.reason, "since": since}
            connection.execute(faults.insert().values(**self._names(day), number=number, **what))

    def _names(self, day: date) -> dict[str, str]:
        return {"outlet": self._outlet, "scope": self._scope, "day": day.isoformat()}

    def _its(self, table: Table, day: date | None = None) -> ColumnElement[bool]:
        it = (table.c.outlet == self._outlet) & (table.c.scope == self._scope)
        return it if day is None else it & (table.c.day == day.isoformat())


def read_days(connection: Connection, *conditions: ColumnElement[bool]) -> list[Day]:
    """Return the days that match conditions, newest first."""
    query = select(days, *COUNTS).select_from(with_outcomes(_with(listings))).where(*conditions)
    query = query.group_by(*days.primary_key.columns).order_by(days.c.day.desc())
    found = _faults(connection, *conditions)
    return [_day(dict(row), found) for row in connection.execute(query).mappings()]


def _day(values: dict[str, Any], found: Mapping[Place, Sequence[Fault]]) -> Day:
    scope, day = values.pop("scope"), values["day"]
    values |= {"day": date.fromisoformat(day), "updated": datetime.fromisoformat(values["updated"])}
    return Day(**values, faults=found.get((values["outlet"], scope, day), ()))


def _faults(connection: Connection, *conditions: ColumnElement[bool]) -> defaultdict[Place, list[Fault]]:
    """Return by outlet, scope and day the faults of the days that match conditions."""
    query = select(faults).select_from(_with(faults)).where(faults.c.number.is_not(None), *conditions)
    found = defaultdict(list)
    for row in connection.execute(query.order_by(faults.c.number)):
        fault = Fault(row.source, FaultKind(row.kind), row.page, row.reason, datetime.fromisoformat(row.since))
        found[row.outlet, row.scope, row.day].append(fault)
    return found


def _with(table: Table) -> FromClause:
    return days.outerjoin(table, and_(*(column == table.c[column.name] for column in days.primary_key.columns)))
