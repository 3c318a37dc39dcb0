"""`scrapy genspider`: Scrapy's own command; it writes only an outlet that can be loaded."""

import argparse
from pathlib import Path

from scrapy.commands import genspider
from scrapy.exceptions import UsageError

from crawler.jobs.scrapys_command import ScrapysCommand
from crawler.model.exit_codes import FAILED


class Command(ScrapysCommand, genspider.Command):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.outlets.declarations import NAME, is_domain

        super().check(args, opts)
        if len(args) != 2 or opts.list or opts.dump:
            return
        name, address = args
        if not NAME.fullmatch(name):
            raise UsageError(f"{name!r}: the name of an outlet has small letters, digits and _ only")
        if not is_domain(genspider.extract_domain(genspider.verify_url_scheme(address))):
            raise UsageError(f"{address!r} is not a domain, such as example.com")

    def _find_template(self, template: str) -> Path | None:
        found = super()._find_template(template)
        self.exitcode = self.exitcode if found else FAILED
        return found

    def _spider_exists(self, name: str) -> bool:
        is_there = super()._spider_exists(name)
        self.exitcode = FAILED if is_there else self.exitcode
        return is_there
