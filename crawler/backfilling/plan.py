"""Which days of an outlet a backfill is about, and which of them are still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from crawler.preflight import make_spider
from crawler.span import Span, read_span
from crawler.state.days import CLOSED, Day, Days

if TYPE_CHECKING:
    from scrapy.settings import Settings
    from sqlalchemy import Engine


@dataclass(slots=True)
class OutletPlan:
    """The days of a span that an outlet's sources list, newest first; `open` are those to be asked for.

    `cut` says that the span was asked for longer, None when it was not.
    """

    outlet: str
    span: Span
    days: Sequence[date]
    cut: str | None
    table: Days
    open: set[date] = field(default_factory=set)

    @property
    def today(self) -> date:
        """The day in the outlet's time zone: it is not over and never closed."""
        return datetime.now(self.span.zone).date()

    def known(self, updated: datetime | None = None) -> dict[date, Day]:
        """Return what state knows of the days; only what was written since a moment. Raises SQLAlchemyError."""
        return {day.day: day for day in self.table.of(self.span, updated)}

    def still_open(self) -> list[date]:
        """Return the days that are over and not closed, newest first. Raises SQLAlchemyError."""
        closed = {day for day, one in self.known().items() if one.status == CLOSED}
        return [day for day in self.days if day not in closed and day < self.today]


def plan(settings: Settings, engine: Engine, outlet: str, arguments: Mapping[str, str], retry: bool) -> OutletPlan:
    """Return what is to be done for an outlet; with `retry`, days with failures are open again.

    Raises Refused, SQLAlchemyError.
    """
    spider = make_spider(settings, outlet, arguments)
    asked = read_span(arguments["since"], arguments["until"], spider.span.zone)
    days = sorted({day for visit in spider.visits() if (day := spider.day_of_visit(visit))}, reverse=True)
    table = Days(engine, outlet, spider.scope)
    if retry:
        table.retry(spider.span)
    cut = f"{outlet}: cut to {spider.span.since} to {spider.span.until}: no source lists more"
    plan = OutletPlan(outlet, spider.span, days, cut if spider.span != asked else None, table)
    plan.open = set(days) - {day for day, one in plan.known().items() if one.status == CLOSED}
    return plan
