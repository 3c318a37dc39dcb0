"""`scrapy edit`: Scrapy's own command, which records nothing here."""

import argparse

from scrapy.commands import edit

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, edit.Command):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        super().check(args, opts)
        self.check_outlets(args)
