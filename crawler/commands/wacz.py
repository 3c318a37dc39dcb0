"""`scrapy wacz`: a slice of the archive as one portable file."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing
from typing import IO, TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.jobs.command import PlainCommand, progress, size_of
from crawler.system.terminal import Interrupted, say

if TYPE_CHECKING:
    from datetime import tzinfo

    from crawler.archive.storage.base import Storage
    from crawler.tools.export.rows import DateRange
    from crawler.tools.wacz.slice import Slice


class Command(PlainCommand):
    """Export the articles of some outlets and days as a WACZ; exit 1 when it would not be whole."""

    requires_project = True
    requires_crawler_process = False
    # From then on what has the file's name is ours.
    _has_begun = False
    _to: str | None = None

    def syntax(self) -> str:
        """Return the usage line."""
        return "--outlet NAME [NAME…] [--since DATE] [--until DATE] --to FILE.wacz"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Export the captures of some outlets and days as one file for ReplayWeb.page"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Write a WACZ 1.1.1: the records of every article published within the days (both included, in the "
            "outlet's own time zone; an article without a date counts on the day it was fetched), copied byte for "
            "byte, with a page list, an index and a signed list of hashes. ReplayWeb.page opens it. "
            "Example: scrapy wacz --outlet samakal --since 2026-11-01 --until 2026-11-07 --to samakal.wacz. "
            "The setting WACZ_SIGNING_KEY names a PEM file with a private key on the curve P-384 (openssl ecparam "
            "-name secp384r1 -genkey -noout); without it each file is signed with a new key that is not kept: that "
            "proves that the file is whole, not whose it is. Exit codes: 0 done, 1 the slice is empty, damaged or "
            "can't be written, 2 usage, 130 or 143 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument("--outlet", action="extend", nargs="+", default=[], metavar="NAME", help="whose articles")
        parser.add_argument("--since", metavar="DATE", help="first day, YYYY-MM-DD (default: the first there is)")
        parser.add_argument("--until", metavar="DATE", help="last day, YYYY-MM-DD (default: the last there is)")
        parser.add_argument("--to", metavar="FILE", help="the new file, or - for standard output")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, gather, write."""
        from crawler.crawl.preflight import check_outlets

        self._to = opts.to
        with self.refusing():
            _check_words(args, opts)
            days = _days(opts)
            check_outlets(self.project.loader, opts.outlet)
            self._export(list(dict.fromkeys(opts.outlet)), days, opts.to)

    def told(self, error: BaseException) -> str:
        """Say what an error means to the slice."""
        from crawler.archive.storage.base import StorageError

        if isinstance(error, Interrupted):
            is_whole = self._to and self._has_begun and os.path.lexists(self._to)
            return f"interrupted; {self._to} is whole" if is_whole else "interrupted; nothing is left of the file"
        if isinstance(error, StorageError):
            return f"the archive can't be read: {error}"
        if isinstance(error, OSError):
            return f"{error.filename or self._to}: {error.strerror or error}"
        return super().told(error)

    def _export(self, outlets: list[str], days: DateRange, to: str) -> None:
        from crawler.archive.storage import archive_to_read
        from crawler.tools.export.output import output_to
        from crawler.tools.wacz.slice import Slice

        zones = {name: self.project.loader.load(name).zone() for name in outlets}  # type: ignore[attr-defined]
        titles = [self.project.loader.load(name).title or name for name in outlets]  # type: ignore[attr-defined]
        storage = archive_to_read(self.deployment.archive_url)
        with output_to(to) as stream, closing(Slice()) as wanted:
            self._has_begun = True
            _gather(wanted, storage, zones, days)
            told = self._write(wanted, storage, ", ".join(titles), stream)
        if to != "-":
            say(f"{to}: {told}, {size_of(to)}")

    def _write(self, wanted: Slice, storage: Storage, titles: str, stream: IO[bytes]) -> str:
        from crawler.archive.records import software
        from crawler.crawl.settings import Access, RecordingLimits, signing_key_file
        from crawler.tools.wacz.export import Export, Label
        from crawler.tools.wacz.package import signing_key

        label = Label.of(titles, wanted.days, software(), Access.from_settings(self._settings).contact)
        key = signing_key(signing_key_file(self._settings))
        export = Export(storage, wanted, label, RecordingLimits.from_settings(self._settings).warc_size)
        with progress("pages", wanted.size) as on_page:
            export.write(stream, key, on_page)
        return f"{export.pages} pages, {export.captures} captures"


def _check_words(args: list[str], opts: argparse.Namespace) -> None:
    """Raise UsageError for what can't be meant."""
    if args:
        raise UsageError(f"wacz takes options only, not {args[0]!r}; see scrapy wacz --help")
    if not opts.outlet:
        raise UsageError("--outlet is missing: whose articles? `scrapy list` names the outlets")
    if not opts.to:
        raise UsageError("--to is missing: the file to write, like --to samakal.wacz, or - for standard output")
    if opts.to != "-" and not opts.to.endswith(".wacz"):
        raise UsageError(f"--to {opts.to}: the name of a WACZ ends with .wacz")
    if opts.to == "-" and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError("--to -: standard output is a terminal; send it to a file or a program")


def _days(opts: argparse.Namespace) -> DateRange:
    """Return the days asked for. Raises BadArgument."""
    from crawler.model.span import BadArgument, read_date
    from crawler.tools.export.rows import DateRange

    since = read_date("--since", opts.since) if opts.since is not None else None
    until = read_date("--until", opts.until) if opts.until is not None else None
    if since and until and since > until:
        raise BadArgument(f"--since={since} is after --until={until}.")
    return DateRange(since, until)


def _gather(wanted: Slice, storage: Storage, zones: dict[str, tzinfo], days: DateRange) -> None:
    """Fill the slice. Raises ExportFailed when nothing lies in it."""
    from crawler.tools.export.output import ExportFailed

    wanted.gather(storage, zones, days)
    if wanted.size:
        return
    names = ", ".join(zones)
    if wanted.first is None:
        raise ExportFailed(f"{names}: there are no rows in {storage.url}")
    raise ExportFailed(f"{names}: no rows {days}; there are rows from {wanted.first} to {wanted.last}")
