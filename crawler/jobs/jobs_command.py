"""The base of the commands that crawl many outlets: their options, their crew, their report and the alert."""

from __future__ import annotations

import argparse
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import wait
from contextlib import suppress
from itertools import chain
from types import FrameType
from typing import TYPE_CHECKING

from scrapy.settings import SETTINGS_PRIORITIES

from crawler.jobs.command import BaseCommand, whole_number
from crawler.jobs.output import print_table, totals_of
from crawler.model.exit_codes import LOCKED, OK, STOPPED, USAGE, Refused
from crawler.system import clock
from crawler.system.terminal import STOPPING, complain, readable, say, trouble

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.jobs.crew import Crew
    from crawler.state import State
    from crawler.state.history import RunFacts

# Nobody is alerted of these exit codes.
SILENT = (OK, LOCKED)

# How long an alert may take, and how long after the run was stopped: the alert comes after the crawls' end
# (crawler.jobs.crew.ENDING), and both must be over within 30 seconds.
ALERT_SECONDS, STOP_SECONDS = 60.0, 3.0
STEP_SECONDS = 0.5


def names_in(texts: Sequence[str]) -> list[str]:
    """Return the names in texts, with commas or spaces between them. Raises Refused for a text without one."""
    named = [text.replace(",", " ").split() for text in texts]
    if not all(named):
        raise Refused("a name is empty: is a variable of the shell not set?", USAGE)
    return list(chain.from_iterable(named))


def minutes(text: str) -> float:
    """Return the number in a text. Raises ArgumentTypeError unless it is above 0."""
    with suppress(ValueError):
        if 0 < (number := float(text)) < math.inf:
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")


class JobsCommand(BaseCommand):
    """A command that crawls several outlets, one process each, and alerts whoever must know."""

    takes_arguments = True
    stopped_code = STOPPED
    when_stopped = "stopped early, before the crawls began"
    _is_stopped = False

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--scope", choices=("national", "all"), default="national", help="articles to crawl")
        parser.add_argument("--jobs", type=whole_number, default=8, metavar="N", help="outlets at a time (default: 8)")
        parser.add_argument("--max-minutes", type=minutes, metavar="M", help="stop cleanly after M minutes")

    def refuse(self, refused: Refused) -> None:
        """Print the line and alert, unless somebody has mistyped at a terminal."""
        self.outlast_signals(is_stopped=refused.exit_code == STOPPED)
        super().refuse(refused)
        is_typed = sys.stderr is not None and sys.stderr.isatty()
        if refused.exit_code != USAGE or not is_typed:
            self.alert([f"khobor: {refused}"], [], refused.exit_code)

    def outlast_signals(self, is_stopped: bool) -> None:
        """Let no signal stop the command from now on: a report is printed once. A signal only hurries the alert."""
        self._is_stopped |= is_stopped
        for number in STOPPING:
            # Not SIG_IGN, which the alert's command would inherit.
            signal.signal(number, self._hurry)

    def _hurry(self, number: int, frame: FrameType | None) -> None:
        self._is_stopped = True

    def alert(self, lines: Sequence[str], outlets: Sequence[str], exit_code: int) -> bool:
        """Run ALERT_COMMAND with a report and the outlets in it unless all is well; return False if it failed."""
        command = self.setting("ALERT_COMMAND")
        if not command or exit_code in SILENT:
            return True
        failure = alert(command, "\n".join(lines) + "\n", outlets, exit_code, is_stopped=lambda: self._is_stopped)
        if failure:
            complain(failure)
        return not failure

    @property
    def shows_logs(self) -> bool:
        """Whether the crawls log to standard error, as a log level on the command line wants."""
        return self._settings.getpriority("LOG_LEVEL") == SETTINGS_PRIORITIES["cmdline"]

    def crawl(
        self,
        jobs: Mapping[str, Mapping[str, str]],
        opts: argparse.Namespace,
        state: State,
        began: float,
        logs: Path,
        minutes: float = 0,
        on_change: Callable[[Crew], None] = lambda crew: None,
    ) -> tuple[Crew, dict[str, RunFacts]]:
        """Crawl outlets with arguments, at most `minutes` each; return how they ended, and their runs by outlet.

        --max-minutes count from `began` on the monotonic clock. A log level on the command line is for somebody who
        wants to see the crawls' logs at once. A signal stops the crawls, and no longer the command. `on_change` is
        called with the crew when a crawl has begun or ended.
        """
        from crawler.jobs.crew import Crew
        from crawler.state.history import History

        level = str(self._settings["LOG_LEVEL"]) if self.shows_logs else "WARNING"
        # The last value of a setting counts.
        settings = ["EXTRACTION_PROCESSES=1", *opts.set, f"RUN_COMMAND={self._name}"]
        crew = Crew(
            jobs,
            [*(part for setting in settings for part in ("-s", setting)), "-L", level],
            opts.jobs,
            deadline=opts.max_minutes * 60 - (time.monotonic() - began) if opts.max_minutes else None,
            job_deadline=minutes * 60 or None,
            logs=None if self.shows_logs else logs,
            on_change=on_change,
        )
        moment = clock.now()
        crew.run()
        self.outlast_signals(crew.signalled)
        if crew.signalled:
            state.hurry()
        return crew, History(state.engine).since(moment, crew.exit_codes, self._name)

    def report(
        self, runs: Collection[RunFacts], notes: Sequence[str], lines: Mapping[str, str], exit_code: int
    ) -> bool:
        """Print the totals of runs and the line of each outlet in trouble; return whether the alert was delivered."""
        if sys.stdout is not None and sys.stdout.isatty():
            rows = ((run.outlet, run.rows, run.requests, readable(run.bytes), run.files) for run in runs)
            print_table(("outlet", "new rows", "requests", "bytes", "segments"), rows, range(1, 5))
        summary = "; ".join([totals_of(runs), *notes])
        say(summary)
        for line in lines.values():
            trouble(line)
        return self.alert([summary, *lines.values()], list(lines), exit_code)


def alert(
    command: str,
    report: str,
    outlets: Sequence[str] = (),
    exit_code: int = 0,
    seconds: float = ALERT_SECONDS,
    is_stopped: Callable[[], bool] = lambda: False,
) -> str | None:
    """Run a shell command with a report on standard input; return a sentence on failure.

    Its environment has the exit code and the outlets of the report. A command that runs longer than `seconds` is
    killed, or than STOP_SECONDS once `is_stopped` returns True.
    """
    from crawler.system.processes import in_background

    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "KHOBOR_EXIT_CODE": str(exit_code), "KHOBOR_TOLD": " ".join(outlets)},
        text=True,
        start_new_session=True,
    )
    # In a thread: after a time-out, `communicate` would not go on with the input.
    work = in_background("khobor-alert", lambda: process.communicate(report)[0])
    end = time.monotonic() + seconds
    while not work.done() and time.monotonic() < end:
        if is_stopped():
            end = min(end, time.monotonic() + STOP_SECONDS)
        wait([work], min(seconds, STEP_SECONDS))
    if not work.done():
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        wait([work], STEP_SECONDS)
        return f"ALERT_COMMAND was killed after {'the run was stopped' if is_stopped() else f'{seconds:g} seconds'}"
    last = work.result().strip().rpartition("\n")[2]
    return f"ALERT_COMMAND ended with {process.returncode}{f': {last}' if last else ''}" if process.returncode else None
