"""`scrapy fixture`: a page and its expected article as a test."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.jobs.command import PageCommand, add_force_option
from crawler.model.addresses import is_web_address, is_within
from crawler.model.exit_codes import FAILED, OK, USAGE, Refused
from crawler.system.terminal import say

if TYPE_CHECKING:
    from crawler.model.article import Article
    from crawler.model.listing import Page
    from crawler.outlets.outlet import Outlet

PAGES = Path("tests") / "pages"


class Command(PageCommand):
    """Save a page and its expected article as a test.

    The page is a file, gzipped or not, an address, or standard input (-). It is written to
    tests/pages/OUTLET/NAME.html, or to .html.gz if it has more than 100 kB. NAME.json has the fields of the article as
    extraction reads them now. Compare each field with the page, correct it, and set "reviewed" to true: until then the
    test fails. OUTLET may be a platform too, such as east_west_media.
    """

    usage = "OUTLET FILE|URL|- [options]"
    takes_arguments = True
    examples = (
        "scrapy fixture samakal page.html --url https://samakal.com/bangladesh/article/340205",
        "scrapy fixture samakal https://samakal.com/bangladesh/article/340205 --name photo-story",
    )
    exit_codes = {OK: "saved", FAILED: "the page is not an article, or can't be read or saved"}

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--name", metavar="NAME", help="name of the test (default: the article's key)")
        add_force_option(parser)
        parser.add_argument("--to", metavar="DIR", help=f"folder of the pages of all outlets (default {PAGES})")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.crawl.settings import PROJECT_ROOT
        from crawler.model.listing import GIVEN
        from crawler.tools.fixtures import check_name, name_for, save

        if len(args) != 2:
            raise Refused("fixture takes an outlet and one page: a file, an address, or - for standard input", USAGE)
        name, source = args
        outlet = self._outlet(name)
        if opts.to and "://" in opts.to:
            raise Refused(f"--to {opts.to} is not the name of a folder on this machine", USAGE)
        folder = Path(opts.to) if opts.to else PROJECT_ROOT / PAGES
        if opts.name is not None:
            check_name(folder / name, opts.name, opts.force)
        page = self.page(source, opts, name if self.outlets.named(name) else GIVEN)
        if not is_web_address(page.url):
            raise Refused(f"{source} states no address of its own: give one with --url", USAGE)
        if outlet.allowed_domains and not is_within(page.url, outlet.allowed_domains):
            raise Refused(f"{page.url} is no address of {name}", USAGE)
        page = replace(page, outlet=name)
        article = _article(page, outlet)
        saved_as = name_for(page, outlet) if opts.name is None else opts.name
        check_name(folder / name, saved_as, opts.force)
        for path in save(folder / name, saved_as, page, article):
            say(f"{path.relative_to(PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else path}")
        return OK

    def _outlet(self, name: str) -> type[Outlet]:
        from crawler.tools.fixtures import platforms_by_name

        if (platform := platforms_by_name().get(name)) is not None:
            return platform
        self.check_outlets([name])
        return self.outlets.rules_of(name)


def _article(page: Page, outlet: type[Outlet]) -> Article:
    from crawler.extraction import NotAnArticle, extract

    try:
        return extract(page, outlet)
    except NotAnArticle as error:
        raise Refused(f"{page.url}: {error} ({error.reason})", FAILED) from error
