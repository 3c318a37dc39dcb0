"""The days of each outlet in a backfill, and which of them are still open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine

from crawler.crawl.preflight import MakeSpider
from crawler.model.span import ONE_DAY, Span
from crawler.outlets.loader import own_code
from crawler.outlets.sources import days_listed
from crawler.state.day_policy import Day
from crawler.state.days import Days
from crawler.state.standings import Standings
from crawler.system import clock


@dataclass(slots=True)
class OutletPlan:
    """The days of a span that an outlet's sources list, newest first; `open` are those to crawl.

    `arguments` are those of the crawl. `cut` is a sentence if the command line asks for more days, else None.
    """

    outlet: str
    arguments: Mapping[str, str]
    span: Span
    days: Sequence[date]
    cut: str | None
    table: Days
    open: set[date]

    @property
    def today(self) -> date:
        """The day in the outlet's time zone: it is not over and never closed."""
        return clock.today(self.span.zone)

    def known(self, updated: datetime | None = None) -> dict[date, Day]:
        """Return the days in state, or those written since a moment. Raises SQLAlchemyError."""
        return {day.day: day for day in self.table.of(self.span, updated)}


def plan(make_spider: MakeSpider, engine: Engine, outlet: str, arguments: Mapping[str, str]) -> OutletPlan:
    """Return the plan of an outlet; to retry failures opens their days again.

    Raises BadArgument, BrokenOutlet, SQLAlchemyError.
    """
    spider = make_spider(outlet, arguments)
    with own_code(type(spider), outlet):
        days = sorted(days_listed(spider.days, spider.span), reverse=True)
    table = Days(engine, outlet, spider.scope)
    if spider.backfill == "retry":
        table.retry(spider.span)
    cut = cut_line(outlet, spider.span, (arguments["since"], arguments["until"]), days)
    arguments = {**arguments, "since": str(spider.span.since), "until": str(spider.span.until)}
    return OutletPlan(outlet, arguments, spider.span, days, cut, table, set(days) - table.closed(spider.span))


def due_plans(engine: Engine, plans: Sequence[OutletPlan], now: datetime) -> Iterator[OutletPlan]:
    """Yield the plans with open days; skip outlets that refuse us. Raises SQLAlchemyError."""
    standings = Standings(engine).of([one.outlet for one in plans])
    waiting = {outlet for outlet, standing in standings.items() if standing.is_waiting(now)}
    return (one for one in plans if one.open and one.outlet not in waiting)


def cut_line(outlet: str, span: Span, asked: tuple[str, str], days: Iterable[date]) -> str | None:
    """Return which part of the days from the first to the last of `asked` (YYYY-MM-DD) is left, None for all.

    The sources list `days` of the span: one source may end long before the next begins.
    """
    since, until = str(span.since), str(span.until)
    holes = _ranges(set(span.days()).difference(days))
    if (since, until) == asked and not holes:
        return None
    without = f" without {', '.join(holes)}" if holes else ""
    return f"{outlet}: cut to {since} to {until}{without}: no source lists more"


def _ranges(days: Iterable[date]) -> list[str]:
    """Return days in words, consecutive ones as a range: `2022-07-03`, `2022-07-05 to 2022-07-09`."""
    ranges: list[list[date]] = []
    for day in sorted(days):
        if not ranges or day - ranges[-1][-1] > ONE_DAY:
            ranges.append([])
        ranges[-1].append(day)
    return [str(one[0]) if len(one) == 1 else f"{one[0]} to {one[-1]}" for one in ranges]
