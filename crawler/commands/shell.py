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
        addresses = [url for url in map(guess_scheme, args) if not url.startswith("file:")]
        if len(args) > 1 or not all(map(is_web_address, addresses)):
            raise UsageError("shell takes one address or file")
        self.check_address(addresses)
