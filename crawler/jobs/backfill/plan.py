"""Which days of an outlet a backfill is about, and which of them are still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from crawler.model.span import ONE_DAY, Span
from crawler.outlets.sources import days_listed
from crawler.state.days import CLOSED, Day, Days

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crawler.crawl.preflight import MakeSpider


@dataclass(slots=True)
class OutletPlan:
    """The days of a span that an outlet's sources list, newest first; `open` are those to be asked for.

    `cut` says that more days were asked for, None when these are all.
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


def plan(make_spider: MakeSpider, engine: Engine, outlet: str, arguments: Mapping[str, str]) -> OutletPlan:
    """Return what is to be done for an outlet; days with failures are open again when these are to be retried.

    Raises Refused, BrokenOutlet, SQLAlchemyError.
    """
    spider = make_spider(outlet, arguments)
    asked = arguments["since"], arguments["until"]
    days = sorted(days_listed(spider.days, spider.span), reverse=True)
    table = Days(engine, outlet, spider.scope)
    if spider.backfill == "retry":
        table.retry(spider.span)
    plan = OutletPlan(outlet, spider.span, days, cut_line(outlet, spider.span, asked, days), table)
    plan.open = set(days) - {day for day, one in plan.known().items() if one.status == CLOSED}
    return plan


def cut_line(outlet: str, span: Span, asked: tuple[str, str], days: Iterable[date]) -> str | None:
    """Return what is left of the days from the first to the last `asked` for (YYYY-MM-DD), None when all are.

    The sources list `days` of the span: one may end long before the next begins.
    """
    since, until = str(span.since), str(span.until)
    holes = _ranges(set(span.days()).difference(days))
    if (since, until) == asked and not holes:
        return None
    without = f" without {', '.join(holes)}" if holes else ""
    return f"{outlet}: cut to {since} to {until}{without}: no source lists more"


def _ranges(days: Iterable[date]) -> list[str]:
    """Return days in words, those that follow each other as one: `2022-07-03`, `2022-07-05 to 2022-07-09`."""
    ranges: list[list[date]] = []
    for day in sorted(days):
        if not ranges or day - ranges[-1][-1] > ONE_DAY:
            ranges.append([])
        ranges[-1].append(day)
    return [str(one[0]) if len(one) == 1 else f"{one[0]} to {one[-1]}" for one in ranges]
