"""`scrapy settings`: Scrapy's own command, which refuses unknown names, and values that are not of the kind."""

import argparse

from scrapy.commands import settings
from scrapy.exceptions import UsageError

from crawler.jobs.scrapys_command import ScrapysCommand

FAULTS = {
    "get": "can't be read",
    "getbool": "is neither True nor False",
    "getint": "is not a whole number",
    "getfloat": "is not a number",
    "getlist": "is not a list",
}


class Command(ScrapysCommand, settings.Command):
    takes_arguments = False

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.crawl.setting_checks import check_kind, unknown_setting

        super().check(args, opts)
        assert self.settings is not None
        for reading, fault in FAULTS.items():
            if name := getattr(opts, reading):
                if sentence := unknown_setting(name):
                    raise UsageError(sentence)
                check_kind(getattr(self.settings, reading), self.settings, name, fault)
