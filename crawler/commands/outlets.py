"""`scrapy outlets`: the outlets as a table, the outlet of each address, or the outlets on the live web."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, TextIO

from crawler.jobs.command import BaseCommand
from crawler.jobs.output import print_table, progress_bar
from crawler.model.addresses import decoded, read_lines
from crawler.model.exit_codes import FAILED, OK, REFUSED, UNHEALTHY, USAGE, Refused
from crawler.model.listing import GIVEN
from crawler.model.span import BadArgument
from crawler.system import clock
from crawler.system.terminal import complain, printable, standard_output, trouble

if TYPE_CHECKING:
    from crawler.crawl.live.checks import LiveCheck
    from crawler.outlets.loader import Outlets
    from crawler.outlets.outlet import Outlet

# An empty cell among tab-separated ones.
EMPTY = "-"


class Command(BaseCommand):
    """List the outlets with their sources and their health.

    For every outlet: name, title, country, its sources by kind, the first day that its sources list, the month in which
    they were last seen to work on the live site, when its last run began (UTC), what is wrong with it now, when its
    back-off ends after refusals, and the day and result of its last live check. A terminal gets a table of name, last
    run, problem and title; --wide shows all columns, in lines as long as they need. Otherwise there are lines with all
    columns, tabs between them and `-` in empty ones. With --json, each outlet is one JSON object a line. Only --live
    fetches anything.

    With --classify, for every address of a file (one a line): the address, the outlet of its site, `article` or
    `other`, the article's key and its section.

    With --live, the first national listing of each outlet and one article of it are fetched from the live web, as a
    crawl fetches them. Nothing is recorded. The table has the links of the listing, those that match, and the
    article's date, length and title. Each problem is also a line on standard error, unless standard output is a
    terminal. The results are kept in live.json in SPOOL_DIR.
    """

    usage = "[options] [--live [OUTLET…]]"
    examples = (
        "scrapy outlets",
        "scrapy outlets --json | jq -r 'select(.finding) | .outlet'",
        "cut -f1 addresses.tsv | scrapy outlets --classify -",
        "scrapy outlets --live samakal ittefaq",
    )
    exit_codes = {
        OK: "done",
        FAILED: "state, live.json, an outlet or its module can't be used, or no host of several outlets answers",
        UNHEALTHY: "with --live: an outlet broke",
        REFUSED: "with --live: an outlet refuses khobor, and none broke",
    }

    _has_failed = False

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--classify", metavar="FILE", help="file of addresses; - for standard input")
        parser.add_argument(
            "--live", nargs="*", metavar="OUTLET", help="outlets to check on the live web (none named: all)"
        )
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--wide", action="store_true", help="all columns on a terminal")
        form.add_argument("--json", action="store_true", help="one JSON object a line, null for what is unknown")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        if opts.live is not None:
            if opts.classify is not None:
                raise Refused("--classify and --live exclude each other: give one of them", USAGE)
            return self._live(list(dict.fromkeys(opts.live)), opts)
        if opts.classify is not None:
            if opts.wide or opts.json:
                raise Refused("--classify has a form of its own: leave out --wide and --json", USAGE)
            with standard_output() as stream:
                for line in classified(self.outlets, opts.classify):
                    print(line, file=stream)
            return self.with_faults(OK, "its addresses are not classified")
        from crawler.tools.report.overview import BRIEF, COLUMNS

        rows = self._overviews()
        with standard_output() as stream:
            _print_rows(stream, COLUMNS, rows, opts, BRIEF)
        return self.with_faults(FAILED if self._has_failed else OK, "its cells are empty")

    def _live(self, names: list[str], opts: argparse.Namespace) -> int:
        from crawler.crawl.live.checking import check_live
        from crawler.crawl.live.checks import exit_code_of, write_checks
        from crawler.crawl.preflight import unknown_outlets

        if GIVEN in names:
            raise Refused(f"{GIVEN} has no listing to check: it takes addresses from a file", USAGE)
        unknown = unknown_outlets(self.outlets, names)
        checked = [name for name in names or self.outlets.list() if name not in (*unknown, GIVEN)]
        known = self._checks()
        with progress_bar("outlets", len(checked), of_bytes=False) as bar:
            checks = check_live(self.project, checked, self._settings, bar.advance, requests_paused=bool(names))
        _show_checks(checks, opts)
        write_checks(self.deployment.spool, checks, known)
        faults = [*unknown.values()] if names else self.outlets.faults
        for fault in faults:
            complain(fault)
        return UNHEALTHY if faults else exit_code_of(checks)

    def _checks(self) -> dict[str, LiveCheck]:
        """Return the last live checks."""
        from crawler.crawl.live.checks import read_checks

        try:
            return read_checks(self.deployment.spool)
        except (OSError, ValueError) as error:
            self._fail(str(error))
            return {}

    def _overviews(self) -> list[list[str]]:
        """Return the lines of the table; without state, if it can't be read."""
        from sqlalchemy.exc import SQLAlchemyError

        from crawler.tools.report.overview import overviews
        from crawler.tools.report.state_facts import StateFacts

        checks, now = self._checks(), clock.now()
        try:
            with closing(StateFacts(self.deployment.state_url)) as facts:
                return overviews(self.outlets, facts, now, checks)
        except (SQLAlchemyError, ImportError) as error:
            self._fail(f"state can't be read: {str(error).splitlines()[0]}")
            return overviews(self.outlets, StateFacts("sqlite://"), now, checks)

    def _fail(self, sentence: str) -> None:
        self._has_failed = True
        complain(sentence)


def classified(outlets: Outlets, file: str) -> Iterator[str]:
    """Yield a line for each address: it, its outlet, article or other, key, section. Raises BadArgument."""
    if not file:
        raise BadArgument("--classify needs a file of addresses, one a line, or - for standard input")
    for line in read_lines(file):
        url = decoded(line)
        shown = printable(url or line.decode(errors="backslashreplace"))
        yield _line([shown, *(_found(outlets, url) if url else ("", "other", "", ""))])


def _found(outlets: Outlets, url: str) -> Sequence[str]:
    """Return the outlet of an address, article or other, key and section; no kind if the outlet's own code fails."""
    on = {one: outlets.ask(one, partial(_key_and_section, one, url)) for one in outlets.all_on(url)}
    articles = [one for one, found in on.items() if found and found[0]]
    unsure = [one for one, found in on.items() if found is None]
    outlet = next(iter((*articles, *unsure, *on)), None)
    key, section = (on[outlet] or ("", "")) if outlet else ("", "")
    kind = "article" if articles else "" if unsure else "other"
    return [outlet.name if outlet else "", kind, key, section]


def _key_and_section(outlet: type[Outlet], url: str) -> tuple[str, str]:
    return outlet.key_of(url) or "", outlet.section_of(url) or ""


def _line(cells: Sequence[str]) -> str:
    return "\t".join(" ".join(cell.split()) or EMPTY for cell in cells)


def _show_checks(checks: Sequence[LiveCheck], opts: argparse.Namespace) -> None:
    from crawler.crawl.live.checks import COLUMNS

    with standard_output() as stream:
        _print_rows(stream, COLUMNS, [check.cells() for check in checks], opts)
        is_terminal = stream.isatty()
    for check in checks:
        if check.problem and not is_terminal:
            trouble(f"{check.outlet}: {check.result}: {check.problem}")


def _print_rows(
    stream: TextIO,
    names: Sequence[str],
    rows: Iterable[Sequence[str]],
    opts: argparse.Namespace,
    brief: Sequence[str] = (),
) -> None:
    """Print cells under their names; a terminal gets only those in `brief`, if there are some, without --wide."""
    if opts.json:
        fields = [name.replace(" ", "_") for name in names]
        objects = (dict(zip(fields, (cell or None for cell in row), strict=True)) for row in rows)
        print("\n".join(json.dumps(one, ensure_ascii=False) for one in objects), file=stream)
        return
    shown = [[printable(cell) for cell in row] for row in rows]
    if not stream.isatty():
        print("\n".join(map(_line, (names, *shown))), file=stream)
    elif opts.wide or not brief:
        print_table(names, shown, is_wide=opts.wide)
    else:
        places = [names.index(name) for name in brief]
        print_table(brief, ([row[place] for place in places] for row in shown), whole=[brief.index("last run")])
