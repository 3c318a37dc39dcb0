"""The days that a backfill would fill, and the commands for it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crawler.declarations import Declarations
from crawler.reporting.figures import OutletFigures, days_between
from crawler.sources import reach
from crawler.span import Span

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
    """Days of an outlet that are not whole, why, and what fills them; `command` is None when nothing reaches them."""

    outlet: str
    since: date
    until: date
    days: int
    reason: str
    command: str | None


def gaps_of(figures: OutletFigures, declared: type[Declarations] | None, first: date, last: date) -> list[Gap]:
    """Return the gaps of an outlet between two days, newest first, then what failed and can be tried again."""
    reasons = {day: reason for day in days_between(first, last) if (reason := _reason(figures, day))}
    gaps = []
    beyond: dict[date, str] = {}
    for days in _spans(reasons):
        reached = _reached(declared, days[0], days[-1])
        within = [day for day in days if reached and reached.since <= day <= reached.until]
        beyond |= {day: reasons[day] for day in days if day not in within}
        if within:
            gaps.append(_gap(figures.name, {day: reasons[day] for day in within}, is_reached=True))
    if beyond:
        gaps.append(_gap(figures.name, beyond, is_reached=False))
    return [*sorted(gaps, key=lambda gap: gap.until, reverse=True), *_given_up(figures), *_retries(figures)]


def _gap(outlet: str, reasons: Mapping[date, str], is_reached: bool) -> Gap:
    since, until = min(reasons), max(reasons)
    command = command_for(outlet, since, until) if is_reached else None
    return Gap(outlet, since, until, len(reasons), _told(list(reasons.values())), command)


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


def _spans(days: Iterable[date]) -> Iterator[Sequence[date]]:
    """Yield days that follow each other closely together."""
    span: list[date] = []
    for day in sorted(days):
        if span and day - span[-1] > JOINED:
            yield span
            span = []
        span.append(day)
    if span:
        yield span


def _reached(declared: type[Declarations] | None, since: date, until: date) -> Span | None:
    return reach(declared.days, Span(since, until, declared.zone())) if declared else None


def _told(reasons: Sequence[str]) -> str:
    counts = Counter(reasons).most_common()
    if len(counts) == 1:
        return reasons[0]
    told = [f"{count} {'day' if count == 1 else 'days'} {reason}" for reason, count in counts[:REASONS]]
    return ", ".join(told + (["other reasons"] if len(counts) > REASONS else []))


def _given_up(figures: OutletFigures) -> Iterator[Gap]:
    faults = {day: known.fault for day, known in figures.days.items() if known.is_closed and known.fault}
    if faults:
        since, until = min(faults), max(faults)
        command = command_for(figures.name, since, until, "--retry-failed")
        yield Gap(figures.name, since, until, len(faults), f"given up: {_told(list(faults.values()))}", command)


def _retries(figures: OutletFigures) -> Iterator[Gap]:
    failed = {place: number for place, number in figures.failures.items() if place[1] not in GONE}
    if failed:
        days = {day for day, _ in failed}
        reasons: Counter[str] = Counter()
        for (_, reason), number in failed.items():
            reasons[reason] += number
        told = ", ".join(f"{number} {reason}" for reason, number in reasons.most_common(REASONS))
        command = command_for(figures.name, min(days), max(days), "--retry-failed")
        yield Gap(figures.name, min(days), max(days), len(days), f"failed for good: {told}", command)
