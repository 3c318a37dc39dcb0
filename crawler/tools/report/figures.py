"""The numbers of a report by outlet and day: articles and runs, and their shares of the expected numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from statistics import median
from typing import Any

from crawler.model.article import CLOCK_PRECISIONS
from crawler.model.span import ONE_DAY, DateRange, Span
from crawler.state.day_policy import Day
from crawler.tools.export.rows import local
from crawler.tools.report.charts import Mark, midnight

# No news site is older.
EARLIEST = date(1990, 1, 1)
DAY_PRECISIONS = CLOCK_PRECISIONS | {"day"}

# The names of a run's stats.
LISTED, ARTICLES, DATED = "khobor/listed", "khobor/articles", "khobor/dated"
REQUESTS = "downloader/request_count"
STATUS_COUNT = "downloader/response_status_count/"
NO_RESPONSE = "no response"

# With fewer days of a weekday, the median of all days is used.
WEEKDAY_SAMPLES = 4

# More cells or columns make the page heavy. The days of a cell are the first of STEPS that stays below.
CELLS, COLUMNS = 20_000, 500
STEPS = (1, 7, 30)


@dataclass(slots=True)
class RowFigures:
    """Counts of rows. Articles count on their day of publication, undated ones on the day they were fetched."""

    articles: Counter[date] = field(default_factory=Counter)
    dated: Counter[date] = field(default_factory=Counter)
    # Later versions, by the day on which they were fetched.
    edits: Counter[date] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    versions: Counter[int] = field(default_factory=Counter)

    def take(self, row: Mapping[str, Any], days: DateRange) -> None:
        """Count a row, if it is of these days. Raises KeyError, TypeError, ValueError for a malformed one."""
        version = row["version"]
        fetched = local(row["fetched_at"])
        published = row["published"]
        if type(version) is not int or version < 1:
            raise ValueError(f"version {version!r}")
        self.versions[version] += 1
        if version > 1:
            if days.hold(fetched.date()):
                self.edits[fetched.date()] += 1
            return
        at = local(published["at"]) if published else fetched
        precision = published["precision"] if published else None
        if days.hold(at.date()):
            self.articles[at.date()] += 1
            self.dated[at.date()] += precision in DAY_PRECISIONS
            if precision in CLOCK_PRECISIONS:
                self.hours[at.hour] += 1

    def add(self, other: RowFigures) -> None:
        for one in fields(self):
            getattr(self, one.name).update(getattr(other, one.name))


def codes_of(stats: Counter[str]) -> Counter[str]:
    """Return the responses by code in the stats of runs, and the requests without a response."""
    codes = {name.removeprefix(STATUS_COUNT): count for name, count in stats.items() if name.startswith(STATUS_COUNT)}
    return Counter(codes | {NO_RESPONSE: max(stats[REQUESTS] - sum(codes.values()), 0)})


@dataclass
class OutletFigures:
    name: str
    title: str
    rows: RowFigures = field(default_factory=RowFigures)
    # The sums of their stats by the day on which they started, in the outlet's zone.
    runs: dict[date, Counter[str]] = field(default_factory=dict)
    # The first day that a run requested.
    requested_since: date | None = None
    # By month (`2026-10`) and kind of file.
    bytes: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: int = 0
    days: dict[date, Day] = field(default_factory=dict)
    # Permanent failures by day and reason.
    failures: Counter[tuple[date, str]] = field(default_factory=Counter)

    @cached_property
    def usual_articles(self) -> Callable[[date], float]:
        """The usual number of articles of a day; valid once all rows are counted."""
        return usual(self.rows.articles)

    @cached_property
    def usual_listed(self) -> Callable[[date], float]:
        return usual({day: known.listed for day, known in self.days.items()})

    @cached_property
    def usual_of_runs(self) -> Callable[[date], float]:
        return usual({day: stats[LISTED] for day, stats in self.runs.items()})

    @cached_property
    def first(self) -> date | None:
        """The first day that was requested or listed, or has more than stray articles: feeds may list old ones."""
        if self.requested_since is not None:
            return min([self.requested_since, *self.days])
        middle = median(self.rows.articles.values()) if self.rows.articles else 0
        kept = [day for day, count in self.rows.articles.items() if count * 5 >= middle and day >= EARLIEST]
        return min([*kept, *self.days], default=None)

    @property
    def begin(self) -> date | None:
        """The first day of coverage, or of the runs if one is earlier; None without any."""
        return min(filter(None, (self.first, min(self.runs, default=None))), default=None)


def usual(counts: Mapping[date, int]) -> Callable[[date], float]:
    """Return the usual number of a day: the median of its weekday, or of all days if there are few such weekdays."""
    kept = {day: count for day, count in counts.items() if count}
    every = median(kept.values()) if kept else 0
    by_weekday = [[count for day, count in kept.items() if day.weekday() == weekday] for weekday in range(7)]
    medians = [median(same) if len(same) >= WEEKDAY_SAMPLES else every for same in by_weekday]
    return lambda day: medians[day.weekday()]


def spans(first: date, last: date, step: int) -> Iterator[tuple[date, date]]:
    """Yield the first and last days of spans of `step` days; the last span may be shorter."""
    for offset in range(0, (last - first).days + 1, step):
        begin = first + offset * ONE_DAY
        yield begin, min(begin + (step - 1) * ONE_DAY, last)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A number and the expected number, which is known or only usual; `whole` is 0 when nothing was expected."""

    part: int
    whole: float
    is_known: bool = True

    @property
    def level(self) -> int | None:
        """The colour of a cell, None when there is nothing to show."""
        if self.whole <= 0:
            return 3 if self.part else None
        share = self.part / self.whole
        return 0 if not self.part else 1 if share < 0.5 else 2 if share < 0.9 else 3

    def __str__(self) -> str:
        return f"{self.part} of {self.whole:.0f}" if self.is_known else f"{self.part} (usual: {self.whole:.0f})"


# Returns a heat map's cell of an outlet and day, or None. Its words are in macros.html, by its name.
Measure = Callable[[OutletFigures, date], Coverage | None]


def listed(figures: OutletFigures, day: date) -> Coverage | None:
    """Return the listed articles, compared with the usual number; None if the day's listings are unknown."""
    known = figures.days.get(day)
    return Coverage(known.listed, figures.usual_listed(day), False) if known else None


def archived(figures: OutletFigures, day: date) -> Coverage:
    """Return the archived articles of those listed and in scope; without listings, as `extracted`."""
    known = figures.days.get(day)
    if known is None:
        return extracted(figures, day)
    kept = max(known.archived, figures.rows.articles[day])
    return Coverage(kept, max(known.listed - known.turned_down, kept))


def extracted(figures: OutletFigures, day: date) -> Coverage:
    """Return the articles with a row of those archived; without listings, compared with the usual number."""
    known, articles = figures.days.get(day), figures.rows.articles[day]
    if known is None:
        return Coverage(articles, figures.usual_articles(day), False)
    return Coverage(articles, max(known.archived, articles))


def dated(figures: OutletFigures, day: date) -> Coverage:
    return Coverage(figures.rows.dated[day], figures.rows.articles[day])


def listed_by_runs(figures: OutletFigures, day: date) -> Coverage | None:
    return Coverage(figures.runs[day][LISTED], figures.usual_of_runs(day), False) if day in figures.runs else None


def dated_by_runs(figures: OutletFigures, day: date) -> Coverage | None:
    return Coverage(figures.runs[day][DATED], figures.runs[day][ARTICLES]) if day in figures.runs else None


def answered(figures: OutletFigures, day: date) -> Coverage | None:
    if day not in figures.runs:
        return None
    part = sum(count for code, count in codes_of(figures.runs[day]).items() if code[0] in "23")
    return Coverage(part, figures.runs[day][REQUESTS])


BY_LISTINGS: tuple[Measure, ...] = (listed, archived)
BY_ROWS: tuple[Measure, ...] = (extracted, dated)
BY_RUNS: tuple[Measure, ...] = (listed_by_runs, dated_by_runs, answered)


def step_for(rows: int, maps: int, first: date, last: date, columns: int = COLUMNS) -> int:
    days = (last - first).days + 1
    most = min(columns, CELLS // max(rows * maps, 1))
    return next((step for step in STEPS if days / step <= most), STEPS[-1])


def cells_of(outlets: Iterable[OutletFigures], measure: Measure, first: date, last: date, step: int) -> Iterator[Mark]:
    """Yield the cells of a measure that show something, from the first day of each outlet's coverage on."""
    for figures in outlets:
        begin = figures.first or first
        for since, until in spans(first, last, step):
            days = Span(max(since, begin), until).days()
            found = [coverage for day in days if (coverage := measure(figures, day)) is not None]
            is_known = all(one.is_known for one in found)
            total = Coverage(sum(one.part for one in found), sum(one.whole for one in found), is_known)
            if (level := total.level) is not None:
                place = f"{since}" if step == 1 else f"{since} to {until}"
                yield Mark(figures.name, midnight(since), midnight(until + ONE_DAY), level, f"{place}: {total}")
