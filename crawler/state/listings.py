"""The listed articles of days: their outcomes, and those to request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from operator import itemgetter

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    String,
    bindparam,
    case,
    delete,
    exists,
    func,
    select,
    update,
)

from crawler.model.day_news import DayNews
from crawler.model.failures import OUT_OF_SPAN
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.state.facts import ARTICLE, RECORDED_ONLY, as_text
from crawler.state.tables import articles, failures, insert_into, is_waiting, listings, segments, spools

# Reasons for which a page gets no row, though it is no failure of its article.
REJECTED = frozenset({"out-of-scope", OUT_OF_SPAN})

# The outcomes of listed articles. As conditions they make SQLite read the listings first, then the articles of each.
ARCHIVED, TURNED_DOWN, FAILED, PASSING, WAITING = "archived", "turned-down", "failed", "failed-for-now", "waiting"

# Whether the segment of an article is in a lost spool.
_HELD = segments.outerjoin(spools, spools.c.spool == segments.c.spool)
_NOW = bindparam("now", callable_=lambda: as_text(datetime.now(UTC)), type_=String)
_IS_LOST = is_waiting(articles) & exists(
    select(1)
    .select_from(_HELD)
    .where(segments.c.file == articles.c.file, spools.c.held_until.is_(None) | (spools.c.held_until <= _NOW))
    .correlate(articles)
)

# Whether an article counts as kept: days are complete by this alone.
IS_KEPT = ((articles.c.version > 0) | articles.c.outcome.in_((ARTICLE, RECORDED_ONLY))) & ~_IS_LOST

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


def on_days(outlet: str, span: Span) -> ColumnElement[bool]:
    return (listings.c.outlet == outlet) & listings.c.day.between(span.since.isoformat(), span.until.isoformat())


def of_day(outlet: str, scope: str, day: date) -> ColumnElement[bool]:
    return (listings.c.outlet == outlet) & (listings.c.day == day.isoformat()) & (listings.c.scope == scope)


def waiting(connection: Connection, outlet: str, scope: str, day: date) -> dict[str, Listing]:
    """Return by key the articles of a day to request, as they were listed."""
    query = select(listings.c.key, listings.c.url, listings.c.national).select_from(WITH_OUTCOMES)
    query = query.where(of_day(outlet, scope, day), OUTCOME.in_((PASSING, WAITING)))
    return {row.key: Listing(row.url, national=row.national) for row in connection.execute(query)}


def kept(connection: Connection, outlet: str, scope: str, day: date) -> set[str]:
    """Return the keys of a day's articles that are archived."""
    query = select(listings.c.key).select_from(WITH_OUTCOMES)
    return set(connection.execute(query.where(of_day(outlet, scope, day), IS_KEPT)).scalars())


def retry_failures(connection: Connection, outlet: str, span: Span) -> set[date]:
    """Make all failures on the days of a span retryable for as long as new ones; return these days."""
    query = select(listings.c.day).select_from(WITH_OUTCOMES)
    days = connection.execute(query.where(on_days(outlet, span), OUTCOME.in_((PASSING, FAILED))).distinct()).scalars()
    found = {date.fromisoformat(day) for day in days}
    it = (failures.c.outlet == outlet) & failures.c.key.in_(select(listings.c.key).where(on_days(outlet, span)))
    connection.execute(update(failures).where(it).values(is_final=False, since=as_text(datetime.now(UTC))))
    return found


def write_listings(connection: Connection, outlet: str, scope: str, found: Mapping[tuple[date, str], Listing]) -> None:
    """Write articles by day and key; `source` is that of the last run that had them."""
    common = {"outlet": outlet, "scope": scope, "first_seen": as_text(datetime.now(UTC))}
    rows = [
        {"day": day.isoformat(), "key": key, "url": one.url, "national": one.national, "source": one.source, **common}
        for (day, key), one in sorted(found.items(), key=itemgetter(0))
    ]
    insert = insert_into(listings, connection.dialect)
    changed = {"source": insert.excluded.source, "national": listings.c.national | insert.excluded.national}
    names = list(listings.primary_key.columns)
    if rows:
        connection.execute(insert.on_conflict_do_update(index_elements=names, set_=changed), rows)


def forget_listings(connection: Connection, outlet: str, scope: str, news: DayNews, is_whole: bool) -> None:
    """Forget the articles of a day that its lists no longer have, if they were read as a whole and none is to request.

    An article that no list has is of another day, or has another key now, if it waits after the run that settled this
    day and requested it.
    """
    it = of_day(outlet, scope, news.day)
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
