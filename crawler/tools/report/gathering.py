"""The contents of a report, read from the archive in one pass and from state if there is one."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any, BinaryIO

from sqlalchemy import Row

from crawler.archive.documents import parsed
from crawler.archive.names import REEXTRACTED, name_of, outlet_of
from crawler.archive.reextracted import Reextracted, Spans, is_in
from crawler.archive.rows import lines, month_of, row_files
from crawler.archive.storage.base import Storage, StorageError, fault_of_file
from crawler.archive.withdrawals import Withdrawal, Withdrawals
from crawler.archive.withheld import withheld_ids
from crawler.crawl.live.checks import LiveCheck
from crawler.model.listing import GIVEN
from crawler.model.span import ONE_DAY, DateRange
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import Outlet
from crawler.system.terminal import printable
from crawler.tools.copies.stories import SignedRow, Stories, signed_row
from crawler.tools.export.rows import day_of, local
from crawler.tools.report.figures import OutletFigures, RowFigures
from crawler.tools.report.followings import Followings
from crawler.tools.report.state_facts import StateFacts


@dataclass
class Report:
    """The data of outlets (none: all) and days, and the files that could not be read.

    `declared` are the outlets with a spider, `made` is the moment of the report, `without` a sentence about missing
    data if state could not be read.
    """

    declared: Outlets
    wanted: Collection[str]
    days: DateRange
    made: datetime
    figures: dict[str, OutletFigures] = field(default_factory=dict)
    problems: list[Row[Any]] = field(default_factory=list)
    refusals: dict[str, Row[Any]] = field(default_factory=dict)
    # The last live checks that found a problem.
    failed_checks: list[LiveCheck] = field(default_factory=list)
    withdrawals: Withdrawals = field(default_factory=Withdrawals)
    # The titles of the withdrawn articles, without those of withheld ones, by ID.
    withdrawn_titles: dict[str, str] = field(default_factory=dict)
    withheld: Collection[str] = ()
    followings: Followings = field(default_factory=Followings)
    damaged: list[str] = field(default_factory=list)
    without: str = ""

    @cached_property
    def outlets(self) -> list[OutletFigures]:
        """The outlets with articles or runs, sorted by name; valid once all is read."""
        return [one for name, one in sorted(self.figures.items()) if name != GIVEN and one.begin]

    @property
    def titles(self) -> dict[str, str]:
        return {figures.name: figures.title for figures in self.outlets}

    @property
    def last(self) -> date:
        return self.days.until or self.made.astimezone(Outlet.zone()).date()

    @cached_property
    def first(self) -> date:
        """The first day: the given one, or the first one with data."""
        first = self.days.since or min(one.begin for one in self.outlets if one.begin)
        return min(first, self.last)

    @property
    def last_over(self) -> date:
        """The last day that is over."""
        return min(self.last, self.made.astimezone(Outlet.zone()).date() - ONE_DAY)

    def read_archive(self, storage: Storage, on_file: Callable[[int], None]) -> None:
        """Read sizes, runs and rows; damaged files are named and not counted. Raises StorageError, OSError."""
        self.withheld = withheld_ids(storage)
        folders, runs = set(), []
        for key, size in storage.list():
            outlet = outlet_of(key)
            if not outlet or "/" not in key:
                continue
            if key.startswith(("articles/", f"{REEXTRACTED}/")):
                folders.add(outlet)
            if self._wants(outlet):
                self._count_file(outlet, key, size)
            if key.startswith("runs/") and key.endswith(".json") and (self._wants(outlet) or outlet == GIVEN):
                runs.append(key)
        for key in runs:
            self._read(storage, key, self._take_run)
            on_file(1)
        self._read_rows(storage, sorted(filter(self._wants, folders)), on_file)

    def _read_rows(self, storage: Storage, folders: list[str], on_file: Callable[[int], None]) -> None:
        with closing(Stories()) as stories:
            # Signatures take most of the time, and one outlet shares no story.
            compared = stories if len(folders) > 1 else None
            for folder in folders:
                for key, replaced in self._row_files(storage, folder):
                    self._read(storage, key, partial(self._take_rows, replaced=replaced, stories=compared))
                    on_file(1)
            stories.find()
            self.followings.take(stories)

    def read_state(self, facts: StateFacts) -> None:
        for day in facts.days():
            if self._wants(day.outlet) and self.days.hold(day.day):
                self._of(day.outlet).days[day.day] = day
        for outlet, of, reason in facts.failures():
            if self._wants(outlet) and self.days.hold(of):
                self._of(outlet).failures[of, reason] += 1
        self.problems = [problem for problem in facts.problems() if self._wants(problem.outlet)]
        self.refusals = {name: one for name, one in facts.refusals(self.made).items() if self._wants(name)}

    def read_checks(self, checks: Iterable[LiveCheck]) -> None:
        """Keep the live checks of declared outlets that found a problem."""
        wanted = (one for one in checks if self.declared.named(one.outlet) and self._wants(one.outlet))
        self.failed_checks = [one for one in wanted if one.problem]

    @property
    def withdrawn(self) -> list[Withdrawal]:
        """The articles of these outlets that were withdrawn on these days, the last ones first."""
        found = (one for one in self.withdrawals if self._wants(one.outlet))
        of_days = (one for one in found if self.days.hold(local(one.since).date()))
        return sorted(of_days, key=lambda one: one.since, reverse=True)

    def _wants(self, outlet: str) -> bool:
        return not self.wanted or outlet in self.wanted

    def _row_files(self, storage: Storage, folder: str) -> list[tuple[str, Spans]]:
        """Return the row files that count, and the lines in each that a re-extraction has replaced."""
        reextracted = Reextracted(storage, folder)
        try:
            crawled = [(key, reextracted.replaced(key)) for key in row_files(storage, folder)]
            files = [*crawled, *((key, ()) for key in reextracted.rows)]
            first = self.days.first_month
            return [(key, spans) for key, spans in files if spans is not None and _month_of(key) >= first]
        except ValueError as error:
            self.damaged.append(f"the manifest of a compaction of {folder}: {error}")
            return []

    def _read(self, storage: Storage, key: str, take: Callable[[BinaryIO], None]) -> None:
        try:
            with storage.open(key) as stream:
                take(stream)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            self.damaged.append(f"{key}: {str(error) or type(error).__name__}")
        except (OSError, StorageError) as error:
            self.damaged.append(f"{key}: {fault_of_file(error)}")

    def _take_rows(self, stream: BinaryIO, replaced: Spans, stories: Stories | None) -> None:
        found: dict[str, RowFigures] = {}
        signed: list[SignedRow] = []
        counting = (line for number, line in enumerate(lines(stream), 1) if not is_in(number, replaced))
        for row in map(parsed, counting):
            outlet = row["outlet"]
            if not isinstance(outlet, str):
                raise TypeError("the outlet of a row is not a text")
            if self._wants(outlet):
                found.setdefault(outlet, RowFigures()).take(row, self.days)
                if stories:
                    signed.append(self._signed(row))
                self._take_title(row)
        # A file that is damaged further down counts nowhere.
        if stories:
            stories.take(signed)
        for outlet, figures in found.items():
            self._of(outlet).rows.add(figures)

    def _signed(self, row: Mapping[str, Any]) -> SignedRow:
        is_published = row["outlet"] != GIVEN and row["id"] not in self.withheld
        is_wanted = is_published and self.days.hold(day_of(row))
        return signed_row(row, {}, is_wanted)

    def _take_title(self, row: Mapping[str, Any]) -> None:
        article_id: Any = row["id"]
        if article_id not in self.withheld and self.withdrawals.since(article_id):
            self.withdrawn_titles[article_id] = str(row["title"])

    def _take_run(self, stream: BinaryIO) -> None:
        run = parsed(stream.read())
        self.withdrawals.take(run)
        if not self._wants(run["outlet"]):
            return  # of addresses given by hand: only its withdrawn articles count
        figures = self._of(run["outlet"])
        day = local(run["started"]).date()
        if since := (run.get("wanted") or {}).get("since"):
            first = max(date.fromisoformat(since), self.days.since or date.min)
            figures.requested_since = min(figures.requested_since or first, first)
        if self.days.hold(day):
            stats = (run.get("stats") or {}).items()
            counts = {name: value for name, value in stats if type(value) is int and value > 0}
            figures.runs.setdefault(day, Counter()).update(counts)

    def _count_file(self, outlet: str, key: str, size: int) -> None:
        figures = self._of(outlet)
        figures.files += 1
        figures.bytes[_month_of(key), key.partition("/")[0]] += size

    def _of(self, outlet: str) -> OutletFigures:
        if outlet not in self.figures:
            self.figures[outlet] = OutletFigures(outlet, printable(self.declaration(outlet).title or outlet))
        return self.figures[outlet]

    def declaration(self, outlet: str) -> type[Outlet]:
        return self.declared.named(outlet) or self.declared.unknown


def _month_of(key: str) -> str:
    """Return the month of capture (`2026-10`) of a file, by its name, else by its folder."""
    name = name_of(key)
    return f"{name['stamp'][:4]}-{name['stamp'][4:6]}" if name else month_of(key) or "-".join(key.split("/")[-3:-1])
