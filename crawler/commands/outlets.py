"""`scrapy outlets`: the outlets as a table, or the outlet of each address."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.jobs.command import BaseCommand
from crawler.model.exit_codes import FAILED, OK
from crawler.system.terminal import complain, printable, standard_output

if TYPE_CHECKING:
    from crawler.outlets.loader import Outlets
    from crawler.tools.report.overview import Overview

# An empty cell among tab-separated ones.
EMPTY = "-"


class Command(BaseCommand):
    """List the outlets with their sources and their health; fetch nothing.

    For every outlet: name, title, country, its sources by kind, the first day that its sources list, the month in which
    they were last seen to work on the live site, when its last run began (UTC), what is wrong with it now, and when its
    back-off ends after refusals. A terminal gets a table, otherwise lines with tabs between columns and `-` in empty
    ones. With --classify, for every address of a file (one a line): the address, the outlet of its site, `article` or
    `other`, the article's key and its section.
    """

    examples = ("scrapy outlets", "cut -f1 addresses.tsv | scrapy outlets --classify -")
    exit_codes = {OK: "done", FAILED: "state or a spider module can't be read"}

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--classify", metavar="FILE", help="file of addresses; - for standard input")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        if opts.classify is not None:
            with standard_output() as stream:
                for line in classified(self.outlets, opts.classify):
                    print(line, file=stream)
            return OK
        overviews, is_state_read = self._overviews()
        with standard_output():
            _show(overviews)
        for module, why in self.outlets.broken.items():
            complain(f"{module} can't be loaded: {why}")
        return OK if is_state_read and not self.outlets.broken else FAILED

    def _overviews(self) -> tuple[list[Overview], bool]:
        """Return the lines of the table, and whether state could be read for them."""
        from sqlalchemy.exc import SQLAlchemyError

        from crawler.tools.report.overview import overviews
        from crawler.tools.report.state_facts import StateFacts

        everyone = [outlet for outlet in self.outlets if outlet.name != "urls"]
        now = datetime.now(UTC)
        try:
            with closing(StateFacts(self.deployment.state_url)) as facts:
                return overviews(everyone, facts, now), True
        except (SQLAlchemyError, ImportError) as error:
            complain(f"state can't be read: {str(error).splitlines()[0]}")
            return overviews(everyone, StateFacts("sqlite://"), now), False


def classified(outlets: Outlets, file: str) -> Iterator[str]:
    """Yield a line for each address: it, its outlet, article or other, key, section. Raises BadArgument."""
    from crawler.model.addresses import decoded, read_lines
    from crawler.model.span import BadArgument

    if not file:
        raise BadArgument("--classify needs a file of addresses, one a line, or - for standard input")
    for line in read_lines(file):
        url = decoded(line)
        outlet = outlets.of(url) or outlets.on(url) if url else None
        key = outlet.key_of(url) if outlet else None
        section = outlet.section_of(url) if outlet else None
        shown = url or line.decode(errors="backslashreplace")
        kind = "article" if key else "other"
        yield _line([printable(shown), outlet.name if outlet else "", kind, key or "", section or ""])


def _line(cells: Sequence[str]) -> str:
    return "\t".join(" ".join(cell.split()) or EMPTY for cell in cells)


def _show(overviews: Sequence[Overview]) -> None:
    from crawler.jobs.output import print_table
    from crawler.tools.report.overview import COLUMNS

    names = [name.replace("_", " ") for name in COLUMNS]
    rows = [[printable(cell) for cell in overview] for overview in overviews]
    if sys.stdout.isatty():
        print_table(names, rows)
    else:
        print("\n".join(map(_line, (names, *rows))))
