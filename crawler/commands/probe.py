"""`scrapy probe`: derive the declaration of an outlet from its site, or check a declaration."""

from __future__ import annotations

import argparse
import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from crawler.jobs.command import BaseCommand
from crawler.model.addresses import is_web_address
from crawler.model.exit_codes import FAILED, OK, REFUSED, UNHEALTHY, USAGE, Refused
from crawler.system.terminal import printable, standard_output

if TYPE_CHECKING:
    from scrapy import Request

    from crawler.crawl.unrecorded import Answer


class Command(BaseCommand):
    """Derive the declaration of an outlet from its site, or check that of an outlet; record nothing.

    URL is the front page of a site or its page of national news. The declaration is printed as a module of spiders/,
    then as comments what is certain and what was not found. With --listing and --page, saved pages are read instead of
    the site, and URL is the address of the listing. For the name of an outlet, each of its sources is read, and its
    selectors are tried on articles.
    """

    usage = "[options] URL|OUTLET"
    takes_arguments = True
    examples = (
        "scrapy probe https://www.example.com/",
        "scrapy probe https://www.example.com/ --save",
        "scrapy probe https://www.example.com/national --listing national.html --page story.html",
        "scrapy probe samakal",
    )
    exit_codes = {
        OK: "done",
        FAILED: "the site can't be reached, or a file can't be used",
        UNHEALTHY: "no pattern of articles was found; for an outlet: a source lists nothing, or no article was read",
        REFUSED: "the site refuses khobor",
    }

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--save", action="store_true", help="new file spiders/NAME.py instead of a printed module")
        parser.add_argument("--name", metavar="NAME", help="name of the outlet (default: by the host)")
        parser.add_argument("--listing", metavar="FILE", help="saved page of the listing")
        parser.add_argument(
            "--page", metavar="FILE", action="append", default=[], help="saved page of an article; may be repeated"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        if len(args) != 1:
            raise Refused("probe takes one address or outlet; `scrapy list` names the outlets", USAGE)
        if is_web_address(args[0]):
            return self._derive(args[0], opts)
        if opts.save or opts.name or opts.listing or opts.page:
            raise Refused("--save, --name, --listing and --page need an address, not an outlet", USAGE)
        if not re.fullmatch(r"\w+", args[0]):
            raise Refused(f"{args[0]} is no address and no outlet: an address begins with https:// or http://", USAGE)
        return self._check_outlet(args[0])

    def _derive(self, url: str, opts: argparse.Namespace) -> int:
        from crawler.crawl.unrecorded import Answer, fetching
        from crawler.tools.probe.module import module_of, name_of
        from crawler.tools.probe.pages import NOT_GIVEN
        from crawler.tools.probe.probe import derive, report_of, warnings_of

        if opts.page and not opts.listing:
            raise Refused("--page needs the page of a listing: --listing FILE", USAGE)
        # A mistake costs no request.
        self._file(opts.name or name_of(url, url), opts)
        if opts.listing:
            listing, pages = self._saved(url, opts.listing), [self._saved(None, file) for file in opts.page]

            async def fetch(address: str | Request) -> Answer:
                return listing if address == url else Answer(str(address), failure=NOT_GIVEN)

            found = asyncio.run(derive(url, fetch, pages))
        else:
            found = fetching(self._settings, [url], lambda fetch: derive(url, fetch))
        has_pattern = bool(found.pattern.stories)
        lines = [f"# {warning}" for warning in warnings_of(found)]
        if has_pattern:
            name = opts.name or name_of(found.url, found.home)
            module, file = module_of(found, name), self._file(name, opts)
            if file:
                with file.open("x", encoding="utf-8") as target:
                    target.write(module)
            lines.append(f"# {file} is written" if file else module)
        with standard_output() as stream:
            for line in [*lines, *(printable(f"# {unquote(line)}") for line in report_of(found))]:
                print(line, file=stream)
        if not has_pattern:
            raise Refused(f"{url} has no pattern of articles; give the address of the page of national news", UNHEALTHY)
        return OK

    def _file(self, name: str, opts: argparse.Namespace) -> Path | None:
        """Return the path of the module to save, None without --save. Raises Refused."""
        from importlib import import_module

        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise Refused(f"--name {name}: a name has lower case, digits and _", USAGE)
        if not opts.save:
            return None
        folder = import_module(self.setting("NEWSPIDER_MODULE")).__path__[0]
        file = Path(folder) / f"{name}.py"
        if file.exists():
            raise Refused(f"{file} exists; remove it, or give another --name", FAILED)
        return file

    def _saved(self, url: str | None, file: str) -> Answer:
        """Return a saved page under its own address, else that of the listing. Raises Refused."""
        from crawler.crawl.given_pages import PageReader, own_address
        from crawler.crawl.unrecorded import Answer

        body = PageReader(self.outlets).read(file)
        return Answer(url or own_address(body) or Path(file).absolute().as_uri(), body)

    def _check_outlet(self, name: str) -> int:
        from crawler.crawl.preflight import start_addresses
        from crawler.crawl.unrecorded import fetching
        from crawler.tools.probe.checking import check

        self.check_outlets([name])
        spider = self.project.make_spider(name, {})
        lines, is_well = fetching(self._settings, start_addresses(spider), lambda fetch: check(spider, fetch))
        with standard_output() as stream:
            for line in lines:
                print(printable(unquote(line)), file=stream)
        return OK if is_well else UNHEALTHY
