"""`scrapy outlets`: the outlets as a table, or whose article an address is."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.jobs.command import PlainCommand
from crawler.model.exit_codes import FAILED, OK, USAGE
from crawler.system.terminal import say

if TYPE_CHECKING:
    from crawler.outlets.loader import Outlets
    from crawler.tools.report.overview import Overview

# What stands for nothing in a column of tab-separated lines.
NOTHING = "-"


class Command(PlainCommand):
    """Tell what outlets there are, how they list their articles and how they stand."""

    def syntax(self) -> str:
        """Return the usage line."""
        return "[--classify FILE]"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "List the outlets with their sources and how they stand; nothing is fetched"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "List every outlet: name, title, country, its sources by kind, since which day its past can be listed, "
            "when its last run began (UTC), what is wrong with it now, and until when it is left alone because it "
            "refuses us. A table on a terminal, otherwise lines of columns between tabs, `-` for nothing. With "
            "--classify, for every address of a file (one a line, - for standard input): the address, the outlet "
            "whose article it is, and the article's key. "
            "Example: cut -f1 addresses.tsv | scrapy outlets --classify -. "
            "Exit codes: 0 done, 1 state or a module of outlets can't be read, 2 usage."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument("--classify", metavar="FILE", help="addresses, one a line: whose article is each")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """List or classify."""
        from crawler.model.span import BadArgument
        from crawler.outlets.loader import Outlets

        self.exitcode = OK
        if args:
            self.refuse(f"outlets takes options only, not {args[0]!r}; see scrapy outlets --help", USAGE)
            return
        outlets = Outlets.from_settings(self._settings)
        try:
            if opts.classify is None:
                _show(self._overviews(outlets))
                for module, why in outlets.broken.items():
                    self.refuse(f"{module} can't be loaded: {why}", FAILED)
            else:
                _say_all(classified(outlets, opts.classify))
        except BadArgument as error:
            self.refuse(str(error), USAGE)
        except OSError as error:
            # What is left in Python's buffer must not be tried again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(error, BrokenPipeError):
                self.refuse(f"standard output: {error.strerror}", FAILED)

    def _overviews(self, outlets: Outlets) -> list[Overview]:
        """Return the lines of the table: without what state tells when it can't be read."""
        from sqlalchemy.exc import SQLAlchemyError

        from crawler.tools.report.overview import overviews
        from crawler.tools.report.state_facts import StateFacts

        everyone = [outlet for outlet in outlets if outlet.name != "urls"]
        now = datetime.now(UTC)
        try:
            with closing(StateFacts(self.deployment.state_url)) as facts:
                return overviews(everyone, facts, now)
        except (SQLAlchemyError, ImportError) as error:
            self.refuse(f"state can't be read: {str(error).splitlines()[0]}", FAILED)
            return overviews(everyone, StateFacts("sqlite://"), now)


def classified(outlets: Outlets, file: str) -> Iterator[str]:
    """Yield a line for each address: it, its outlet, its key. Raises BadArgument when the file can't be read."""
    from crawler.model.addresses import decoded, read_lines
    from crawler.model.span import BadArgument
    from crawler.system.terminal import printable

    if not file:
        raise BadArgument("--classify needs a file of addresses, one a line, or - for standard input")
    for line in read_lines(file):
        url = decoded(line)
        outlet = outlets.of(url) if url else None
        key = outlet.key_of(url) if outlet else None
        shown = url or line.decode(errors="backslashreplace")
        yield _line([printable(shown), outlet.name if outlet else "", key or ""])


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
    sys.stdout.flush()


def _line(cells: Sequence[str]) -> str:
    return "\t".join(" ".join(cell.split()) or NOTHING for cell in cells)


def _show(overviews: Sequence[Overview]) -> None:
    from crawler.system.terminal import printable
    from crawler.tools.report.overview import COLUMNS

    names = [name.replace("_", " ") for name in COLUMNS]
    rows = [[printable(cell) for cell in overview] for overview in overviews]
    if not sys.stdout.isatty():
        say("\n".join(_line(cells) for cells in (names, *rows)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*names, box=None)
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
