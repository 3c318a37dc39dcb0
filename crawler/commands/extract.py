"""`scrapy extract`: pages to articles on standard output; nothing is stored."""

from __future__ import annotations

import argparse
import atexit
import json
import os
import sys
from collections.abc import Iterable
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from crawler.jobs.command import PlainCommand
from crawler.model.exit_codes import FAILED, USAGE
from crawler.system.terminal import Interrupted, complain

if TYPE_CHECKING:
    from crawler.extraction.batch import PageReader
    from crawler.model.listing import Page


class Command(PlainCommand):
    """Extract one page or many; exit 1 when the page is no article, 2 when nothing could be read."""

    def syntax(self) -> str:
        """Return the usage line."""
        return "[options] FILE|URL|- | --jsonl FILE"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Extract the article of a page, or of many; nothing is stored"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Print the article of a page as one line of JSON (indented on a terminal). The page is a file, gzipped or "
            "not, an address, or standard input (-). Example: scrapy extract page.html --url "
            "https://samakal.com/bangladesh/article/340205 --fetched 2026-11-24T10:15:00Z. With --jsonl, FILE (or -) "
            'has a line {"path" or "html", "url", "outlet", "fetched_at"} for each page; url, outlet and fetched_at '
            'may be missing. One article, or one {"error": …}, is printed for each line, in order. Example: scrapy '
            "extract --jsonl pages.jsonl > articles.jsonl. Exit codes: 0 done, 1 no article, 2 usage."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument("--jsonl", metavar="FILE", help="a file with one page a line, - for standard input")
        parser.add_argument("--outlet", metavar="NAME", help="whose rules to use (default: by the address)")
        parser.add_argument("--url", metavar="URL", help="where the page was found")
        parser.add_argument(
            "--fetched", metavar="TIME", help="when, like 2026-11-24T10:15:00Z (default: unknown; now for an address)"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Extract what is named."""
        alone = [name for name in ("outlet", "url", "fetched") if getattr(opts, name)]
        if opts.jsonl is not None and (args or alone):
            self.refuse(
                "--jsonl takes no other page, and no --outlet, --url or --fetched: each line has its own",
                USAGE,
            )
        elif opts.jsonl is not None:
            self._many(opts.jsonl)
        elif args == [""]:
            self.refuse("the name of the page is empty: give a file, an address, or - for standard input", USAGE)
        elif len(args) == 1:
            self._one(args[0], opts)
        else:
            self.refuse("extract takes one page: a file, an address, or - for standard input", USAGE)

    def _one(self, what: str, opts: argparse.Namespace) -> None:
        from crawler.extraction.batch import BadLine, told
        from crawler.extraction.pool import ExtractionPool
        from crawler.model.addresses import is_web_address

        reader = self._reader(Path())
        try:
            page = self._fetched(what, opts, reader) if is_web_address(what) else _given(what, opts, reader)
        except BadLine as error:
            self.refuse(str(error), FAILED)
            return
        with closing(ExtractionPool(1)) as pool:
            begun = pool.submit(page, reader.outlets.named(page.outlet) or reader.outlets.unknown)
            failure = begun.exception()
        if failure is not None:
            reason, message = told(failure)
            self.refuse(f"{what}: {message} ({reason})", FAILED)
        else:
            self._write([begun.result().as_json()], indent=2 if sys.stdout.isatty() else None)

    def _many(self, what: str) -> None:
        from crawler.crawl.settings import extraction_processes
        from crawler.extraction.batch import results
        from crawler.extraction.pool import ExtractionPool

        processes = max(1, extraction_processes(self._settings))
        with ExitStack() as stack:
            try:
                lines: BinaryIO = sys.stdin.buffer if what == "-" else stack.enter_context(Path(what).open("rb"))
            except (OSError, ValueError) as error:
                self.refuse(f"{what} can't be read: {getattr(error, 'strerror', None) or error}", USAGE)
                return
            reader = self._reader(Path() if what == "-" else Path(what).parent)
            pool = stack.enter_context(closing(ExtractionPool(processes)))
            try:
                self._write(results(lines, reader, pool, ahead=4 * processes))
            except Interrupted as error:
                complain("interrupted")
                pool.close()
                # Not by sys.exit: the thread that reads standard input may wait for ever, and holds its lock.
                atexit._run_exitfuncs()
                os._exit(error.code)

    def _reader(self, folder: Path) -> PageReader:
        from crawler.extraction.batch import PageReader
        from crawler.outlets.loader import Outlets

        return PageReader(Outlets.from_settings(self._settings), folder)

    def _fetched(self, url: str, opts: argparse.Namespace, reader: PageReader) -> Page:
        """Return the page at an address. Raises BadLine."""
        from crawler.crawl.one_page import fetch
        from crawler.crawl.preflight import check_addresses
        from crawler.crawl.settings import Access
        from crawler.extraction.batch import BadLine, is_usable
        from crawler.model.exit_codes import Refused

        if not is_usable(url):
            raise BadLine("bad-address", f"{url!r} has control characters in it")
        try:
            check_addresses(Access.from_settings(self._settings), [url])
        except Refused as error:
            raise BadLine("refused", str(error)) from error
        response = fetch(url, self._settings)
        if isinstance(response, str):
            raise BadLine(response, f"{url} could not be fetched: {response}")
        fetched = opts.fetched or datetime.now(UTC).isoformat()
        page = reader.page(response.body, opts.url or response.url, opts.outlet, fetched)
        page.content_type = (response.headers.get("Content-Type") or b"").decode("latin-1") or None
        page.http_status = response.status
        return page

    def _write(self, rows: Iterable[dict[str, Any]], indent: int | None = None) -> None:
        """Write rows as JSON, each as soon as it is there; stop quietly when nobody reads any more."""
        separators = None if indent else (",", ":")
        try:
            for row in rows:
                line = json.dumps(row, ensure_ascii=False, indent=indent, separators=separators)
                sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
                sys.stdout.buffer.flush()
        except OSError as error:
            # What is left in Python's buffer must not be tried again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(error, BrokenPipeError):
                self.refuse(f"the output can't be written: {error.strerror or error}", FAILED)


def _given(what: str, opts: argparse.Namespace, reader: PageReader) -> Page:
    if what == "-":
        return reader.page(reader.unpacked("-", sys.stdin.buffer), opts.url, opts.outlet, opts.fetched)
    return reader.page(reader.read(what), opts.url, opts.outlet, opts.fetched, what)
