"""What `scrapy update` and `scrapy backfill` share: options, checks, jobs, one summary, one exit code."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import SpiderLoader

from crawler.commands import FAILED, LOCKED, OK, STOPPED, USAGE, complain, say

if TYPE_CHECKING:
    from scrapy.settings import Settings

    from crawler.jobs import Job


class JobsCommand(ScrapyCommand):
    """Crawls several outlets, a process each."""

    requires_project = True
    requires_crawler_process = False

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that both commands take."""
        super().add_options(parser)
        parser.add_argument("--scope", choices=("national", "all"), default="national", help="which articles")
        parser.add_argument("--jobs", type=int, default=8, metavar="N", help="outlets at a time (8)")
        parser.add_argument("--max-minutes", type=float, metavar="M", help="end cleanly after so long")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read options as Scrapy does, telling mistakes in one line."""
        try:
            super().process_options(args, opts)
        except UsageError as error:
            sys.exit(self.refuse(str(error), USAGE))

    def refuse(self, sentence: str, exit_code: int) -> int:
        """Print the one line and keep the exit code."""
        complain(sentence)
        self.exitcode = exit_code
        return exit_code

    def outlets(self, named: list[str], left_out: list[str] | None = None) -> list[str]:
        """Return the named outlets, or all there are, without those left out."""
        everything = [name for name in SpiderLoader.from_settings(self._settings).list() if name != "urls"]
        return [name for name in dict.fromkeys(named or sorted(everything)) if name not in (left_out or [])]

    def crawl(self, jobs: list[Job], opts: argparse.Namespace) -> int:
        """Check, run the jobs, print the summary, return the exit code."""
        from crawler.jobs import Crew, child_options  # noqa: PLC0415

        started = datetime.now(UTC)
        deadline = opts.max_minutes * 60 if opts.max_minutes else None
        crew = Crew(jobs, child_options(self._settings, opts), opts.jobs, deadline)
        codes = crew.run()
        self._summarise(started, codes)
        return STOPPED if crew.stopped else _worst(set(codes.values()))

    def check(self, opts: argparse.Namespace) -> str | None:
        """Return what is wrong with the options, if anything is."""
        if opts.jobs < 1:
            return "--jobs must be 1 or more"
        if opts.max_minutes is not None and not opts.max_minutes > 0:
            return "--max-minutes must be more than 0"
        return None

    @property
    def _settings(self) -> Settings:
        assert self.settings is not None
        return self.settings

    def _summarise(self, started: datetime, codes: dict[str, int]) -> None:
        from crawler.deployment import state_url  # noqa: PLC0415
        from crawler.state import State  # noqa: PLC0415
        from crawler.summary import one_line, show_table  # noqa: PLC0415

        state = State(state_url(self._settings))
        runs = [run for run in state.runs_since(started) if run["outlet"] in codes]
        state.close()
        failed = [f"{outlet} ended with exit {code}" for outlet, code in codes.items() if code != OK]
        if sys.stdout.isatty():
            show_table(runs)
        say("; ".join([one_line(runs), *failed]))


def _worst(codes: set[int]) -> int:
    """Return the exit code for those of the crawls: locked or misused only when all were."""
    if len(codes) <= 1:
        (only,) = codes or {OK}
        return only if only in (LOCKED, USAGE) else min(abs(only), FAILED)
    return OK if codes <= {OK, LOCKED} else FAILED
