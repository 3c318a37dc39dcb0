"""`scrapy update`: every outlet's new articles."""

from __future__ import annotations

import argparse
import math
import sys
import time
from contextlib import ExitStack, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from crawler.crawl.settings import UpdateOptions
from crawler.jobs.command import JobsCommand, names_in
from crawler.model.exit_codes import FAILED, LOCKED
from crawler.system.terminal import Interrupted, say, trouble

if TYPE_CHECKING:
    from crawler.jobs.crew import Crew
    from crawler.jobs.update.round import Result, Round
    from crawler.state import State


class TookTooLong(Exception):
    """Files of earlier runs have gone up for as long as they may before a crawl; what is left goes on later."""


class Command(JobsCommand):
    """The run that cron starts."""

    def syntax(self) -> str:
        """Return the usage line."""
        return "[options] [OUTLET…]"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Crawl the new articles of every outlet, or of those named"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Crawl the new articles of every outlet, a process each, and say in a line what is wrong with which. "
            "Example: SCRAPY_PROJECT=cron python -m scrapy update --except ittefaq --max-minutes 25. "
            "Exit codes: 0 all healthy, 1 the run failed, 2 usage, 3 an outlet is unhealthy or can't be used, "
            "4 one refuses us, 5 stopped early, 75 another update runs. What is told once is told again a day later."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what only update takes."""
        super().add_options(parser)
        parser.add_argument(
            "--except",
            dest="left_out",
            action="append",
            default=[],
            metavar="OUTLET",
            help="leave out, one or several with commas between",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, lock, crawl, tell."""
        from sqlalchemy.exc import SQLAlchemyError

        from crawler.archive.storage.base import StorageError
        from crawler.crawl.preflight import check_jobs
        from crawler.model.exit_codes import Refused
        from crawler.system.locks import Locked, update_lock

        listed, excepted = list(self.options.outlets), names_in(opts.left_out)
        wanted = names_in(args) or listed
        named, left_out = self._loaded(wanted), self._loaded(excepted)
        self._unknown = sorted({*wanted, *excepted} - {*named, *left_out})
        with ExitStack() as stack:
            try:
                outlets = self.outlets(named, left_out) if named or not wanted else []
                self.check(outlets)
                broken = check_jobs(self.project, [*named, *left_out], outlets, {"scope": opts.scope})
                stack.enter_context(update_lock(self.deployment.spool))
                self._update([name for name in outlets if name not in broken], broken, opts)
            except Refused as error:
                self.fail(str(error), error.exit_code)
            except Locked:
                self.fail("another update is running in this spool", LOCKED)
            except Interrupted:
                self.fail_stopped()
            except StorageError as error:
                self.fail(str(error), FAILED)
            except OSError as error:
                self.fail(f"SPOOL_DIR can't be used: {error.strerror}: {error.filename}", FAILED)
            except SQLAlchemyError as error:
                self.fail(f"state can't be used: {str(error).splitlines()[0]}", FAILED)

    @cached_property
    def options(self) -> UpdateOptions:
        """The settings of an update."""
        return UpdateOptions.from_settings(self._settings)

    def _loaded(self, names: list[str]) -> list[str]:
        """Leave out what only a module that can't be loaded may name: the others go on, the report tells of it."""
        return [name for name in names if name in self.project.loader.list()] if self.project.loader.broken else names

    def _update(self, outlets: list[str], broken: dict[str, str], opts: argparse.Namespace) -> None:
        from contextlib import closing

        from crawler.crawl.preflight import check_spool
        from crawler.jobs.update.round import Round
        from crawler.outlets.loader import Outlets
        from crawler.state import State

        began = time.monotonic()
        with closing(State(self.deployment.state_url)) as state:
            stuck = self._push_first(state, self._push_seconds(opts))
            check_spool(self.deployment)
            everyone = Outlets.from_loader(self.project.loader)
            round_ = Round(self.deployment, self.options, everyone, state, outlets, opts.scope, self._unknown, broken)
            crew = self._crew(round_, opts, time.monotonic() - began)
            crew.run()
            self.outlast_signals(crew.signalled)
            if crew.signalled:
                state.hurry()
            result = round_.judge(crew, stuck)
            if self._tell(result):
                round_.heard(result.told)

    def _push_seconds(self, opts: argparse.Namespace) -> float:
        """Return how long files may go up before the crawls begin: as long as an outlet, a third of the run at most."""
        limits = (self.options.outlet_minutes, (opts.max_minutes or 0.0) / 3)
        return min((limit * 60 for limit in limits if limit), default=math.inf)

    def _push_first(self, state: State, seconds: float) -> dict[str, str]:
        """Bring up what waits, of all outlets; return by outlet why it can't be. A store that is away is told later."""
        from crawler.archive.storage.base import StorageError, StoreUnreachable
        from crawler.recording.push import waiting_outlets
        from crawler.system.locks import Locked, crawling

        stuck, end = {}, time.monotonic() + seconds

        def sent(_count: int) -> None:
            if time.monotonic() > end:
                raise TookTooLong

        push = self.deployment.push(state)
        # Where state is being made again each crawl says so.
        with suppress(Locked, StoreUnreachable, TookTooLong), crawling(push.spool, None):
            for outlet in waiting_outlets(push.spool):
                try:
                    push.bring_up(outlet, sent)
                except Locked:
                    # Whoever holds it brings them up, for hours perhaps, or the crawl recovers them.
                    continue
                except StoreUnreachable:
                    raise
                except StorageError as error:
                    stuck[outlet] = str(error)
        return stuck

    def _crew(self, round_: Round, opts: argparse.Namespace, seconds: float) -> Crew:
        from crawler.jobs.crew import Crew

        return Crew(
            round_.plan.jobs,
            self.child_options(opts, "update"),
            opts.jobs,
            deadline=max(0.0, opts.max_minutes * 60 - seconds) if opts.max_minutes else None,
            job_deadline=self.options.outlet_minutes * 60 or None,
            logs=None if self.is_log_level_given else round_.logs,
        )

    def _tell(self, result: Result) -> bool:
        """Print a report and alert whoever is to know; return whether the alert could be delivered."""
        from crawler.jobs.command import one_line, show_table

        if sys.stdout.isatty():
            show_table(result.runs)
        summary = "; ".join([one_line(result.runs), *result.notes])
        say(summary)
        for line in result.told.lines:
            trouble(line)
        self.exitcode = result.exit_code
        return self.alert([summary, *result.told.lines], result.told.outlets)
