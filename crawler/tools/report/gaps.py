"""The days that a backfill would fill, and the commands for it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crawler.model.span import Span
from crawler.outlets.outlet import Outlet
from crawler.outlets.sources import days_listed
from crawler.tools.report.figures import OutletFigures, days_between

# Fewer articles than this share of a usual day look like a gap, where nobody knows how many there were.
FEW = 0.3

# Asking for closed days in between costs nothing; a command a day costs patience.
JOINED = timedelta(days=3)

# What is not there, or not for us, won't be there when it is asked for again.
GONE = {"http-404", "http-410", "robots"}

# So many different reasons are named.
REASONS = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """Days of an outlet that are not whole, why, and what fills them; `command` is None when nothing reaches them.

    `is_retry` when these were given up or have failures: a plain backfill leaves them alone.
    """

    outlet: str
    since: date
    until: date
    days: int
    reason: str
    command: str | None
    is_retry: bool = False


def gaps_of(figures: OutletFigures, declared: type[Outlet] | None, first: date, last: date) -> list[Gap]:
    """Return the gaps of an outlet between two days, newest first, then what failed and can be tried again."""
    reasons = {day: reason for day in days_between(first, last) if (reason := _reason(figures, day))}
    reached = _reached(declared, reasons)
    spans = [*_spans(reasons.keys() & reached, reached), sorted(reasons.keys() - reached)]
    gaps = [
        _gap(figures.name, days, _told([reasons[day] for day in days]), days if reached.issuperset(days) else ())
        for days in spans
        if days
    ]
    gaps.sort(key=lambda gap: gap.until, reverse=True)
    return [*gaps, *_given_up(figures, declared), *_retries(figures, declared)]


def shortened(gaps: Sequence[Gap], most: int) -> list[Gap]:
    """Return no more than so many spans of an outlet, the rest of them as one, then what can be tried again."""
    spans = [gap for gap in gaps if not gap.is_retry]
    rest = [joined(spans[most:])] if len(spans) > most else []
    return [*spans[:most], *rest, *(gap for gap in gaps if gap.is_retry)]


def joined(gaps: Sequence[Gap]) -> Gap:
    """Return gaps of an outlet as one, with the command for those that can be filled."""
    since, until = min(gap.since for gap in gaps), max(gap.until for gap in gaps)
    ends = [day for gap in gaps if gap.command for day in (gap.since, gap.until)]
    command = command_for(gaps[0].outlet, min(ends), max(ends)) if ends else None
    return Gap(gaps[0].outlet, since, until, sum(gap.days for gap in gaps), f"{len(gaps)} more spans", command)


def _gap(outlet: str, days: Collection[date], reason: str, reached: Collection[date], is_retry: bool = False) -> Gap:
    """Return the gap that some days are, with the command for those of them that can be reached."""
    options = ["--retry-failed"] if is_retry else []
    command = command_for(outlet, min(reached), max(reached), *options) if reached else None
    return Gap(outlet, min(days), max(days), len(days), reason, command, is_retry)


def command_for(outlet: str, since: date, until: date, *options: str) -> str:
    """Return the command line that fills days of an outlet."""
    return shlex.join(["scrapy", "backfill", outlet, "--since", str(since), "--until", str(until), *options])


def _reason(figures: OutletFigures, day: date) -> str | None:
    known = figures.days.get(day)
    if known is not None:
        return None if known.is_closed else known.fault or "listed but not finished"
    articles = figures.rows.articles
    if not articles[day]:
        return "without an article"
    return "with few articles" if articles[day] < FEW * figures.usual_articles(day) else None


def _spans(days: Iterable[date], reached: Collection[date]) -> Iterator[Sequence[date]]:
    """Yield days that follow each other closely together, unless one that can't be reached lies between them."""
    span: list[date] = []
    for day in sorted(days):
        if span and (day - span[-1] > JOINED or not all(one in reached for one in days_between(span[-1], day))):
            yield span
            span = []
        span.append(day)
    if span:
        yield span


def _reached(declared: type[Outlet] | None, days: Collection[date]) -> set[date]:
    """Return what the outlet's sources can list from the first of some days to the last."""
    if declared is None or not days:
        return set()
    return days_listed(declared.days, Span(min(days), max(days), declared.zone()))


def _told(reasons: Sequence[str]) -> str:
    counts = Counter(reasons).most_common()
    if len(counts) == 1:
        return reasons[0]
    told = [f"{count} {'day' if count == 1 else 'days'} {reason}" for reason, count in counts[:REASONS]]
    return ", ".join(told + (["other reasons"] if len(counts) > REASONS else []))


def _given_up(figures: OutletFigures, declared: type[Outlet] | None) -> Iterator[Gap]:
    faults = {day: known.fault for day, known in figures.days.items() if known.is_closed and known.fault}
    if faults:
        reached = _reached(declared, faults) & faults.keys()
        yield _gap(figures.name, faults, f"given up: {_told(list(faults.values()))}", reached, is_retry=True)


def _retries(figures: OutletFigures, declared: type[Outlet] | None) -> Iterator[Gap]:
    failed = {place: number for place, number in figures.failures.items() if place[1] not in GONE}
    if failed:
        days = {day for day, _ in failed}
        reasons: Counter[str] = Counter()
        for (_, reason), number in failed.items():
            reasons[reason] += number
        told = ", ".join(f"{number} {reason}" for reason, number in reasons.most_common(REASONS))
        yield _gap(figures.name, days, f"failed for good: {told}", _reached(declared, days) & days, is_retry=True)
