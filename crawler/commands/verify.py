"""`scrapy verify`: is the archive what was written, and is it whole?"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from crawler.jobs.command import BaseCommand, add_outlet_option, whole_number
from crawler.model.exit_codes import FAILED, OK, UNHEALTHY
from crawler.model.span import read_first_date
from crawler.system.terminal import complain, standard_output

if TYPE_CHECKING:
    from crawler.tools.verification.facts import Verdicts


class Command(BaseCommand):
    """Verify the archive and the finished files of the spool, byte for byte; change nothing.

    Each problem is reported with its file and offset: gzip members, digests, fields, exchanges, revisits, indexes,
    manifests, rows. Offsets are in bytes; in row files, in bytes of the decompressed lines. Files that no manifest
    names and versions that are in several rows are counted; they are no problems. A terminal gets a table. Otherwise
    the result is one line of JSON with the first 1000 problems.
    """

    examples = ("scrapy verify --outlet samakal --since 2026-11-01 --json", "scrapy verify --jobs 4")
    exit_codes = {
        OK: "all sound",
        FAILED: "the archive or state can't be read, or the archive is not the one that state knows",
        UNHEALTHY: "something is wrong",
    }

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_outlet_option(parser, "only files of these outlets")
        parser.add_argument("--since", metavar="DATE", help="only files of runs since this day (UTC), YYYY-MM-DD")
        parser.add_argument("--jobs", type=whole_number, default=1, metavar="N", help="segments at a time (default: 1)")
        parser.add_argument("--quick", action="store_true", help="only manifests, and the sizes of the files they name")
        parser.add_argument("--json", action="store_true", help="one line of JSON, on a terminal too")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        verdicts, is_compared = self._verify(
            opts, read_first_date("--since", opts.since) if opts.since is not None else None
        )
        with standard_output() as stream:
            if opts.json or not stream.isatty():
                print(json.dumps(verdicts.as_json(), ensure_ascii=False))
            else:
                _show(verdicts)
        if verdicts.sound:
            return OK if is_compared else FAILED
        first = verdicts.findings[0]
        place = first.file if first.offset is None else f"{first.file} at {first.offset}"
        more = verdicts.findings_total - 1
        complain(f"{place}: {first.problem}" + (f" (and {more} more)" if more else ""))
        return UNHEALTHY

    def _verify(self, opts: argparse.Namespace, since: date | None) -> tuple[Verdicts, bool]:
        """Return the verdicts, and whether the archive was compared with state."""
        from crawler.archive.storage import archive_to_read
        from crawler.jobs.output import progress_bar
        from crawler.tools.verification.archive import Verification

        storage, deployment = self.archive_to_read(), self.deployment
        missing = self.missing_manifests(storage, opts.outlet)
        place, continued = partial(archive_to_read, deployment.archive_url), deployment.limits.continued
        with (
            progress_bar("verify", is_quiet=opts.json) as bar,
            closing(Verification(place, deployment.spool, bar.update, continued, opts.jobs)) as verification,
        ):
            archived = verification.survey()
            self.check_outlets(opts.outlet, archived)
            verification.lack(missing or [], since)
            check = verification.check_quickly if opts.quick else verification.check
            verdicts = check(opts.outlet, since)
        absent = [name for name in opts.outlet if name not in archived]
        if absent or (verdicts.sound and not verdicts.files):
            complain(f"{storage.url}: there is nothing to verify" + (f" of {', '.join(absent)}" if absent else ""))
        return verdicts, missing is not None


def _show(verdicts: Verdicts) -> None:
    from crawler.jobs.output import print_table

    if not verdicts.sound:
        rows = ((finding.file, finding.offset, finding.problem) for finding in verdicts.findings)
        print_table(("file", "offset", "problem"), rows, right={1})
    print(verdicts.summary(), file=sys.stdout)
