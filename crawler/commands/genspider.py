"""`scrapy genspider`: Scrapy's own command; it writes only an outlet that can be loaded."""

import argparse
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from scrapy.commands import genspider
from scrapy.exceptions import UsageError

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, genspider.Command):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.outlets.declarations import NAME, is_domain

        super().check(args, opts)
        assert self.settings is not None
        if len(args) != 2 or opts.list or opts.dump:
            return
        name, address = args
        if not NAME.fullmatch(name):
            raise UsageError(f"{name!r}: the name of an outlet has small letters, digits and _ only, 64 at most")
        if name == self.settings["BOT_NAME"]:
            raise UsageError(f"{name} is the name of this project: choose another one")
        if not is_domain(genspider.extract_domain(genspider.verify_url_scheme(address))):
            raise UsageError(f"{address!r} is not a domain, such as example.com")

    def _find_template(self, template: str) -> Path | None:
        with redirect_stdout(StringIO()):  # Scrapy's message has two lines
            found = super()._find_template(template)
        if found is None:
            raise UsageError(f"there is no template {template!r}: scrapy genspider --list shows all")
        return found

    def _spider_exists(self, name: str) -> bool:
        with redirect_stdout(StringIO()):
            is_there = super()._spider_exists(name)
        if is_there:
            raise UsageError(
                f"there is an outlet or file {name} already: choose another name, or replace it by --force"
            )
        return False
