"""`scrapy update`: every outlet's new articles."""

from __future__ import annotations

import argparse
import math
import time
from contextlib import closing
from functools import cached_property, partial
from typing import TYPE_CHECKING

from crawler.jobs.jobs_command import JobsCommand, names_in
from crawler.model.exit_codes import FAILED, LOCKED, OK, REFUSED, STOPPED, UNHEALTHY, USAGE, Refused
from crawler.system import clock

if TYPE_CHECKING:
    from crawler.crawl.settings import UpdateOptions
    from crawler.jobs.crew import Crew
    from crawler.jobs.output import Bar
    from crawler.state import State

# More running outlets are only counted in the progress bar.
SHOWN = 3


class Command(JobsCommand):
    """Crawl the new articles of every outlet, or of those named.

    Each outlet is crawled in a process of its own. One line for each unhealthy outlet says what is wrong and where to
    look. A problem is reported once in REPORT_AGAIN_HOURS (23) and changes the exit code only then. In between its
    outlet is counted in the summary (`1 outlet as reported before`).
    """

    usage = "[options] [OUTLET…]"
    examples = ("SCRAPY_PROJECT=cron python -m scrapy update --except ittefaq --max-minutes 25",)
    exit_codes = {
        OK: "all healthy, or every problem was reported before and no crawl failed",
        FAILED: "the run or a crawl failed, or the archive is the wrong one",
        UNHEALTHY: "an outlet is unhealthy, reported now, or its file can't be loaded",
        REFUSED: "an outlet refuses us, reported now",
        STOPPED: "stopped early",
        LOCKED: "another update is running",
    }

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--except", dest="excluded", action="append", default=[], metavar="OUTLET", help="skip OUTLET, or A,B,C"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.state import State
        from crawler.system.locks import update_lock

        outlets, broken = self._select(args, names_in(opts.excluded), opts.scope)
        lock = update_lock(self.deployment.spool, outlets[0] if len(outlets) == 1 else None)
        with lock, closing(State(self.deployment.state_url)) as state:
            return self._update(state, outlets, broken, opts)

    @cached_property
    def options(self) -> UpdateOptions:
        from crawler.crawl.settings import UpdateOptions

        return UpdateOptions.from_settings(self._settings)

    def _select(self, args: list[str], excluded: list[str], scope: str) -> tuple[list[str], dict[str, str]]:
        """Return the outlets to crawl, and the errors of broken outlets and of names that may be theirs."""
        from crawler.crawl.preflight import check_jobs
        from crawler.jobs.update.round import chosen

        wanted = names_in(args) or list(self.options.outlets)
        outlets = chosen(self.outlets, wanted, excluded)
        # The report names the modules that failed to load.
        if not outlets and not self.outlets.broken:
            raise Refused("no outlet is left to crawl", USAGE)
        broken = check_jobs(self.project, [*wanted, *excluded], outlets, {"scope": scope})
        return [name for name in outlets if name not in broken], broken

    def _update(self, state: State, outlets: list[str], broken: dict[str, str], opts: argparse.Namespace) -> int:
        from crawler.crawl.due_segments import DueSegments
        from crawler.crawl.preflight import check_spool
        from crawler.jobs.output import progress_bar
        from crawler.jobs.update.round import Round, plan
        from crawler.jobs.update.waiting import upload_waiting

        began, most_minutes = time.monotonic(), self.options.outlet_minutes
        # Uploads may take as long as an outlet, and a third of the run at most.
        limits = (most_minutes, (opts.max_minutes or 0.0) / 3)
        seconds = min((60 * one for one in limits if one), default=math.inf)
        due = DueSegments(self._settings, self.deployment, state)
        stuck = upload_waiting(self.deployment.push(state), due, seconds)
        check_spool(self.deployment)
        look_back, now = self.options.look_back_days, clock.now()
        jobs, waiting = plan(outlets, self.outlets, state.engine, opts.scope, look_back, now)
        with progress_bar("outlets", len(jobs), of_bytes=False, is_quiet=self.shows_logs) as bar:
            show, logs = partial(_show_crew, bar), self.deployment.spool / "logs"
            crew, runs = self.crawl(jobs, opts, state, began, logs, most_minutes, show)
        round_ = Round(self.deployment, self.options, self.outlets, state, outlets, broken, waiting)
        notices, notes, exit_code = round_.judge(crew, runs, stuck)
        if self.report(runs.values(), notes, notices.lines, exit_code):
            notices.heard()
        return exit_code


def _show_crew(bar: Bar, crew: Crew) -> None:
    """Show how many outlets are done, and which are running."""
    bar.update(len(crew.exit_codes), len(crew.jobs))
    more = f" and {len(crew.running) - SHOWN} more" if len(crew.running) > SHOWN else ""
    bar.describe(", ".join(crew.running[:SHOWN]) + more or "outlets")
