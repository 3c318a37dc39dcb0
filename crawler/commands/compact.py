"""`scrapy compact`: the many small row files of a closed month as one."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crawler.jobs.command import BaseCommand, add_outlet_option
from crawler.model.exit_codes import FAILED, LOCKED, OK, UNHEALTHY, USAGE, Refused
from crawler.system import clock
from crawler.system.terminal import complain, readable, say

if TYPE_CHECKING:
    from crawler.tools.compaction import Compacted

MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


class Command(BaseCommand):
    """Join the row files of each closed month and outlet into one.

    Rows keep their bytes and their order. The new file is put and verified, then a manifest that names it and the
    files it replaces; then the old files are removed. If the command is stopped, nothing is lost, `scrapy verify`
    finds nothing wrong, and the next compact goes on. Files that no manifest in the archive names stay as they are. A
    month is closed when it is over in UTC.
    """

    examples = ("scrapy compact --outlet samakal --month 2026-10",)
    exit_codes = {
        OK: "done",
        FAILED: "the archive, the spool or state can't be used, or the archive is the wrong one",
        UNHEALTHY: "a row file is damaged; its month is left as it was",
        LOCKED: "an update is running in this spool",
    }
    when_stopped = "interrupted; the next compact goes on"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_outlet_option(parser, "only files of these outlets")
        parser.add_argument("--month", metavar="YYYY-MM", help="only this month of capture (default: every closed one)")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.system.locks import update_lock
        from crawler.tools.compaction import compact_months
        from crawler.tools.export.rows import outlets_with_rows
        from crawler.tools.known_archive import check_archive, check_recorded

        _check_month(opts.month)
        damaged: list[str] = []
        done: list[Compacted] = []
        storage, spool = self.deployment.archive(), self.deployment.spool
        check_archive(storage, self.deployment.state_url)
        archived = outlets_with_rows(self.archive_to_read())
        self.check_outlets(opts.outlet, archived)
        with update_lock(spool):
            check_recorded(storage, self.deployment.state_url, opts.outlet or archived)
            for one in compact_months(storage, spool, opts.outlet or archived, opts.month, damaged.append):
                done.append(one)
                before, after = readable(one.bytes_before), readable(one.bytes_after)
                say(f"{one.outlet} {one.month}: {one.files} files of {before} are one of {after}")
        for sentence in damaged:
            complain(sentence)
        say(_total(done))
        return UNHEALTHY if damaged else OK


def _check_month(month: str | None) -> None:
    if month is not None and not MONTH.fullmatch(month):
        raise Refused(f"--month {month} is not a month: write YYYY-MM, such as 2026-10", USAGE)
    if month is not None and month >= f"{clock.now():%Y-%m}":
        raise Refused(f"--month {month} is not over yet (UTC)", USAGE)


def _total(done: Sequence[Compacted]) -> str:
    if not done:
        return "nothing to compact: no closed month has more than one row file"
    files, before, after = (
        sum(getattr(one, name) for one in done) for name in ("files", "bytes_before", "bytes_after")
    )
    return f"{files} files of {readable(before)} before, {len(done)} of {readable(after)} now"
