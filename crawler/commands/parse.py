"""`scrapy parse`: Scrapy's own command, which records nothing here."""

import argparse
from inspect import getattr_static

from scrapy import Request
from scrapy.commands import parse
from scrapy.exceptions import UsageError
from scrapy.utils.spider import spidercls_for_request

from crawler.jobs.scrapys_command import ScrapysCommand


class Command(ScrapysCommand, parse.Command):
    takes_address = True

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.crawl.spider import NewsSpider
        from crawler.outlets.loader import Outlets

        super().check(args, opts)
        assert self.settings is not None
        outlets, name = Outlets.from_settings(self.settings), opts.callback or "parse"
        outlet = outlets.load(opts.spider) if opts.spider else spidercls_for_request(outlets, Request(args[0]))
        if outlet is None:
            raise UsageError(f"{args[0]} is of no outlet, or of several: give --spider OUTLET")
        # The methods of every outlet need what a crawl knows of the page.
        is_own = getattr_static(outlet, name, None) is not getattr_static(NewsSpider, name, None)
        if not is_own or not callable(getattr(outlet, name)):
            raise UsageError(f"{outlet.name} has no callback {name} of its own: use `scrapy extract {args[0]}`")
