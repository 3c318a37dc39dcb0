"""`scrapy report`: what is kept of each outlet and day, as one page to look at, to print and to send."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.jobs.command import PlainCommand
from crawler.model.exit_codes import FAILED, OK, UNHEALTHY, USAGE
from crawler.system.terminal import Interrupted, say

if TYPE_CHECKING:
    from crawler.outlets.outlet import Outlet
    from crawler.tools.report.gathering import Gathering, Report, ReportScope


class Command(PlainCommand):
    """Draw coverage, gaps and health into one HTML file; exit 3 when files were damaged."""

    def syntax(self) -> str:
        """Return the usage line."""
        return "--to FILE.html [--outlet NAME…] [--since DATE] [--until DATE]"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Draw coverage, gaps, health and sizes as one self-contained page"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Write one HTML page that opens offline and prints on A4: what is kept of each outlet and day, the gaps "
            "with the backfill that fills each, health over time, answers, publishing hours, edits, sizes. Rows, runs "
            "and sizes are read from the archive; what was listed, what failed and what is wrong now from state, "
            "where there is one. Days are days of publication in the outlet's own time zone, both included. "
            "Example: scrapy report --to report.html --since 2026-09-01. Exit codes: 0 done, 1 the archive, state or "
            "the file can't be used (without state the page is still made), 2 usage, 3 a file was damaged: it is "
            "named and left out, 130 or 143 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument("--to", metavar="FILE", help="the new file, or - for standard output")
        parser.add_argument(
            "--outlet", action="extend", nargs="+", default=[], metavar="NAME", help="only these outlets"
        )
        parser.add_argument("--since", metavar="DATE", help="first day, YYYY-MM-DD (default: the first there is)")
        parser.add_argument("--until", metavar="DATE", help="last day, YYYY-MM-DD (default: today)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, gather, write."""
        from crawler.archive.storage.base import StorageError
        from crawler.model.exit_codes import Refused
        from crawler.model.span import BadArgument

        self.exitcode = OK
        try:
            _check_words(args, opts)
            self._report(_wanted(opts), opts.to)
        except (UsageError, BadArgument) as error:
            self.refuse(str(error), USAGE)
        except Refused as error:
            self.refuse(str(error), error.exit_code)
        except StorageError as error:
            self.refuse(f"the archive can't be read: {error}", FAILED)
        except OSError as error:
            self.refuse(f"{error.filename or opts.to}: {error.strerror or error}", FAILED)
        except Interrupted as error:
            self.refuse("interrupted; nothing is left of the file", error.code)

    def _report(self, wanted: ReportScope, to: str) -> None:
        from crawler.tools.export.output import output_to
        from crawler.tools.report.page import SHOWN, more, page

        with output_to(to) as stream:
            report = self._gathered(wanted)
            for piece in page(report):
                stream.write(piece.encode())
        damaged = report.gathered.damaged
        for line in [*damaged[:SHOWN], *more(damaged)]:
            self.refuse(f"{line}; the report is without it", max(self.exitcode or OK, UNHEALTHY))
        if to != "-":
            from crawler.system.terminal import readable

            outlets = len(report.outlets)
            told = f"{outlets} outlet{'' if outlets == 1 else 's'}, {report.first} to {report.last}"
            say(f"{to}: {told}, {readable(os.stat(to).st_size)}")

    def _gathered(self, wanted: ReportScope) -> Report:
        """Return what the page is made of. Raises Refused, UsageError, StorageError, OSError."""
        from crawler.archive.storage import archive_to_read
        from crawler.archive.storage.base import StorageError
        from crawler.crawl.preflight import check_outlets
        from crawler.outlets.loader import Outlets
        from crawler.tools.report.gathering import Gathering, report_of

        declared: dict[str, type[Outlet]] = {outlet.name: outlet for outlet in Outlets.from_settings(self._settings)}
        storage = archive_to_read(self.deployment.archive_url)
        with _progress() as told:
            gathering = Gathering(storage, declared, wanted, told)
            gathering.read_archive()
        # An outlet whose spider is gone keeps its archive.
        check_outlets(self.project.loader, [name for name in wanted.outlets if name not in gathering.outlets])
        without = self._read_state(gathering)
        report = report_of(gathering, declared, wanted.days, datetime.now(UTC), without)
        if report is None:
            raise StorageError(f"there is nothing of these outlets and days in {storage.url}")
        return report

    def _read_state(self, gathering: Gathering) -> str | None:
        """Add what state knows; return what is wrong with it."""
        from sqlalchemy.exc import SQLAlchemyError

        from crawler.tools.report.state_facts import StateFacts

        try:
            with closing(StateFacts(self.deployment.state_url)) as facts:
                gathering.read_state(facts)
        except (SQLAlchemyError, ImportError, ValueError) as error:
            sentence = f"state can't be read, the report is without it: {str(error).splitlines()[0]}"
            self.refuse(sentence, FAILED)
            return sentence
        return None


def _check_words(args: list[str], opts: argparse.Namespace) -> None:
    """Raise UsageError for what can't be meant."""
    if args:
        raise UsageError(f"report takes options only, not {args[0]!r}; see scrapy report --help")
    if not opts.to:
        raise UsageError("--to is missing: the file to write, like --to report.html, or - for standard output")
    if opts.to != "-" and not opts.to.endswith((".html", ".htm")):
        raise UsageError(f"--to {opts.to}: the name of a page ends with .html")
    if opts.to == "-" and sys.stdout.isatty():
        raise UsageError("--to -: standard output is a terminal; send it to a file or a program")


def _wanted(opts: argparse.Namespace) -> ReportScope:
    """Return the outlets and days asked for. Raises BadArgument."""
    from crawler.model.span import BadArgument, read_date
    from crawler.tools.export.rows import DateRange
    from crawler.tools.report.gathering import ReportScope

    since = read_date("--since", opts.since) if opts.since is not None else None
    until = read_date("--until", opts.until) if opts.until is not None else None
    if since and until and since > until:
        raise BadArgument(f"--since={since} is after --until={until}.")
    return ReportScope(frozenset(opts.outlet), DateRange(since, until))


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Show how many files are read, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda files: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

    columns = (MofNCompleteColumn(), TimeElapsedColumn())
    with Progress("files", *columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("files", total=None)
        yield lambda files: progress.advance(task, files)
