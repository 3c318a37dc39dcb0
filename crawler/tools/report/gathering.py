"""What a report is made of, read from the archive in one pass, and from state as far as there is one."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from crawler.archive.documents import parsed
from crawler.archive.names import outlet_of
from crawler.archive.rows import lines, month_of, row_files
from crawler.archive.storage.base import NoAccess, Storage, StorageError, StoreUnreachable
from crawler.outlets.outlet import Outlet
from crawler.tools.report.figures import OutletFigures, RowFigures, RunFigures
from crawler.tools.report.state_facts import Refusal, StateFacts, ToldFinding

# Articles of any outlet whose addresses were given by hand.
GIVEN = "urls"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which outlets (none: all) and which days (None: open) a report is about."""

    outlets: Collection[str] = ()
    since: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether a day is among them."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def may_hold(self, key: str) -> bool:
        """Tell whether a row file may have rows of these days: an article is fetched after it was published."""
        return self.since is None or month_of(key) >= f"{self.since - timedelta(days=2):%Y-%m}"


@dataclass(slots=True)
class Gathered:
    """The figures by outlet, what state found, and the files that could not be read."""

    outlets: dict[str, OutletFigures] = field(default_factory=dict)
    findings: list[ToldFinding] = field(default_factory=list)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)


class Gathering:
    """One report's figures on their way; `declared` are the outlets whose spiders there are."""

    def __init__(
        self, storage: Storage, declared: Mapping[str, type[Outlet]], wanted: Wanted, told: Callable[[int], None]
    ) -> None:
        self.gathered = Gathered()
        self._storage = storage
        self._declared = declared
        self._wanted = wanted
        self._told = told

    def read_archive(self) -> None:
        """Read sizes, runs and rows; what is damaged is named and left out. Raises StorageError, OSError."""
        folders, runs = set(), []
        for key, size in self._storage.list():
            outlet = outlet_of(key)
            if outlet is None or "/" not in key:
                continue
            if key.startswith("articles/"):
                folders.add(outlet)
            if key.startswith("runs/") and key.endswith(".json") and self._wants(outlet):
                runs.append(key)
            if self._wants(outlet):
                self._weigh(outlet, key, size)
        for key in runs:
            self._read(key, self._read_run)
        for folder in sorted(folders):
            if folder == GIVEN or self._wants(folder):
                self._read_folder(folder)
        for figures in self.gathered.outlets.values():
            figures.rows.within(self._wanted.since, self._wanted.until)

    def read_state(self, facts: StateFacts) -> None:
        """Add what state knows. Raises SQLAlchemyError."""
        for outlet, text, day in facts.days():
            at = date.fromisoformat(text)
            if self._wants(outlet) and self._wanted.holds(at):
                self._of(outlet).days[at] = day
        for outlet, day_text, reason in facts.failed():
            if day_text and self._wants(outlet) and self._wanted.holds(date.fromisoformat(day_text)):
                self._of(outlet).failures[date.fromisoformat(day_text), reason] += 1
        self.gathered.findings = [finding for finding in facts.findings() if self._wants(finding.outlet)]
        self.gathered.refusals = {name: one for name, one in facts.refusals().items() if self._wants(name)}

    def _read_folder(self, folder: str) -> None:
        try:
            keys = row_files(self._storage, folder)
        except ValueError as error:
            self.gathered.damaged.append(f"the manifest of a compaction of {folder}: {error}")
            return
        for key in keys:
            if self._wanted.may_hold(key):
                self._read(key, self._read_rows)

    def _read(self, key: str, read: Callable[[str], None]) -> None:
        """Read a file whole or not at all."""
        try:
            read(key)
        except (StoreUnreachable, NoAccess):
            raise
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            self.gathered.damaged.append(f"{key}: {str(error) or type(error).__name__}")
        except (OSError, StorageError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            self.gathered.damaged.append(f"{key}: {reason or error}")
        self._told(1)

    def _read_rows(self, key: str) -> None:
        found: dict[str, RowFigures] = {}
        for row in _rows(self._storage, key):
            outlet = row["outlet"]
            if not isinstance(outlet, str):
                raise TypeError("a row's outlet is no text")
            if self._wants(outlet):
                found.setdefault(outlet, RowFigures()).take(row, self._zone(outlet))
        for outlet, figures in found.items():
            self._of(outlet).rows.add(figures)

    def _read_run(self, key: str) -> None:
        with self._storage.open(key) as stream:
            run = json.loads(stream.read())
        outlet, stats, wanted = run["outlet"], run.get("stats") or {}, run.get("wanted") or {}
        if "started" not in run:
            return  # recovered of a run that died: it tells nothing
        day = datetime.fromisoformat(run["started"]).astimezone(self._zone(outlet)).date()
        if since := wanted.get("since"):
            figures = self._of(outlet)
            asked = max(date.fromisoformat(since), self._wanted.since or date.min)
            figures.asked_since = min(figures.asked_since or asked, asked)
        if self._wanted.holds(day):
            self._of(outlet).runs.setdefault(day, RunFigures()).take(stats)

    def _weigh(self, outlet: str, key: str, size: int) -> None:
        kind = key.partition("/")[0]
        figures = self._of(outlet)
        figures.files += 1
        figures.bytes[_month_of(key), kind] += size

    def _wants(self, outlet: str) -> bool:
        return not self._wanted.outlets or outlet in self._wanted.outlets

    def _of(self, outlet: str) -> OutletFigures:
        if outlet not in self.gathered.outlets:
            declared = self._declared.get(outlet)
            self.gathered.outlets[outlet] = OutletFigures(outlet, (declared and declared.title) or outlet)
        return self.gathered.outlets[outlet]

    def _zone(self, outlet: str) -> tzinfo:
        declared = self._declared.get(outlet)
        return declared.zone() if declared else ZoneInfo(Outlet.time_zone)


def _rows(storage: Storage, key: str) -> Iterator[dict[str, Any]]:
    with storage.open(key) as stream:
        for line in lines(stream):
            yield parsed(line)


def _month_of(key: str) -> str:
    """Return the month (`2026-10`) in whose folder a file lies."""
    if key.startswith("articles/"):
        return month_of(key)
    return "-".join(key.split("/")[-3:-1])
