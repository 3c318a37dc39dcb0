"""`scrapy shell`: Scrapy's own command, which records nothing here."""

import argparse

from scrapy.commands import shell
from scrapy.exceptions import UsageError

from crawler.jobs.scrapys_command import ScrapysCommand
from crawler.model.addresses import is_web_address


class Command(ScrapysCommand, shell.Command):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        super().check(args, opts)
        if len(args) > 1:
            raise UsageError("shell takes one address or file")
        if args and is_web_address(args[0]):
            self.check_address(args)
