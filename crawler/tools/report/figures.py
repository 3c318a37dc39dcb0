"""The figures of a report: numbers per outlet, day and hour, whatever the archive holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property
from statistics import median
from typing import Any

from crawler.tools.report.state_facts import DayFacts

# No news site is older.
EARLIEST = date(1990, 1, 1)
ONE_DAY = timedelta(days=1)
CLOCK_PRECISIONS = {"second", "minute", "hour"}
DAY_PRECISIONS = CLOCK_PRECISIONS | {"day"}
CODE = "downloader/response_status_count/"
NO_ANSWER = "no answer"

# So many days of a weekday are enough to tell what is usual on it.
WEEKDAY_SAMPLES = 4


@dataclass(slots=True)
class RowFigures:
    """What rows tell. Articles count on the day of publication in the outlet's zone, without one when fetched."""

    articles: Counter[date] = field(default_factory=Counter)
    dated: Counter[date] = field(default_factory=Counter)
    # On the day on which the later version was fetched.
    edits: Counter[date] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    versions: Counter[int] = field(default_factory=Counter)

    def take(self, row: Mapping[str, Any], zone: tzinfo) -> None:
        """Count a row. Raises KeyError, TypeError, ValueError for what is none."""
        version = row["version"]
        fetched = _moment(row["fetched_at"]).astimezone(zone)
        published = row["published"]
        if type(version) is not int or version < 1:
            raise ValueError(f"version {version!r}")
        self.versions[version] += 1
        if version > 1:
            self.edits[fetched.date()] += 1
            return
        at = _moment(published["at"]).astimezone(zone) if published else fetched
        is_dated = bool(published) and published["precision"] in DAY_PRECISIONS
        self.articles[at.date()] += 1
        self.dated[at.date()] += is_dated
        if published and published["precision"] in CLOCK_PRECISIONS:
            self.hours[at.hour] += 1

    def add(self, other: RowFigures) -> None:
        """Add another file's figures."""
        for name in ("articles", "dated", "edits", "hours", "versions"):
            getattr(self, name).update(getattr(other, name))

    def within(self, since: date | None, until: date | None) -> None:
        """Forget the days outside of two days."""
        for days in (self.articles, self.dated, self.edits):
            for day in [day for day in days if (since and day < since) or (until and day > until)]:
                del days[day]


@dataclass(slots=True)
class RunFigures:
    """What the runs of one day tell together."""

    runs: int = 0
    listed: int = 0
    articles: int = 0
    dated: int = 0
    requests: int = 0
    bytes: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    def take(self, stats: Mapping[str, Any]) -> None:
        """Count a run by its statistics."""
        self.runs += 1
        self.listed += _count(stats, "khobor/listed")
        self.articles += _count(stats, "khobor/articles")
        self.dated += _count(stats, "khobor/dated")
        self.requests += _count(stats, "downloader/request_count")
        self.bytes += _count(stats, "downloader/response_bytes")
        codes = {name.removeprefix(CODE): _count(stats, name) for name in stats if name.startswith(CODE)}
        self.codes.update(codes)
        self.codes[NO_ANSWER] += max(_count(stats, "downloader/request_count") - sum(codes.values()), 0)

    @property
    def answered(self) -> int:
        """How many requests were answered with what was asked for, a redirect or "not modified"."""
        return sum(count for code, count in self.codes.items() if code[0] in "23")


@dataclass
class OutletFigures:
    """All of one outlet."""

    name: str
    title: str
    rows: RowFigures = field(default_factory=RowFigures)
    # By the day on which they began, in the outlet's zone.
    runs: dict[date, RunFigures] = field(default_factory=dict)
    # The first day that a run asked for.
    asked_since: date | None = None
    bytes: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: int = 0
    days: dict[date, DayFacts] = field(default_factory=dict)
    # What failed for good, by day and reason.
    failures: Counter[tuple[date, str]] = field(default_factory=Counter)

    @cached_property
    def usual_articles(self) -> Usual:
        """How many articles a day usually has; asked for when all are counted."""
        return Usual(self.rows.articles)

    @cached_property
    def usual_listed(self) -> Usual:
        """How many articles are usually listed of a day."""
        return Usual({day: known.listed for day, known in self.days.items()})

    @cached_property
    def usual_of_runs(self) -> Usual:
        """How many articles the runs of a day usually list."""
        return Usual({day: run.listed for day, run in self.runs.items()})

    @cached_property
    def first(self) -> date | None:
        """The day from which on the outlet is kept: asked for, listed, or with more than a stray article."""
        usual = median(self.rows.articles.values()) if self.rows.articles else 0
        kept = [day for day, count in self.rows.articles.items() if count * 5 >= usual and day >= EARLIEST]
        known = [*kept, *self.days]
        if self.asked_since is None:
            return min(known, default=None)
        # A feed may list an article of years ago: what nobody asked for begins no coverage.
        return min([self.asked_since, *self.days])


class Usual:
    """What is usual: the median of the same weekdays that have anything, of all days where these are too few."""

    def __init__(self, counts: Mapping[date, int]) -> None:
        kept = {day: count for day, count in counts.items() if count}
        every = median(kept.values()) if kept else 0
        by_weekday = [[count for day, count in kept.items() if day.weekday() == weekday] for weekday in range(7)]
        self._medians = [median(same) if len(same) >= WEEKDAY_SAMPLES else every for same in by_weekday]

    def __call__(self, day: date) -> float:
        """Return the usual number on such a day, 0 when nothing is known."""
        return self._medians[day.weekday()]


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the days from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + number * ONE_DAY


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return moment


def _count(stats: Mapping[str, Any], name: str) -> int:
    value = stats.get(name)
    return value if type(value) is int and value > 0 else 0
