"""`scrapy verify`: is what is archived still what was written, and does it hold together."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.jobs.command import PlainCommand
from crawler.model.exit_codes import FAILED, OK, UNHEALTHY, USAGE
from crawler.system.terminal import Interrupted, complain, say

if TYPE_CHECKING:
    from crawler.archive.storage.base import Storage
    from crawler.tools.verification.findings import Verdicts


class Command(PlainCommand):
    """Verify an archive and the finished files of the spool; exit 3 when anything is wrong."""

    def syntax(self) -> str:
        """Return the usage line."""
        return "[options]"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Verify what is archived, byte for byte; nothing is changed"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Read every file of the archive, and what waits in the spool, and tell what is wrong with the exact file "
            "and offset: gzip members, digests, fields, exchanges, revisits, index, manifests, rows. Offsets are in "
            "bytes, in row files those of the decompressed lines. Prints a table on a terminal, otherwise one line of "
            "JSON with the first 1000 findings. --since leaves out the files of runs before a day (UTC). Example: "
            "scrapy verify --outlet samakal --since 2026-11-01 --json. "
            "Exit codes: 0 all sound, 1 the archive can't be read or is not the one that state knows, 2 usage, "
            "3 something is wrong, 130 or 143 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument(
            "--outlet", action="extend", nargs="+", default=[], metavar="NAME", help="only these outlets' files"
        )
        parser.add_argument("--since", metavar="DATE", help="only files of runs since this day, YYYY-MM-DD")
        parser.add_argument("--json", action="store_true", help="one line of JSON, on a terminal too")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the options, then verify."""
        try:
            self._run(args, opts)
        except Interrupted as error:
            self.refuse("interrupted", error.code)

    def _run(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.archive.storage.base import StorageError
        from crawler.model.exit_codes import Refused
        from crawler.model.span import BadArgument

        if args:
            self.refuse(f"verify takes no {args[0]!r}; see scrapy verify --help", USAGE)
            return
        try:
            since = _day(opts.since)
            report = self._verify(opts.outlet, since, opts.json)
        except BadArgument as error:
            self.refuse(f"--{error}", USAGE)
        except Refused as error:
            self.refuse(str(error), error.exit_code)
        except StorageError as error:
            self.refuse(f"the archive can't be read: {error}", FAILED)
        except OSError as error:
            place = f": {error.filename}" if error.filename else " (TMPDIR is where scratch space is taken)"
            self.refuse(f"verification failed: {error.strerror or error}{place}", FAILED)
        except sqlite3.OperationalError as error:
            self.refuse(f"the scratch space (TMPDIR) can't be used: {error}", FAILED)
        else:
            self._tell(report, opts.json)

    def _verify(self, outlets: list[str], since: date | None, quiet: bool) -> Verdicts:
        from crawler.archive.storage import archive_to_read
        from crawler.crawl.preflight import check_outlets
        from crawler.tools.verification.archive import Verification

        url = self.deployment.archive_url
        storage = archive_to_read(url)
        self._check_identity(storage)
        with (
            _progress(quiet) as progress,
            closing(Verification(storage, self.deployment.spool, progress)) as verification,
        ):
            kept = verification.survey()
            # An outlet whose spider is gone keeps its archive.
            check_outlets(self.project.loader, [name for name in outlets if name not in kept])
            report = verification.check(outlets, since)
        absent = [name for name in outlets if name not in kept]
        if absent or (report.sound and not report.files):
            complain(f"{url}: there is nothing to verify" + (f" of {', '.join(absent)}" if absent else ""))
        return report

    def _check_identity(self, storage: Storage) -> None:
        """Raise Refused when the archive is not the one that state knows; without state any archive will do."""
        from sqlalchemy.exc import SQLAlchemyError

        from crawler.model.exit_codes import Refused
        from crawler.recording.archive_identity import WrongArchive, check_identity
        from crawler.tools.report.state_facts import StateFacts

        try:
            with closing(StateFacts(self.deployment.state_url)) as facts:
                check_identity(storage, facts.known_archive())
        except WrongArchive as error:
            raise Refused(str(error), FAILED) from error
        except (SQLAlchemyError, ImportError) as error:
            complain(f"state can't be read: {str(error).splitlines()[0]}; the archive may be another one than it knows")

    def _tell(self, report: Verdicts, as_json: bool) -> None:
        self.exitcode = OK
        try:
            _print(report, as_json)
        except OSError as error:
            # What is left in Python's buffer must not be tried again at exit.
            if sys.stdout is not None:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(error, BrokenPipeError):
                self.refuse(f"standard output: {error.strerror}", FAILED)
                return
        if (first := report.first) is not None:
            place = first.file if first.offset is None else f"{first.file} at {first.offset}"
            more = f" (and {report.total - 1} more)" if report.total > 1 else ""
            self.refuse(f"{place}: {first.problem}{more}", UNHEALTHY)


def _print(report: Verdicts, as_json: bool) -> None:
    """Write the report to standard output. Raises OSError."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    if as_json or not sys.stdout.isatty():
        say(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _show(report)
        say(report.summary())


def _day(text: str | None) -> date | None:
    """Return the day asked for. Raises BadArgument."""
    from crawler.model.span import BadArgument, read_date

    if text is None:
        return None
    day = read_date("since", text)
    # East of Greenwich tomorrow has begun.
    if day > datetime.now(UTC).date() + timedelta(days=1):
        raise BadArgument(f"since={text} is still to come.")
    return day


def _show(report: Verdicts) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if report.sound:
        return
    table = Table("file", "offset", "problem", box=None)
    table.columns[1].justify = "right"
    for column in table.columns:
        column.overflow = "fold"
    for finding in report.findings:
        offset = "" if finding.offset is None else str(finding.offset)
        table.add_row(Text(finding.file), offset, Text(finding.problem))
    Console().print(table)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far the reading is, on a terminal only."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("verify", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
