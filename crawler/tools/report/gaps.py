"""The gaps in an outlet's archive and the backfill commands that fill them."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crawler.model.span import Span
from crawler.outlets.outlet import Outlet
from crawler.outlets.sources import days_listed
from crawler.tools.report.figures import OutletFigures, days_between

# If state knows nothing of a day, a smaller share of the usual number of articles is a gap.
FEW = 0.3

# Gaps that are closer together share a command: a backfill of closed days costs nothing.
JOINED = timedelta(days=3)

# A retry would not fetch these.
GONE = {"http-404", "http-410", "robots"}

# More reasons are not named.
REASONS = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """Incomplete days of an outlet; `command` is None if no source lists them, a plain backfill skips `is_retry`."""

    outlet: str
    since: date
    until: date
    days: int
    reason: str
    command: str | None
    is_retry: bool = False


def gaps_of(figures: OutletFigures, declared: type[Outlet] | None, first: date, last: date) -> list[Gap]:
    """Return the gaps of an outlet between two days, newest first, then the days and failures to retry."""
    reasons = {day: reason for day in days_between(first, last) if (reason := _reason(figures, day))}
    reached = _reached(declared, reasons)
    gaps = []
    for days in _joined_days(reasons.keys() & reached, reached):
        gaps.append(_gap(figures.name, days, _reasons([reasons[day] for day in days]), days))
    if beyond := sorted(reasons.keys() - reached):
        gaps.append(_gap(figures.name, beyond, _reasons([reasons[day] for day in beyond]), ()))
    gaps.sort(key=lambda gap: gap.until, reverse=True)
    return [*gaps, *_retries(figures, declared)]


def shortened(gaps: Sequence[Gap], most: int) -> list[Gap]:
    """Return at most `most` gaps of an outlet, the rest of them joined into one, then the retries."""
    spans = [gap for gap in gaps if not gap.is_retry]
    rest = [joined(spans[most:])] if len(spans) > most else []
    return [*spans[:most], *rest, *(gap for gap in gaps if gap.is_retry)]


def joined(gaps: Sequence[Gap]) -> Gap:
    """Return gaps of an outlet as one, with the command for those that can be filled."""
    since, until = min(gap.since for gap in gaps), max(gap.until for gap in gaps)
    ends = [day for gap in gaps if gap.command for day in (gap.since, gap.until)]
    days, reason = sum(gap.days for gap in gaps), f"{len(gaps)} more spans"
    return Gap(gaps[0].outlet, since, until, days, reason, _command(gaps[0].outlet, ends))


def _gap(outlet: str, days: Collection[date], reason: str, reached: Collection[date], is_retry: bool = False) -> Gap:
    command = _command(outlet, reached, *(["--retry-failed"] if is_retry else []))
    return Gap(outlet, min(days), max(days), len(days), reason, command, is_retry)


def _command(outlet: str, days: Collection[date], *options: str) -> str | None:
    if not days:
        return None
    span = ["--since", str(min(days)), "--until", str(max(days))]
    return shlex.join(["scrapy", "backfill", outlet, *span, *options])


def _reason(figures: OutletFigures, day: date) -> str | None:
    known, articles = figures.days.get(day), figures.rows.articles[day]
    if known is not None:
        return None if known.is_closed else known.fault or "listed but not finished"
    if not articles:
        return "without an article"
    return "with few articles" if articles < FEW * figures.usual_articles(day) else None


def _joined_days(days: Iterable[date], reached: Collection[date]) -> Iterator[Sequence[date]]:
    """Yield days that are close together, unless a day that no source lists lies between them."""
    span: list[date] = []
    for day in sorted(days):
        if span and (day - span[-1] > JOINED or not all(one in reached for one in days_between(span[-1], day))):
            yield span
            span = []
        span.append(day)
    if span:
        yield span


def _reached(declared: type[Outlet] | None, days: Collection[date]) -> set[date]:
    if declared is None or not days:
        return set()
    return days_listed(declared.days, Span(min(days), max(days), declared.zone()))


def _reasons(reasons: Sequence[str]) -> str:
    counts = Counter(reasons)
    if len(counts) == 1:
        return reasons[0]
    named = [f"{count} {'day' if count == 1 else 'days'} {reason}" for reason, count in counts.most_common(REASONS)]
    return ", ".join(named + (["other reasons"] if len(counts) > REASONS else []))


def _retries(figures: OutletFigures, declared: type[Outlet] | None) -> Iterator[Gap]:
    faults = {day: known.fault for day, known in figures.days.items() if known.is_closed and known.fault}
    if faults:
        yield _retry(figures.name, declared, faults, f"given up: {_reasons(list(faults.values()))}")
    failed: Counter[str] = Counter()
    days: dict[date, None] = {}
    for (day, reason), number in figures.failures.items():
        if reason not in GONE:
            failed[reason] += number
            days[day] = None
    if failed:
        named = ", ".join(f"{number} {reason}" for reason, number in failed.most_common(REASONS))
        yield _retry(figures.name, declared, days, f"failed permanently: {named}")


def _retry(outlet: str, declared: type[Outlet] | None, days: Mapping[date, object], reason: str) -> Gap:
    return _gap(outlet, days, reason, _reached(declared, days) & days.keys(), is_retry=True)
