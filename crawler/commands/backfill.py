"""`scrapy backfill`: past days of one or more outlets, newest first."""

from __future__ import annotations

import argparse

from crawler.commands import USAGE
from crawler.jobs_command import JobsCommand


class Command(JobsCommand):
    """One-off or repeated runs over a span of days."""

    def syntax(self) -> str:
        """Return the usage line."""
        return "[options] OUTLET… --since YYYY-MM-DD --until YYYY-MM-DD"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Crawl past days of outlets, newest first"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Crawl what outlets published in a span of days, both ends included, newest first. "
            "What state knows is not fetched again: run it again after an interruption. "
            "Example: scrapy backfill samakal --since 2022-07-01 --until 2022-07-31. "
            "Exit codes: 0 done, 1 an outlet's run failed, 2 usage, 5 stopped early."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the span."""
        super().add_options(parser)
        parser.add_argument("--since", metavar="DATE", help="first day, YYYY-MM-DD")
        parser.add_argument("--until", metavar="DATE", help="last day, YYYY-MM-DD")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, then crawl; each crawl takes its outlet's lock."""
        from crawler.jobs import Job  # noqa: PLC0415
        from crawler.preflight import Refused, check_jobs  # noqa: PLC0415

        assert self.settings is not None
        if not args or not opts.since or not opts.until:
            self.refuse("backfill takes outlets, --since and --until; see scrapy backfill --help", USAGE)
            return
        if complaint := self.check(opts):
            self.refuse(complaint, USAGE)
            return
        outlets = self.outlets(args)
        arguments = {"since": opts.since, "until": opts.until, "scope": opts.scope}
        try:
            check_jobs(self.settings, args, outlets, arguments)
        except Refused as error:
            self.refuse(str(error), error.exit_code)
        else:
            self.exitcode = self.crawl([Job(outlet, arguments) for outlet in outlets], opts)
