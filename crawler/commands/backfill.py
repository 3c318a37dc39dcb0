"""`scrapy backfill`: past days of one or more outlets, newest first."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crawler.jobs.command import JobsCommand, names_in
from crawler.model.exit_codes import FAILED, STOPPED, UNHEALTHY, USAGE
from crawler.system.terminal import Interrupted, say, trouble

if TYPE_CHECKING:
    from crawler.jobs.backfill.plan import OutletPlan
    from crawler.jobs.crew import Crew
    from crawler.state import State


class Command(JobsCommand):
    """Closes the days of a span, whatever stops it in between."""

    def syntax(self) -> str:
        """Return the usage line."""
        return "[options] OUTLET… --since YYYY-MM-DD --until YYYY-MM-DD"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Crawl past days of outlets, newest first"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Crawl what outlets published in a span of days, both ends included, newest first. A day is closed, and "
            "not asked for again, when all that its sources list is archived or has failed for good: stop it "
            "anywhere, run it again, it goes on. "
            "Example: scrapy backfill samakal --since 2022-07-01 --until 2022-07-31. "
            "Exit codes: 0 every day closed, 1 an outlet's run failed, 2 usage, 3 days stay open or an outlet can't "
            "be used, 4 an outlet refuses us, 5 stopped early, 75 another backfill of an outlet runs."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the span and what is done about it."""
        super().add_options(parser)
        parser.add_argument("--since", metavar="DATE", help="first day, YYYY-MM-DD")
        parser.add_argument("--until", metavar="DATE", help="last day, YYYY-MM-DD")
        parser.add_argument("--retry-failed", action="store_true", help="try again what failed for good, too")
        parser.add_argument("--dry-run", action="store_true", help="ask the sources, tell what they list, fetch none")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, then crawl; each crawl takes its outlet's lock."""
        from sqlalchemy.exc import SQLAlchemyError

        from crawler.crawl.preflight import check_jobs
        from crawler.model.exit_codes import Refused
        from crawler.state import State

        named = names_in(args)
        if misuse := self._misuse(named, opts):
            self.fail(misuse, USAGE)
            return
        arguments = {"since": opts.since, "until": opts.until, "scope": opts.scope}
        arguments["backfill"] = "count" if opts.dry_run else "retry" if opts.retry_failed else "open"
        try:
            outlets = self.outlets(named)
            self.check(outlets)
            broken = check_jobs(self.project, named, outlets, arguments)
            with closing(State(self.deployment.state_url)) as state:
                self._backfill(state, [name for name in outlets if name not in broken], broken, arguments, opts)
        except Interrupted:
            self.fail_stopped()
        except Refused as error:
            self.fail(str(error), error.exit_code)
        except OSError as error:
            self.fail(f"SPOOL_DIR can't be used: {error.strerror}: {error.filename}", FAILED)
        except SQLAlchemyError as error:
            self.fail(f"state can't be used: {str(error).splitlines()[0]}", FAILED)

    def _misuse(self, named: list[str], opts: argparse.Namespace) -> str | None:
        """Return what is wrong with the words of the command."""
        if not named or not opts.since or not opts.until:
            return "backfill takes outlets, --since and --until; see scrapy backfill --help"
        if opts.dry_run and opts.retry_failed:
            return "--dry-run tells what is open and --retry-failed tries what failed: give one of them"
        return None

    def _backfill(
        self,
        state: State,
        outlets: list[str],
        broken: dict[str, str],
        arguments: dict[str, str],
        opts: argparse.Namespace,
    ) -> None:
        from crawler.jobs.backfill.plan import plan
        from crawler.jobs.backfill.progress import showing
        from crawler.state.standings import Standings

        plans = [plan(self.project.make_spider, state.engine, outlet, arguments) for outlet in outlets]
        for one in plans:
            if one.cut:
                say(one.cut)
        began, standings = datetime.now(UTC), Standings(state.engine).of(outlets)
        waiting = {outlet for outlet, standing in standings.items() if standing.is_waiting(began)}
        # What closed days rest on may be lost: the crawl that finds out opens these again.
        bereft = set() if opts.dry_run else self.deployment.custody(state.engine).bereft(outlets)
        due = [one for one in plans if (one.open or one.outlet in bereft) and one.outlet not in waiting]
        crew = self._crew(due, arguments, opts)
        with showing([] if opts.dry_run else due, sys.stdout.isatty(), say):
            crew.run()
            self.outlast_signals(crew.signalled)
            if crew.signalled:
                state.hurry()
        if opts.dry_run:
            self._tell_days(state, plans, broken, crew, began)
        else:
            self._tell(state, plans, broken, crew, began)

    def _crew(self, plans: list[OutletPlan], arguments: dict[str, str], opts: argparse.Namespace) -> Crew:
        from crawler.jobs.crew import Crew, Job

        jobs = [
            Job(one.outlet, {**arguments, "since": str(one.span.since), "until": str(one.span.until)}) for one in plans
        ]
        logs = None if self.is_log_level_given else self.deployment.spool / "logs" / "backfill"
        deadline = opts.max_minutes * 60 if opts.max_minutes else None
        return Crew(jobs, self.child_options(opts, "backfill"), opts.jobs, deadline=deadline, logs=logs)

    def _tell_days(
        self, state: State, plans: list[OutletPlan], broken: dict[str, str], crew: Crew, began: datetime
    ) -> None:
        from crawler.jobs.backfill.dry_run import counts_of, exit_code, lines, show_table
        from crawler.jobs.backfill.report import reports_of

        runs = self._runs(state, crew, began)
        counts = [count for one in plans for count in counts_of(one, began)]
        if sys.stdout.isatty():
            show_table(counts)
        for line in lines(counts, with_days=not sys.stdout.isatty()):
            say(line)
        failures = (report.failure() for report in reports_of(state.engine, plans, crew, runs))
        for line in [*_lines(broken).values(), *filter(None, failures)]:
            trouble(line)
        self.exitcode = _exit_code(exit_code(counts, crew), broken)

    def _runs(self, state: State, crew: Crew, began: datetime) -> list[dict[str, Any]]:
        """Return the runs of a crew's crawls."""
        names = set(crew.exit_codes)
        return [run for run in state.runs_since(began) if run["command"] == "backfill" and run["outlet"] in names]

    def _tell(self, state: State, plans: list[OutletPlan], broken: dict[str, str], crew: Crew, began: datetime) -> None:
        from crawler.jobs.backfill.report import days_line, exit_code, reports_of
        from crawler.jobs.command import one_line, show_table

        runs = self._runs(state, crew, began)
        reports = reports_of(state.engine, plans, crew, runs)
        if sys.stdout.isatty():
            show_table(runs)
        summary = "; ".join([one_line(runs), days_line(reports), *(["stopped early"] if crew.stopped else [])])
        told = _lines(broken) | {report.plan.outlet: line for report in reports if (line := report.line(crew.stopped))}
        say(summary)
        for line in told.values():
            trouble(line)
        self.exitcode = _exit_code(exit_code(reports, crew.stopped), broken)
        self.alert([summary, *told.values()], list(told))


def _lines(broken: dict[str, str]) -> dict[str, str]:
    """Return by outlet the line that says why it can't be used."""
    return {outlet: f"{outlet}: can't be used ({why})" for outlet, why in broken.items()}


def _exit_code(code: int, broken: dict[str, str]) -> int:
    """Return the graver exit code, that of the crawls or that of broken outlets."""
    return UNHEALTHY if broken and code not in (FAILED, STOPPED) else code
