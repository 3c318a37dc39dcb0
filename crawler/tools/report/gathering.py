"""The contents of a report, read from the archive in one pass and from state if there is one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from crawler.archive.documents import parsed
from crawler.archive.names import outlet_of
from crawler.archive.rows import lines, month_of, row_files
from crawler.archive.storage.base import NoAccess, Storage, StorageError, StoreUnreachable
from crawler.crawl.live.checks import LiveCheck
from crawler.model.span import ONE_DAY
from crawler.outlets.outlet import Outlet
from crawler.tools.export.rows import GIVEN, DateRange
from crawler.tools.report.figures import OutletFigures, RowFigures, RunFigures
from crawler.tools.report.state_facts import Problem, Refusal, StateFacts


@dataclass(frozen=True, slots=True)
class ReportScope:
    """The outlets (none: all) and days of a report."""

    outlets: Collection[str] = ()
    days: DateRange = field(default_factory=DateRange)

    def wants(self, outlet: str) -> bool:
        return not self.outlets or outlet in self.outlets


class Gathering:
    """The data of one report, and the files that could not be read; `declared` are the outlets with a spider."""

    def __init__(
        self, storage: Storage, declared: Mapping[str, type[Outlet]], scope: ReportScope, on_file: Callable[[int], None]
    ) -> None:
        self.outlets: dict[str, OutletFigures] = {}
        self.problems: list[Problem] = []
        self.refusals: dict[str, Refusal] = {}
        # The last live checks that found a problem.
        self.failed_checks: list[LiveCheck] = []
        self.damaged: list[str] = []
        self._storage = storage
        self._declared = declared
        self._scope = scope
        self._on_file = on_file

    def read_archive(self) -> None:
        """Read sizes, runs and rows; damaged files are named and not counted. Raises StorageError, OSError."""
        folders, runs = set(), []
        for key, size in self._storage.list():
            outlet = outlet_of(key)
            if outlet is None or "/" not in key:
                continue
            if key.startswith("articles/"):
                folders.add(outlet)
            if self._scope.wants(outlet):
                self._count_file(outlet, key, size)
                if key.startswith("runs/") and key.endswith(".json"):
                    runs.append(key)
        for key in runs:
            self._read(key, self._read_run)
        for folder in sorted(folders):
            if folder == GIVEN or self._scope.wants(folder):
                self._read_folder(folder)
        for figures in self.outlets.values():
            figures.rows.keep_days(self._scope.days.since, self._scope.days.until)

    def read_state(self, facts: StateFacts) -> None:
        for day in facts.days():
            if self._holds(day.outlet, day.day):
                self._of(day.outlet).days[day.day] = day
        for outlet, of, reason in facts.failures():
            if self._holds(outlet, of):
                self._of(outlet).failures[of, reason] += 1
        self.problems = [problem for problem in facts.problems() if self._scope.wants(problem.outlet)]
        self.refusals = {name: one for name, one in facts.refusals().items() if self._scope.wants(name)}

    def read_checks(self, checks: Iterable[LiveCheck]) -> None:
        """Keep the live checks of declared outlets that found a problem."""
        wanted = (one for one in checks if one.outlet in self._declared and self._scope.wants(one.outlet))
        self.failed_checks = [one for one in wanted if one.problem]

    def _holds(self, outlet: str, day: date) -> bool:
        return self._scope.wants(outlet) and self._scope.days.hold(day)

    def _read_folder(self, folder: str) -> None:
        try:
            keys = row_files(self._storage, folder)
        except ValueError as error:
            self.damaged.append(f"the manifest of a compaction of {folder}: {error}")
            return
        for key in keys:
            if month_of(key) >= self._scope.days.first_month:
                self._read(key, self._read_rows)

    def _read(self, key: str, read: Callable[[str], None]) -> None:
        try:
            read(key)
        except (StoreUnreachable, NoAccess):
            raise
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            self.damaged.append(f"{key}: {str(error) or type(error).__name__}")
        except (OSError, StorageError) as error:
            self.damaged.append(f"{key}: {getattr(error, 'strerror', None) or error}")
        self._on_file(1)

    def _read_rows(self, key: str) -> None:
        found: dict[str, RowFigures] = {}
        with self._storage.open(key) as stream:
            for row in map(parsed, lines(stream)):
                outlet = row["outlet"]
                if not isinstance(outlet, str):
                    raise TypeError("the outlet of a row is not a text")
                if self._scope.wants(outlet):
                    found.setdefault(outlet, RowFigures()).take(row, self._zone(outlet))
        for outlet, figures in found.items():
            self._of(outlet).rows.add(figures)

    def _read_run(self, key: str) -> None:
        with self._storage.open(key) as stream:
            run: dict[str, Any] = parsed(stream.read())
        figures = self._of(run["outlet"])
        day = datetime.fromisoformat(run["started"]).astimezone(self._zone(figures.name)).date()
        if since := (run.get("wanted") or {}).get("since"):
            first = max(date.fromisoformat(since), self._scope.days.since or date.min)
            figures.requested_since = min(figures.requested_since or first, first)
        if self._scope.days.hold(day):
            figures.runs.setdefault(day, RunFigures()).take(run.get("stats") or {})

    def _count_file(self, outlet: str, key: str, size: int) -> None:
        month = month_of(key) if key.startswith("articles/") else "-".join(key.split("/")[-3:-1])
        figures = self._of(outlet)
        figures.files += 1
        figures.bytes[month, key.partition("/")[0]] += size

    def _of(self, outlet: str) -> OutletFigures:
        if outlet not in self.outlets:
            declared = self._declared.get(outlet)
            self.outlets[outlet] = OutletFigures(outlet, (declared and declared.title) or outlet)
        return self.outlets[outlet]

    def _zone(self, outlet: str) -> tzinfo:
        declared = self._declared.get(outlet)
        return declared.zone() if declared else ZoneInfo(Outlet.time_zone)


@dataclass(frozen=True, slots=True)
class Report:
    """The contents of a page; `outlets` are those with articles or runs, sorted by name."""

    gathered: Gathering
    declared: Mapping[str, type[Outlet]]
    outlets: list[OutletFigures]
    first: date
    last: date
    made: datetime
    # A sentence about missing data, if state could not be read.
    without: str | None = None

    @property
    def yesterday(self) -> date:
        return self.made.astimezone(Outlet.zone()).date() - ONE_DAY


def report_of(
    gathered: Gathering,
    declared: Mapping[str, type[Outlet]],
    days: DateRange,
    made: datetime,
    without: str | None = None,
) -> Report | None:
    """Return the report over the given days, by default over all days; None when there is nothing to show."""
    outlets = [one for name, one in sorted(gathered.outlets.items()) if name != GIVEN and (one.first or one.runs)]
    begins = [day for one in outlets for day in (one.first, min(one.runs, default=None)) if day]
    if not begins:
        return None
    last = days.until or made.astimezone(Outlet.zone()).date()
    first = days.since or min(begins)
    return Report(gathered, declared, outlets, min(first, last), last, made, without)
