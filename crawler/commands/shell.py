"""`scrapy shell`: Scrapy's own command, which records nothing here."""

import argparse

from scrapy.commands import shell
from scrapy.exceptions import UsageError
from scrapy.utils.url import guess_scheme

from crawler.jobs.scrapys_command import ScrapysCommand
from crawler.model.addresses import is_web_address


class Command(ScrapysCommand, shell.Command):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        super().check(args, opts)
        if len(args) > 1:
            raise UsageError("shell takes one address or file")
        addresses = [guess_scheme(one) for one in args]
        if all(map(is_web_address, addresses)):
            self.check_address(addresses)
