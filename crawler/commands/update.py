"""`scrapy update`: every outlet's new articles."""

from __future__ import annotations

import argparse
from contextlib import ExitStack

from crawler.commands import FAILED, LOCKED, USAGE
from crawler.jobs_command import JobsCommand


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
            "Crawl the new articles of every outlet, a process each. "
            "Example: SCRAPY_PROJECT=cron python -m scrapy update --except ittefaq --max-minutes 25. "
            "Exit codes: 0 done, 1 an outlet's run failed, 2 usage, 5 stopped early, 75 another update runs."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what only update takes."""
        super().add_options(parser)
        parser.add_argument(
            "--except", dest="left_out", action="append", default=[], metavar="OUTLET", help="leave one out"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, lock, crawl."""
        from crawler.deployment import spool_directory  # noqa: PLC0415
        from crawler.jobs import Job  # noqa: PLC0415
        from crawler.locks import Locked, update_lock  # noqa: PLC0415
        from crawler.preflight import Refused, check_jobs  # noqa: PLC0415

        assert self.settings is not None
        arguments = {"scope": opts.scope}
        outlets = self.outlets(args, opts.left_out)
        if complaint := self.check(opts):
            self.refuse(complaint, USAGE)
            return
        with ExitStack() as stack:
            try:
                check_jobs(self.settings, [*args, *opts.left_out], outlets, arguments)
                stack.enter_context(update_lock(spool_directory(self.settings)))
            except Refused as error:
                self.refuse(str(error), error.exit_code)
            except Locked:
                self.refuse("another update is running in this spool", LOCKED)
            except OSError as error:
                self.refuse(f"SPOOL_DIR can't be used: {error.strerror}: {error.filename}", FAILED)
            else:
                self.exitcode = self.crawl([Job(outlet, arguments) for outlet in outlets], opts)
