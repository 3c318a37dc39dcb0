"""The numbers of a report: articles and runs by outlet and day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, tzinfo
from functools import cached_property
from statistics import median
from typing import Any

from crawler.model.span import ONE_DAY
from crawler.state.day_policy import Day
from crawler.tools.export.rows import DateRange, moment_of

# No news site is older.
EARLIEST = date(1990, 1, 1)
CLOCK_PRECISIONS = {"second", "minute", "hour"}
DAY_PRECISIONS = CLOCK_PRECISIONS | {"day"}
STATUS_COUNT = "downloader/response_status_count/"
NO_RESPONSE = "no response"

# With fewer days of a weekday, the median of all days is used.
WEEKDAY_SAMPLES = 4


@dataclass(slots=True)
class RowFigures:
    """Counts of rows. Articles count on their day of publication, undated ones on the day they were fetched."""

    articles: Counter[date] = field(default_factory=Counter)
    dated: Counter[date] = field(default_factory=Counter)
    # Later versions, by the day on which they were fetched.
    edits: Counter[date] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    versions: Counter[int] = field(default_factory=Counter)

    def take(self, row: Mapping[str, Any], zone: tzinfo) -> None:
        """Count a row. Raises KeyError, TypeError, ValueError for a malformed one."""
        version = row["version"]
        fetched = moment_of(row["fetched_at"]).astimezone(zone)
        published = row["published"]
        if type(version) is not int or version < 1:
            raise ValueError(f"version {version!r}")
        self.versions[version] += 1
        if version > 1:
            self.edits[fetched.date()] += 1
            return
        at = moment_of(published["at"]).astimezone(zone) if published else fetched
        precision = published["precision"] if published else None
        self.articles[at.date()] += 1
        self.dated[at.date()] += precision in DAY_PRECISIONS
        if precision in CLOCK_PRECISIONS:
            self.hours[at.hour] += 1

    def add(self, other: RowFigures) -> None:
        for one in fields(self):
            getattr(self, one.name).update(getattr(other, one.name))

    def keep(self, days: DateRange) -> None:
        """Forget the articles and later versions of other days."""
        for counts in (self.articles, self.dated, self.edits):
            for day in [day for day in counts if not days.hold(day)]:
                del counts[day]


@dataclass(slots=True)
class RunFigures:
    listed: int = 0
    articles: int = 0
    dated: int = 0
    requests: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    def take(self, stats: Mapping[str, Any]) -> None:
        requests = _count(stats, "downloader/request_count")
        codes = {
            name.removeprefix(STATUS_COUNT): _count(stats, name) for name in stats if name.startswith(STATUS_COUNT)
        }
        self.listed += _count(stats, "khobor/listed")
        self.articles += _count(stats, "khobor/articles")
        self.dated += _count(stats, "khobor/dated")
        self.requests += requests
        self.codes.update(codes)
        self.codes[NO_RESPONSE] += max(requests - sum(codes.values()), 0)

    @property
    def answered(self) -> int:
        return sum(count for code, count in self.codes.items() if code[0] in "23")


@dataclass
class OutletFigures:
    name: str
    title: str
    rows: RowFigures = field(default_factory=RowFigures)
    # By the day on which they started, in the outlet's zone.
    runs: dict[date, RunFigures] = field(default_factory=dict)
    # The first day that a run requested.
    requested_since: date | None = None
    # By month (`2026-10`) and kind of file.
    bytes: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: int = 0
    days: dict[date, Day] = field(default_factory=dict)
    # Permanent failures by day and reason.
    failures: Counter[tuple[date, str]] = field(default_factory=Counter)

    @cached_property
    def usual_articles(self) -> Usual:
        """The usual number of articles of a day; valid once all rows are counted."""
        return Usual(self.rows.articles)

    @cached_property
    def usual_listed(self) -> Usual:
        return Usual({day: known.listed for day, known in self.days.items()})

    @cached_property
    def usual_of_runs(self) -> Usual:
        return Usual({day: run.listed for day, run in self.runs.items()})

    @cached_property
    def first(self) -> date | None:
        """The first day that was requested or listed, or has more than stray articles: feeds may list old ones."""
        if self.requested_since is not None:
            return min([self.requested_since, *self.days])
        usual = median(self.rows.articles.values()) if self.rows.articles else 0
        kept = [day for day, count in self.rows.articles.items() if count * 5 >= usual and day >= EARLIEST]
        return min([*kept, *self.days], default=None)

    @property
    def begin(self) -> date | None:
        """The first day of coverage, or of the runs if one is earlier; None without any."""
        return min(filter(None, (self.first, min(self.runs, default=None))), default=None)


class Usual:
    """The usual number of a day: the median of its weekday, or of all days if there are few such weekdays."""

    def __init__(self, counts: Mapping[date, int]) -> None:
        kept = {day: count for day, count in counts.items() if count}
        every = median(kept.values()) if kept else 0
        by_weekday = [[count for day, count in kept.items() if day.weekday() == weekday] for weekday in range(7)]
        self._medians = [median(same) if len(same) >= WEEKDAY_SAMPLES else every for same in by_weekday]

    def __call__(self, day: date) -> float:
        return self._medians[day.weekday()]


def spans(first: date, last: date, step: int) -> Iterator[tuple[date, date]]:
    """Yield the first and last days of spans of `step` days; the last span may be shorter."""
    for offset in range(0, (last - first).days + 1, step):
        begin = first + offset * ONE_DAY
        yield begin, min(begin + (step - 1) * ONE_DAY, last)


def days_between(first: date, last: date) -> Iterator[date]:
    return (day for day, _ in spans(first, last, 1))


def _count(stats: Mapping[str, Any], name: str) -> int:
    value = stats.get(name)
    return value if type(value) is int and value > 0 else 0
