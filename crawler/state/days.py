"""The days of backfills: their articles, the faults of their lists, and whether they are closed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from types import MappingProxyType

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)

from crawler.model.day_news import DayNews, Fault, FaultKind
from crawler.model.failures import OUT_OF_SPAN, Failure
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.state.day_policy import NEAR, Day, faults_of
from crawler.state.engine import snapshot
from crawler.state.facts import ARTICLE, LOST, RECORDED_ONLY, as_text
from crawler.state.failures import forget_failures, write_failures
from crawler.state.leases import IS_LOST
from crawler.state.tables import articles, days, failures, faults, insert_into, listings
from crawler.system import clock

# Reasons for which a page gets no row, though it is no failure of its article.
REJECTED = frozenset({"out-of-scope", OUT_OF_SPAN})

# The outcomes of listed articles. As conditions they make SQLite read the listings first, then the articles of each.
ARCHIVED, TURNED_DOWN, FAILED, PASSING, WAITING = "archived", "turned-down", "failed", "failed-for-now", "waiting"

# Whether an article counts as kept: days are complete by this alone.
_HAS_ROW = (articles.c.version > 0) & (articles.c.outcome != LOST)
IS_KEPT = (_HAS_ROW | articles.c.outcome.in_((ARTICLE, RECORDED_ONLY))) & ~IS_LOST

# The run of another day may have fetched an article that no list of this day has.
_IS_TURNED_DOWN = articles.c.outcome.in_(REJECTED) & (
    (articles.c.outcome != OUT_OF_SPAN) | listings.c.source.is_not(None)
)
OUTCOME = case(
    (IS_KEPT, ARCHIVED),
    (failures.c.is_final, FAILED),
    (failures.c.key.is_not(None), PASSING),
    (_IS_TURNED_DOWN, TURNED_DOWN),
    else_=WAITING,
)
# The columns of a Day: the numbers of its articles with these outcomes.
COUNTED = {"archived": [ARCHIVED], "turned_down": [TURNED_DOWN], "failed": [FAILED, PASSING], "passing": [PASSING]}
COUNTS = [func.count(listings.c.key).label("listed")] + [
    func.sum(case((OUTCOME.in_(outcomes), 1), else_=0)).label(name) for name, outcomes in COUNTED.items()
]


def with_outcomes(joined: FromClause) -> FromClause:
    """Add to `listings`, or a join with it, the tables that OUTCOME reads."""
    for table in (articles, failures):
        joined = joined.outerjoin(table, (table.c.outlet == listings.c.outlet) & (table.c.key == listings.c.key))
    return joined


WITH_OUTCOMES = with_outcomes(listings)


class Days:
    """The days of an outlet within a scope. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine, outlet: str, scope: str) -> None:
        self._engine = engine
        self._outlet, self._scope = outlet, scope

    def of(self, span: Span, updated: datetime | None = None) -> list[Day]:
        """Return the days of a span, newest first; with `updated`, those written since that moment."""
        it = self._its(days) & _is_within(days, span)
        if updated is not None:
            it &= days.c.updated >= as_text(updated)
        with snapshot(self._engine) as connection:
            return read_days(connection, it)

    def closed(self, span: Span) -> set[date]:
        return {day.day for day in self.of(span) if day.is_closed}

    def waiting(self, day: date) -> dict[str, Listing]:
        """Return by key the articles of a day to request, as they were listed."""
        query = select(listings.c.key, listings.c.url, listings.c.national).select_from(WITH_OUTCOMES)
        query = query.where(self._its(listings, day), OUTCOME.in_((PASSING, WAITING)))
        with self._engine.connect() as connection:
            return {row.key: Listing(row.url, national=row.national) for row in connection.execute(query)}

    def gaps(self, span: Span) -> set[date]:
        """Return the days of a span whose only fault is a missing or empty list, near days with a list."""
        found = self.of(span)
        with self._engine.connect() as connection:
            return {day.day for day in found if self._is_gap(connection, day)}

    def retry(self, span: Span) -> set[date]:
        """Reopen, and retry, the days of a span that were given up, list nothing or have failures; return them.

        Their failures may be of any scope, and are retried for as long as new ones.
        """
        found = {day.day.isoformat() for day in self.of(span) if day.faults or day.failed or not day.listed}
        now, listed = as_text(clock.now()), (listings.c.outlet == self._outlet) & _is_within(listings, span)
        failed = select(listings.c.day).select_from(WITH_OUTCOMES).where(listed, OUTCOME.in_((PASSING, FAILED)))
        keys = select(listings.c.key).where(listed)
        with self._engine.begin() as connection:
            found.update(connection.execute(failed.distinct()).scalars())
            it = (failures.c.outlet == self._outlet) & failures.c.key.in_(keys)
            connection.execute(update(failures).where(it).values(is_final=False, since=now))
            for table, values in ((faults, {"since": now}), (days, {"is_settled": False, "is_given_up": False})):
                connection.execute(update(table).where(self._its(table), table.c.day.in_(sorted(found))).values(values))
        return {date.fromisoformat(day) for day in found}

    def give_up(self, since: datetime, undecided: Collection[date] = ()) -> None:
        """Close the days whose lists failed for good in a complete run that began at `since`.

        It is not known of `undecided` days whether their lists are missing. Days that may be empty lose their fault.
        """
        now = clock.now()
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
        near = self._its(listings) & _is_within(listings, Span(day.day - NEAR, day.day + NEAR))
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
            self._write_listings(connection, {**found, **moved})
            for one in sorted(news, key=lambda one: one.day):
                self._write_day(connection, one)

    def _write_listings(self, connection: Connection, found: Mapping[tuple[date, str], Listing]) -> None:
        """Write articles by day and key; `source` is that of the last run that had them."""
        now = as_text(clock.now())
        rows = [
            {"key": key, "url": one.url, "national": one.national, "source": one.source, "first_seen": now}
            | self._names(day)
            for (day, key), one in sorted(found.items(), key=itemgetter(0))
        ]
        insert = insert_into(listings, connection.dialect)
        changed = {"source": insert.excluded.source, "national": listings.c.national | insert.excluded.national}
        names = list(listings.primary_key.columns)
        if rows:
            connection.execute(insert.on_conflict_do_update(index_elements=names, set_=changed), rows)

    def _write_day(self, connection: Connection, news: DayNews) -> None:
        before = _faults(connection, self._its(days, news.day))[self._outlet, self._scope, news.day.isoformat()]
        query = select(listings.c.key).select_from(WITH_OUTCOMES).where(self._its(listings, news.day), IS_KEPT)
        found = faults_of(news, set(connection.execute(query).scalars()) if news.astray else set(), before)
        if news.is_read:
            self._forget_listings(connection, news, is_whole=not found)
        if found != before:
            self._replace_faults(connection, news.day, found, before)
        values = {"is_settled": news.is_settled, "is_given_up": False, "updated": as_text(clock.now())}
        row = insert_into(days, connection.dialect).values(**self._names(news.day), **values)
        connection.execute(row.on_conflict_do_update(index_elements=["outlet", "scope", "day"], set_=values))

    def _forget_listings(self, connection: Connection, news: DayNews, is_whole: bool) -> None:
        """Forget the articles of a day that its lists, read as a whole, no longer have, if none is to request.

        An article that no list has is of another day, or has another key now, if it waits after the run that settled
        this day and requested it.
        """
        it = self._its(listings, news.day)
        query = select(listings.c.key, listings.c.source, OUTCOME.label("result")).select_from(WITH_OUTCOMES).where(it)
        gone = []
        for key, source, outcome in connection.execute(query.order_by(listings.c.key)):
            if key not in news.listings:
                is_gone = is_whole and source and outcome not in (PASSING, WAITING)
            else:
                is_gone = news.is_settled and not source and outcome == WAITING
            gone += [{"gone": key}] if is_gone else []
        if gone:
            connection.execute(delete(listings).where(it, listings.c.key == bindparam("gone")), gone)

    def _replace_faults(
        self, connection: Connection, day: date, found: Sequence[Fault], before: Sequence[Fault]
    ) -> None:
        """Replace the faults of a day; a source that fails again has failed since its first fault."""
        began = {fault.source: fault.since for fault in before}
        now = clock.now()
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


def _is_within(table: Table, span: Span) -> ColumnElement[bool]:
    return table.c.day.between(span.since.isoformat(), span.until.isoformat())


def read_days(connection: Connection, *conditions: ColumnElement[bool]) -> list[Day]:
    """Return the days that match conditions, newest first, from one transaction or snapshot."""
    query = select(days, *COUNTS).select_from(with_outcomes(_with(listings))).where(*conditions)
    query = query.group_by(*days.primary_key.columns).order_by(days.c.day.desc())
    found, read = _faults(connection, *conditions), []
    for row in connection.execute(query):
        values = row._asdict()
        place = (row.outlet, values.pop("scope"), row.day)
        values |= {"day": date.fromisoformat(row.day), "updated": datetime.fromisoformat(row.updated)}
        read.append(Day(**values, faults=found.get(place, ())))
    return read


def _faults(connection: Connection, *conditions: ColumnElement[bool]) -> defaultdict[tuple[str, str, str], list[Fault]]:
    """Return by outlet, scope and day the faults of the days that match conditions."""
    query = select(faults).select_from(_with(faults)).where(faults.c.number.is_not(None), *conditions)
    found = defaultdict(list)
    for row in connection.execute(query.order_by(faults.c.number)):
        fault = Fault(row.source, FaultKind(row.kind), row.page, row.reason, datetime.fromisoformat(row.since))
        found[row.outlet, row.scope, row.day].append(fault)
    return found


def _with(table: Table) -> FromClause:
    return days.outerjoin(table, and_(*(column == table.c[column.name] for column in days.primary_key.columns)))
