"""`scrapy check`: Scrapy's own command, which records nothing here."""

import argparse

from scrapy.commands import check

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, check.Command):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        super().check(args, opts)
        self.check_outlets(args)
