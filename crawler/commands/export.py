"""`scrapy export`: rows of the archive as one file for the tools people use."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.jobs.command import PlainCommand, progress, size_of
from crawler.model.exit_codes import OK
from crawler.system.terminal import Interrupted, say

if TYPE_CHECKING:
    from datetime import tzinfo

    from crawler.archive.storage.base import Storage
    from crawler.tools.export.rows import DateRange
    from crawler.tools.export.selection import RowSelection
    from crawler.tools.export.tables import Table

FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".csv": "csv"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is exported, and where to."""

    outlets: list[str]
    days: DateRange
    form: str
    latest: bool
    to: str


class Command(PlainCommand):
    """Export rows as JSON Lines, Parquet or CSV; exit 1 when the export would not be whole."""

    # From then on what has the file's name is ours.
    _has_begun = False
    _to: str | None = None

    def syntax(self) -> str:
        """Return the usage line."""
        return "--to FILE [--format jsonl|parquet|csv] [--latest] [--outlet NAME…] [--since DATE] [--until DATE]"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Export rows of the archive as JSON Lines, Parquet or CSV"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Write the archived rows of some outlets and days (of publication, in the outlet's own time zone, both "
            "included; an article without a date counts on the day it was fetched) into one file that appears whole "
            "or not at all. Every row that is read is held against its manifest. JSON Lines are the archive's own "
            "lines; Parquet has a column for each key, with structs and lists; CSV has lists and objects as JSON, and "
            "an apostrophe before what a spreadsheet would take for a formula. With --latest only the row captured "
            "last of each article. Rows that wait in the spool are not among them. "
            "Example: scrapy export --to samakal.parquet --outlet samakal --since 2026-11-01 --latest. "
            "Exit codes: 0 done, 1 the rows are damaged or the archive or the file can't be used, 2 usage, "
            "130 or 143 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument("--to", metavar="FILE", help="the new file, or - for standard output")
        parser.add_argument("--format", metavar="FORMAT", help="jsonl, parquet or csv (default: what FILE ends with)")
        parser.add_argument("--latest", action="store_true", help="only the newest version of each article")
        parser.add_argument(
            "--outlet", action="extend", nargs="+", default=[], metavar="NAME", help="only these outlets' articles"
        )
        parser.add_argument("--since", metavar="DATE", help="first day, YYYY-MM-DD (default: the first there is)")
        parser.add_argument("--until", metavar="DATE", help="last day, YYYY-MM-DD (default: the last there is)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, select, write."""
        from crawler.archive.storage.base import StorageError

        self.exitcode = OK
        self._to = opts.to
        with self.refusing():
            asked = _asked(args, opts)
            try:
                self._export(asked)
            except ValueError as error:  # of a compaction's manifest that is none
                raise StorageError(str(error)) from error

    def told(self, error: BaseException) -> str:
        """Say what an error means to the export."""
        from crawler.archive.storage.base import StorageError

        if isinstance(error, Interrupted):
            return f"interrupted; {self._left()}"
        if isinstance(error, StorageError):
            return f"the archive can't be read: {error}"
        if isinstance(error, OSError):
            return f"{error.filename or self._to}: {error.strerror or error}"
        return super().told(error)

    def _left(self) -> str:
        if self._to == "-":
            return "what was written is not all"
        is_whole = self._to and self._has_begun and os.path.lexists(self._to)
        return f"{self._to} is whole" if is_whole else "nothing is left of the file"

    def _export(self, asked: Asked) -> None:
        from crawler.archive.storage import archive_to_read
        from crawler.crawl.preflight import check_outlets
        from crawler.tools.compaction import archived_outlets
        from crawler.tools.export.output import output_to
        from crawler.tools.export.selection import RowSelection
        from crawler.tools.export.tables import table_to

        storage = archive_to_read(self.deployment.archive_url)
        kept = archived_outlets(storage)
        # An outlet whose spider is gone keeps its archive.
        check_outlets(self.project.loader, [name for name in asked.outlets if name not in kept])
        _check_kept(asked.outlets, kept, storage.url)
        with (
            output_to(asked.to) as stream,
            closing(RowSelection(asked.outlets, asked.days, self._zone_of())) as selection,
            table_to(stream, asked.form) as table,
        ):
            self._has_begun = True
            told = _write(selection, storage, kept, table, asked.latest)
        if asked.to != "-":
            say(f"{asked.to}: {told}, {size_of(asked.to)}")

    def _zone_of(self) -> Callable[[str], tzinfo]:
        from zoneinfo import ZoneInfo

        from crawler.outlets.loader import Outlets
        from crawler.outlets.outlet import Outlet

        zones: dict[str, tzinfo] = {outlet.name: outlet.zone() for outlet in Outlets.from_settings(self._settings)}
        usual = ZoneInfo(Outlet.time_zone)
        return lambda outlet: zones.get(outlet, usual)


def _asked(args: list[str], opts: argparse.Namespace) -> Asked:
    """Return what the words ask for. Raises UsageError, BadArgument."""
    from crawler.model.span import BadArgument, read_date
    from crawler.tools.export.rows import DateRange

    if args:
        raise UsageError(f"export takes options only, not {args[0]!r}; see scrapy export --help")
    if not opts.to:
        raise UsageError("--to is missing: the file to write, like --to articles.parquet, or - for standard output")
    since = read_date("--since", opts.since) if opts.since is not None else None
    until = read_date("--until", opts.until) if opts.until is not None else None
    if since and until and since > until:
        raise BadArgument(f"--since={since} is after --until={until}.")
    form = _format(opts.format, opts.to)
    return Asked(list(dict.fromkeys(opts.outlet)), DateRange(since, until), form, opts.latest, opts.to)


def _format(named: str | None, to: str) -> str:
    form = named or (FORMATS.get(os.path.splitext(to)[1]) if to != "-" else "jsonl")
    if named is not None and named not in FORMATS.values():
        raise UsageError(f"--format {named} is none: write jsonl, parquet or csv")
    if form is None:
        raise UsageError(f"--to {to}: its name ends with none of .jsonl, .parquet and .csv; say which by --format")
    if form == "parquet" and to == "-" and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError("--to -: standard output is a terminal; send it to a file or a program")
    return form


def _check_kept(outlets: list[str], kept: list[str], url: str) -> None:
    """Raise ExportFailed for an outlet without rows: that none are of its days would not be the answer."""
    from crawler.tools.export.output import ExportFailed
    from crawler.tools.export.rows import GIVEN

    absent = [name for name in outlets if not {name, GIVEN} & set(kept)]
    if absent or not kept:
        raise ExportFailed(f"there are no rows in {url}" + (f" of {', '.join(absent)}" if absent else ""))


def _write(selection: RowSelection, storage: Storage, folders: list[str], table: Table, latest: bool) -> str:
    """Write the rows and tell how many there were. Raises ExportFailed, StorageError, OSError."""
    from crawler.system.terminal import counted

    files = selection.find(storage, folders)
    rows, outlets = 0, set()
    with progress("files", files * (2 if latest else 1)) as told:
        for row in (selection.newest if latest else selection.rows)(storage, told):
            table.add(row)
            rows += 1
            outlets.add(row.fields["outlet"])
    return f"{counted(rows, 'row')} of {counted(len(outlets), 'outlet')}"
