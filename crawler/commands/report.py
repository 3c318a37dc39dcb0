"""`scrapy report`: what is kept of each outlet and day, as one page to look at, to print and to send."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import TYPE_CHECKING

from crawler.jobs.command import SliceCommand
from crawler.model.exit_codes import FAILED, OK, UNHEALTHY, Refused
from crawler.system import clock
from crawler.system.terminal import complain, counted, say

if TYPE_CHECKING:
    from crawler.model.span import DateRange
    from crawler.tools.report.gathering import Report


class Command(SliceCommand):
    """Draw coverage, gaps, health and sizes as one self-contained page.

    The HTML page opens offline and prints on A4: the articles of each outlet and day, the gaps with the backfill that
    fills each, health over time, answers, publishing hours, edits, sizes. Rows, runs and sizes come from the archive;
    listings, failures and present findings come from state, if there is one. Days are days of publication in the
    outlet's time zone.
    """

    usage = "--to FILE.html [options]"
    examples = ("scrapy report --to report.html --since 2026-09-01",)
    exit_codes = {
        OK: "done",
        FAILED: "the archive, state or the file can't be used; without state or an outlet's code the page is made",
        UNHEALTHY: "a file is damaged; it is named and left out",
    }
    endings = (".html", ".htm")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.jobs.output import size_of
        from crawler.tools.export.output import new_file
        from crawler.tools.report.page import page, shown

        outlets, days = self.slice(opts)
        with new_file(opts.to, opts.force) as stream:
            report = self._report(outlets, days)
            stream.write(page(report).encode())
        for line in shown(report.damaged):
            complain(f"{line}; the report is without it")
        if opts.to != "-":
            drawn = counted(len(report.outlets), "outlet")
            say(f"{opts.to}: {drawn}, {report.first} to {report.last}, {size_of(opts.to)}")
        code = UNHEALTHY if report.damaged else FAILED if report.without else OK
        return self.with_faults(code, "its gaps are without commands")

    def _report(self, outlets: list[str], days: DateRange) -> Report:
        from crawler.jobs.output import progress_bar
        from crawler.tools.report.gathering import Report

        report = Report(self.outlets, outlets, days, clock.now())
        self._read_state(report)
        storage = self.archive_to_read() if report.without else self.whole_archive(outlets)
        with progress_bar("files", of_bytes=False) as bar:
            report.read_archive(storage, bar.advance)
        self.check_outlets(outlets, report.figures)
        self._read_checks(report)
        if not report.outlets:
            raise Refused(f"there is nothing of these outlets and days in {storage.url}", FAILED)
        return report

    def _read_checks(self, report: Report) -> None:
        from crawler.crawl.live.checks import read_checks

        try:
            report.read_checks(read_checks(self.deployment.spool).values())
        except (OSError, ValueError) as error:
            complain(f"the report is without live checks: {error}")

    def _read_state(self, report: Report) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        from crawler.tools.report.state_facts import StateFacts

        try:
            with closing(StateFacts(self.deployment.state_url)) as facts:
                report.read_state(facts)
        except (SQLAlchemyError, ImportError, ValueError) as error:
            report.without = f"state can't be read: {str(error).splitlines()[0]}; the report is without it"
            complain(report.without)
