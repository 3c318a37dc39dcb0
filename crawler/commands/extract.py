"""`scrapy extract`: pages to articles on standard output; nothing is stored."""

from __future__ import annotations

import argparse
import atexit
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from crawler.jobs.command import PageCommand, add_force_option
from crawler.model.exit_codes import FAILED, OK, USAGE, Refused
from crawler.system.terminal import Interrupted, complain, counted, printable, standard_output

if TYPE_CHECKING:
    from crawler.model.listing import Page


class Command(PageCommand):
    """Extract the article of a page, or of many; store nothing.

    The article is printed as one line of JSON, indented on a terminal. The page is a file, gzipped or not, an address,
    or standard input (-). With --jsonl, each line of FILE (or -) is {"path" or "html", "url", "outlet", "fetched_at"};
    url, outlet and fetched_at are optional. The result is one article or one {"error": …} for each line, in order.
    """

    usage = "[options] FILE|URL|- | --jsonl FILE"
    takes_arguments = True
    examples = (
        "scrapy extract page.html --url https://samakal.com/bangladesh/article/340205 --fetched 2026-11-24T10:15:00Z",
        "scrapy extract page.html --explain page.explained.html",
        "scrapy extract --jsonl pages.jsonl > articles.jsonl",
    )
    exit_codes = {OK: "done", FAILED: "the page is not an article, or can't be read, or code of an outlet failed"}

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--jsonl", metavar="FILE", help="file with one page a line; - for standard input")
        parser.add_argument("--outlet", metavar="NAME", help="outlet whose rules apply (default: by the address)")
        parser.add_argument(
            "--explain",
            nargs="?",
            const="",
            metavar="FILE.html",
            help="print every block of the page, kept or dropped and the rule, and each field's source; or write it to"
            " FILE.html",
        )
        add_force_option(parser)

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        if opts.explain and not args:
            # The page may follow the option.
            args, opts.explain = [opts.explain], ""
        if opts.jsonl is not None:
            if args or opts.explain is not None or opts.outlet or opts.url or opts.fetched:
                rule = "--jsonl takes no other page, --outlet, --url, --fetched or --explain: each line has its own"
                raise Refused(rule, USAGE)
            return self._many(opts.jsonl)
        if args == [""]:
            raise Refused("the name of the page is empty: give a file, an address, or - for standard input", USAGE)
        if len(args) != 1:
            raise Refused("extract takes one page: a file, an address, or - for standard input", USAGE)
        return self._one(args[0], opts)

    def _one(self, name: str, opts: argparse.Namespace) -> int:
        from crawler.crawl.given_pages import reason_and_message
        from crawler.crawl.settings import Extraction

        self.check_outlets([opts.outlet] if opts.outlet else [])
        page = self.page(name, opts, opts.outlet)
        if opts.explain is not None:
            return self._explain(page, opts.explain, opts.force)
        with closing(Extraction.from_settings(self._settings).pool(1)) as pool:
            article = pool.submit(page, self.outlets.rules_of(page.outlet))
            failure = article.exception()
        if failure is not None:
            reason, message = reason_and_message(failure)
            raise Refused(f"{name}: {message} ({reason})", FAILED)
        _write([article.result().as_json()], indent=2 if sys.stdout is not None and sys.stdout.isatty() else None)
        return OK

    def _explain(self, page: Page, file: str, is_forced: bool) -> int:
        from crawler.crawl.explanation import as_html, as_lines, explain
        from crawler.crawl.settings import Extraction
        from crawler.tools.export.output import new_file

        outlet = self.outlets.rules_of(page.outlet)
        found = explain(page, outlet, Extraction.from_settings(self._settings).keep)
        if file:
            self.check_output(file)
            with new_file(file, is_forced) as stream:
                stream.write(as_html(found, page.url).encode())
            return OK
        is_terminal = sys.stdout is not None and sys.stdout.isatty()
        with standard_output() as stream:
            for line in as_lines(found, shutil.get_terminal_size().columns if is_terminal else None):
                print(printable(line), file=stream)
        return OK

    def _many(self, name: str) -> int:
        from crawler.crawl.given_pages import PageReader, results
        from crawler.crawl.settings import Extraction

        extraction = Extraction.from_settings(self._settings)
        processes = max(1, extraction.processes)
        with ExitStack() as stack:
            try:
                lines: BinaryIO = sys.stdin.buffer if name == "-" else stack.enter_context(Path(name).open("rb"))
            except (OSError, ValueError) as error:
                raise Refused(f"{name} can't be read: {getattr(error, 'strerror', None) or error}", USAGE) from error
            reader = PageReader(self.outlets, Path() if name == "-" else Path(name).parent)
            pool = stack.enter_context(closing(extraction.pool()))
            try:
                failed = _write(results(lines, reader, pool, ahead=4 * processes))
            except Interrupted as error:
                complain(self.when_stopped)
                pool.close()
                # Not by sys.exit: the thread that reads standard input may block forever, and holds its lock.
                atexit._run_exitfuncs()
                os._exit(error.code)
        if failed:
            pages = ", ".join(f"{counted(number, 'page')} of {outlet}" for outlet, number in failed.items())
            complain(f"our own code or that of an outlet failed on {pages}: see their lines")
        return self.with_faults(FAILED if failed else OK, "its pages are not read by its rules")


def _write(rows: Iterable[dict[str, Any]], indent: int | None = None) -> Counter[str]:
    """Write rows as JSON, each as it arrives; return by outlet the number of pages on which our own code failed."""
    failed = Counter[str]()
    separators = None if indent else (",", ":")
    with standard_output() as stream:
        for row in rows:
            if (error := row.get("error", {})).get("reason") == "internal":
                failed[error.get("outlet") or "no known outlet"] += 1
            line = json.dumps(row, ensure_ascii=False, indent=indent, separators=separators)
            stream.buffer.write(line.encode("utf-8", "replace") + b"\n")
            stream.buffer.flush()
    return failed
