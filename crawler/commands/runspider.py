"""`scrapy runspider`: Scrapy's own command, which records nothing here."""

import argparse
from pathlib import Path

from scrapy.commands import runspider
from scrapy.exceptions import UsageError

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, runspider.Command):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        super().check(args, opts)
        if len(args) != 1 or not Path(args[0]).is_file():
            raise UsageError("runspider takes one file, such as spider.py")
