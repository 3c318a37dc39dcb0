"""`scrapy backfill`: past days of one or more outlets, newest first."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.jobs.jobs_command import JobsCommand, names_in
from crawler.model.exit_codes import FAILED, LOCKED, OK, REFUSED, STOPPED, UNHEALTHY, USAGE, BrokenOutlet, Refused
from crawler.system import clock
from crawler.system.terminal import say, trouble

if TYPE_CHECKING:
    from crawler.jobs.backfill.plan import OutletPlan
    from crawler.jobs.crew import Crew
    from crawler.state import State


class Command(JobsCommand):
    """Crawl past days of outlets, newest first.

    The span includes both ends. A day is closed, and not requested again, when every article that its sources list is
    archived or has failed for good. The backfill can be stopped anywhere; run it again to go on.
    """

    usage = "[options] OUTLET… --since YYYY-MM-DD --until YYYY-MM-DD"
    examples = (
        "scrapy backfill samakal --since 2022-07-01 --until 2022-07-31",
        "scrapy backfill samakal --since 2022-07-01 --until 2022-07-31 --dry-run",
    )
    exit_codes = {
        OK: "every day is closed",
        FAILED: "an outlet's run failed, or the archive is the wrong one",
        UNHEALTHY: "days stay open",
        REFUSED: "an outlet refuses us",
        STOPPED: "stopped early",
        LOCKED: "another backfill of an outlet is running",
    }

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--since", metavar="DATE", help="first day, YYYY-MM-DD")
        parser.add_argument("--until", metavar="DATE", help="last day, YYYY-MM-DD")
        parser.add_argument("--retry-failed", action="store_true", help="retry articles that failed for good, too")
        parser.add_argument(
            "--dry-run", action="store_true", help="list open days and article counts; fetch no articles"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.crawl.preflight import check_jobs
        from crawler.state import State

        named = names_in(args)
        if not named or not opts.since or not opts.until:
            raise Refused("backfill takes outlets, --since and --until; see scrapy backfill --help", USAGE)
        if opts.dry_run and opts.retry_failed:
            raise Refused("--dry-run and --retry-failed exclude each other: give one of them", USAGE)
        mode = "count" if opts.dry_run else "retry" if opts.retry_failed else "open"
        arguments = {"since": opts.since, "until": opts.until, "scope": opts.scope, "backfill": mode}
        outlets = list(dict.fromkeys(named))
        broken = check_jobs(self.project, named, outlets, arguments)
        with closing(State(self.deployment.state_url)) as state:
            return self._backfill(state, [name for name in outlets if name not in broken], broken, arguments, opts)

    def _backfill(
        self,
        state: State,
        outlets: Sequence[str],
        broken: dict[str, str],
        arguments: Mapping[str, str],
        opts: argparse.Namespace,
    ) -> int:
        from crawler.jobs.backfill.plan import due_plans, plan
        from crawler.jobs.backfill.progress import showing
        from crawler.jobs.backfill.report import days_line, exit_code, reports_of

        began, started = clock.now(), time.monotonic()
        # Without its lease, what waits in this spool would count as lost.
        self.deployment.leases(state.engine).renew()
        plans = []
        for outlet in outlets:
            try:
                plans.append(plan(self.project.make_spider, state.engine, outlet, arguments))
            except BrokenOutlet as error:
                broken[outlet] = error.account
        unusable = {outlet: f"{outlet}: can't be used ({why})" for outlet, why in broken.items()}
        for sentence in filter(None, (one.cut for one in plans)):
            say(sentence)
        due = list(due_plans(state.engine, plans, began))
        logs = self.deployment.spool / "logs" / "backfill"
        with showing([] if opts.dry_run else due, _is_terminal(), say):
            crew, runs = self.crawl({one.outlet: one.arguments for one in due}, opts, state, started, logs)
        reports = reports_of(state.engine, plans, crew, runs)
        code = _show_days(plans, crew, began) if opts.dry_run else exit_code(reports, crew.stopped)
        if unusable and code not in (FAILED, STOPPED):
            code = UNHEALTHY
        found = {report.plan.outlet: report.failure if opts.dry_run else report.line for report in reports}
        lines = unusable | {outlet: line for outlet, line in found.items() if line}
        if opts.dry_run:
            for line in lines.values():
                trouble(line)
        else:
            notes = [days_line(reports), *(["stopped early"] if crew.stopped else [])]
            self.report(runs.values(), notes, lines, code)
        return code


def _show_days(plans: Sequence[OutletPlan], crew: Crew, began: datetime) -> int:
    """Print the days of a dry run; return the exit code."""
    from crawler.jobs.backfill.report import dry_run_code, dry_run_counts, dry_run_lines
    from crawler.jobs.output import print_table

    counts = [count for one in plans for count in dry_run_counts(one, began)]
    if _is_terminal():
        print_table(("outlet", "day", "status", "listed", "unknown", "fault"), counts, right={3, 4})
    for line in dry_run_lines(counts, with_days=not _is_terminal()):
        say(line)
    return dry_run_code(counts, crew)


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
