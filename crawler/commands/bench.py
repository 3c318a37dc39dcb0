"""`scrapy bench`: Scrapy's own command, which records nothing here."""

import argparse

from scrapy.commands import bench
from scrapy.exceptions import UsageError

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, bench.Command):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        super().check(args, opts)
        if args:
            raise UsageError(f"bench takes no argument, not {args[0]!r}")
