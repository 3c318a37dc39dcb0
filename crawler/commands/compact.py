"""`scrapy compact`: the many small row files of a closed month as one."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.jobs.command import PlainCommand
from crawler.model.exit_codes import FAILED, LOCKED, OK, UNHEALTHY, USAGE
from crawler.system.terminal import Interrupted, say

if TYPE_CHECKING:
    from crawler.archive.storage.base import Storage
    from crawler.tools.compaction import Compacted, Compaction

MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


class Command(PlainCommand):
    """Make one row file of each closed month and outlet; rows and the records they point at stay as they are."""

    def syntax(self) -> str:
        """Return the usage line."""
        return "[--outlet NAME…] [--month YYYY-MM]"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Make one row file of the many of a closed month and outlet"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Join the archived row files of each outlet's months before the current one (UTC), byte for byte in "
            "their order: the new file is put and verified, then a manifest that names it and what it replaces, then "
            "the old files are removed. Stopped anywhere, nothing is lost; the next compact goes on, and verify is "
            "content meanwhile. Files that no manifest in the archive names are left alone. "
            "Example: scrapy compact --outlet samakal --month 2026-10. "
            "Exit codes: 0 done, 1 the archive or spool can't be used, 2 usage, 3 a row file is damaged (its month "
            "is left as it was), 75 an update is running in this spool, 130 or 143 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument(
            "--outlet", action="extend", nargs="+", default=[], metavar="NAME", help="only these outlets' files"
        )
        parser.add_argument("--month", metavar="YYYY-MM", help="only this month of capture (default: every closed one)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, lock, compact."""
        from crawler.archive.storage.base import StorageError
        from crawler.model.exit_codes import Refused
        from crawler.system.locks import Locked, update_lock

        self.exitcode = OK
        try:
            _check(args, opts.month)
            with update_lock(self.deployment.spool):
                self._compact(opts.outlet, opts.month)
        except UsageError as error:
            self.refuse(str(error), USAGE)
        except Refused as error:
            self.refuse(str(error), error.exit_code)
        except Locked:
            self.refuse("an update is running in this spool: its row files may be among these", LOCKED)
        except (StorageError, ValueError) as error:
            self.refuse(f"the archive can't be used: {error}", FAILED)
        except OSError as error:
            self.refuse(f"compaction failed: {error.strerror or error}: {error.filename}", FAILED)
        except Interrupted as error:
            self.refuse("interrupted; the next compact goes on", error.code)

    def _compact(self, outlets: list[str], month: str | None) -> None:
        from crawler.archive.storage import archive_to_read
        from crawler.crawl.preflight import check_outlets
        from crawler.tools.compaction import Compaction, archived_outlets

        archive_to_read(self.deployment.archive_url)
        storage = self.deployment.archive()
        kept = archived_outlets(storage)
        # An outlet whose spider is gone keeps its archive.
        check_outlets(self.project.loader, [name for name in outlets if name not in kept])
        compaction = Compaction(storage, self.deployment.spool)
        compaction.resume()
        done = []
        for outlet, closed in _wanted(storage, outlets or kept, month):
            if (compacted := self._one(compaction, outlet, closed)) is not None:
                done.append(compacted)
                say(_told(compacted))
        say(_total(done))

    def _one(self, compaction: Compaction, outlet: str, month: str) -> Compacted | None:
        from crawler.tools.compaction import DamagedMonth

        try:
            return compaction.compact(outlet, month)
        except DamagedMonth as error:
            self.refuse(f"{error}; {outlet} {month} is left as it was", UNHEALTHY)
            return None


def _check(args: list[str], month: str | None) -> None:
    """Raise UsageError for what can't be meant."""
    if args:
        raise UsageError(f"compact takes options only, not {args[0]!r}; see scrapy compact --help")
    if month is not None and not MONTH.fullmatch(month):
        raise UsageError(f"--month {month} is no month: write YYYY-MM, such as 2026-10")
    if month is not None and month >= f"{datetime.now(UTC):%Y-%m}":
        raise UsageError(f"--month {month} is not over yet (UTC)")


def _wanted(storage: Storage, outlets: list[str], month: str | None) -> Iterator[tuple[str, str]]:
    from crawler.tools.compaction import closed_months

    now = datetime.now(UTC)
    for outlet in dict.fromkeys(outlets):
        for closed in closed_months(storage, outlet, now):
            if month in (None, closed):
                yield outlet, closed


def _told(done: Compacted) -> str:
    from crawler.system.terminal import readable

    before, after = readable(done.bytes_before), readable(done.bytes_after)
    return f"{done.outlet} {done.month}: {done.files} files of {before} are one of {after}"


def _total(done: list[Compacted]) -> str:
    from crawler.system.terminal import readable

    if not done:
        return "nothing to compact: no closed month has more than one row file"
    before, after = (sum(getattr(one, name) for one in done) for name in ("bytes_before", "bytes_after"))
    files = sum(one.files for one in done)
    return f"{files} files of {readable(before)} before, {len(done)} of {readable(after)} now"
