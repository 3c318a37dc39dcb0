"""The gaps in an outlet's archive and the backfill commands that fill them."""

import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crawler.model.span import Span
from crawler.outlets.outlet import Outlet
from crawler.outlets.sources import days_listed
from crawler.tools.report.figures import OutletFigures

# If state knows nothing of a day, a smaller share of the usual number of articles is a gap.
FEW = 0.3

# Gaps that are closer together share a command: a backfill of closed days costs nothing.
JOINED = timedelta(days=3)

# A retry would not fetch these.
GONE = {"http-404", "http-410", "robots"}

# More reasons are not named.
REASONS = 3

# What is wrong with the days of a gap: they are open, were given up, or have articles that failed for good. Joined
# gaps are SPANS.
OPEN, GIVEN_UP, FAILED_FOR_GOOD, SPANS = "open", "given up", "failed permanently", "more spans"
OTHERS = "other reasons"


@dataclass(frozen=True, slots=True)
class Gap:
    """Incomplete days of an outlet, and those of them that a source lists.

    `reasons` counts days, of FAILED_FOR_GOOD articles, of SPANS gaps. A plain backfill skips what `is_retry`.
    """

    outlet: str
    dates: Collection[date]
    reached: Collection[date]
    reasons: Counter[str]
    kind: str = OPEN

    @property
    def is_retry(self) -> bool:
        return self.kind in (GIVEN_UP, FAILED_FOR_GOOD)

    @property
    def counted(self) -> list[tuple[int, str]]:
        """The most frequent reasons, each with its count, or 0 if all days have it."""
        counts = [(count, reason) for reason, count in self.reasons.most_common(REASONS)]
        if self.is_of_days and len(counts) == 1:
            counts = [(0, counts[0][1])]
        return counts + ([(0, OTHERS)] if len(self.reasons) > REASONS else [])

    @property
    def is_of_days(self) -> bool:
        return self.kind in (OPEN, GIVEN_UP)

    @property
    def reason(self) -> str:
        """The reasons as a sentence."""
        named = ", ".join(f"{self._amount(count)}{reason}" for count, reason in self.counted)
        return f"{self.kind}: {named}" if self.is_retry else named

    def _amount(self, count: int) -> str:
        unit = "" if not self.is_of_days else " day" if count == 1 else " days"
        return f"{count}{unit} " if count else ""

    @property
    def since(self) -> date:
        return min(self.dates)

    @property
    def until(self) -> date:
        return max(self.dates)

    @property
    def command(self) -> str | None:
        """The backfill that fills the gap, None if no source lists its days."""
        if not self.reached:
            return None
        span = ["--since", str(min(self.reached)), "--until", str(max(self.reached))]
        return shlex.join(["scrapy", "backfill", self.outlet, *span, *(["--retry-failed"] if self.is_retry else [])])


def gaps_of(figures: OutletFigures, declared: type[Outlet], first: date, last: date) -> list[Gap]:
    """Return the gaps of an outlet between two days, newest first, then the days and failures to retry."""
    reasons = {day: reason for day in Span(first, last).days() if (reason := _reason(figures, day))}
    retries = list(_retries(figures))
    every = reasons.keys() | {day for _, _, days in retries for day in days}
    reached = days_listed(declared.days, Span(min(every), max(every), declared.zone())) if every else set()
    found = [(days, days) for days in _joined_days(reasons.keys() & reached, reached)]
    if beyond := sorted(reasons.keys() - reached):
        found.append((beyond, []))
    gaps = [Gap(figures.name, days, listed, Counter(reasons[day] for day in days)) for days, listed in found]
    gaps.sort(key=lambda gap: gap.until, reverse=True)
    return [*gaps, *(Gap(figures.name, days, days & reached, counts, kind) for kind, counts, days in retries)]


def known_gaps(figures: OutletFigures, first: date, last: date) -> list[Gap]:
    """Return the spans between two days for which an outlet lacks articles, oldest first, whatever its sources list."""
    days = set(Span(first, last).days()) if first <= last else set()
    reasons = {day: reason for day in days if (reason := _reason(figures, day))}
    spans = _joined_days(reasons, days)
    return [Gap(figures.name, span, (), Counter(reasons[day] for day in span)) for span in spans]


def shortened(gaps: Sequence[Gap], most: int) -> list[Gap]:
    """Return at most `most` gaps of an outlet, the rest of them joined into one, then the retries."""
    spans = [gap for gap in gaps if not gap.is_retry]
    kept, rest = spans[:most], spans[most:]
    if rest:
        dates = [day for gap in rest for day in gap.dates]
        reached = [day for gap in rest for day in gap.reached]
        kept.append(Gap(rest[0].outlet, dates, reached, Counter({SPANS: len(rest)}), SPANS))
    return [*kept, *(gap for gap in gaps if gap.is_retry)]


def _reason(figures: OutletFigures, day: date) -> str | None:
    known, articles = figures.days.get(day), figures.rows.articles[day]
    if known is not None:
        return None if known.is_closed else known.fault or "listed but not finished"
    if not articles:
        return "without an article"
    return "with few articles" if articles < FEW * figures.usual_articles(day) else None


def _joined_days(days: Iterable[date], reached: Collection[date]) -> Iterator[list[date]]:
    """Yield days that are close together, unless a day that no source lists lies between them."""
    span: list[date] = []
    for day in sorted(days):
        if span and (day - span[-1] > JOINED or not all(one in reached for one in Span(span[-1], day).days())):
            yield span
            span = []
        span.append(day)
    if span:
        yield span


def _retries(figures: OutletFigures) -> Iterator[tuple[str, Counter[str], set[date]]]:
    """Yield the kind, the reasons and the days of what a plain backfill skips."""
    faults = {day: known.fault for day, known in figures.days.items() if known.is_closed and known.fault}
    if faults:
        yield GIVEN_UP, Counter(faults.values()), set(faults)
    failed = [place for place in figures.failures.elements() if place[1] not in GONE]
    if failed:
        yield FAILED_FOR_GOOD, Counter(reason for _, reason in failed), {day for day, _ in failed}
