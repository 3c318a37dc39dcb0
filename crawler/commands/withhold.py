"""`scrapy withhold`: keep an article out of everything that is made from the archive."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from crawler.jobs.command import BaseCommand
from crawler.model.exit_codes import FAILED, OK, UNHEALTHY, USAGE, Refused
from crawler.system.terminal import complain, printable, say

if TYPE_CHECKING:
    from crawler.archive.storage.base import Storage
    from crawler.tools.withholding import Found, Sought


class Command(BaseCommand):
    """Withhold an article from exports, or lift that.

    The decision is a new file in the archive, withheld/TIME-ID.json, with the reason, the time and CONTACT. Records
    and rows stay as they are; export and wacz leave the article out, and copy takes the decision along. An address
    means every article that was fetched from it or names it as its own. All rows of the archive are searched; rows
    that wait in the spool are not.
    """

    usage = "ID|URL --reason TEXT | --lift ID|URL --reason TEXT | --list"
    takes_arguments = True
    examples = (
        "scrapy withhold https://samakal.com/bangladesh/article/340205 --reason 'court order 12/2026'",
        "scrapy withhold --lift 2f6c3a0e-9d0b-5a55-8d4e-3c1f3b0f5a11 --reason 'order reversed'",
        "scrapy withhold --list",
    )
    exit_codes = {
        OK: "done",
        FAILED: "the article is not in the archive or needs no decision, or the archive or an outlet can't be used",
        UNHEALTHY: "done, but damaged row files could not be searched",
    }

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--reason", default="", metavar="TEXT", help="who demands it, and why")
        parser.add_argument("--lift", action="store_true", help="publish the article again")
        parser.add_argument("--list", action="store_true", help="list the withheld articles")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.archive.withheld import LIFT, WITHHOLD
        from crawler.tools.known_archive import check_archive
        from crawler.tools.withholding import Sought, decide

        reason = opts.reason.strip()
        if opts.list and (args or reason or opts.lift):
            raise Refused(self._with_hint("--list takes no article and no other option"), USAGE)
        if opts.list:
            return _list(self.whole_archive())
        if len(args) != 1:
            raise Refused(self._with_hint("withhold takes one article, by its ID or address"), USAGE)
        if not reason:
            raise Refused(self._with_hint("--reason is missing: say who demands it, and why"), USAGE)
        archive, contact = self.deployment.archive(), self.project.access.contact
        self.compared(partial(check_archive, archive, self.deployment.state_url))
        sought = Sought(args[0], self.outlets)
        code = self.with_faults(OK, "the address is searched without its article key")
        found = self._search(sought)
        action = LIFT if opts.lift else WITHHOLD
        for decision in decide(archive, sought, found, action, reason, contact):
            say(printable(f"{'lifted' if opts.lift else 'withheld'}: {decision.id} {decision.url}"))
        return code or (UNHEALTHY if found.damaged else OK)

    def _search(self, sought: Sought) -> Found:
        from crawler.jobs.output import progress_bar
        from crawler.tools.withholding import search

        with progress_bar("files", of_bytes=False) as bar:
            found = search(self.archive_to_read(), sought, bar.begin, bar.advance)
        for damage in found.damaged:
            complain(f"{damage}; not searched whole")
        return found


def _list(storage: Storage) -> int:
    """Print the withheld articles, oldest decision first: time, ID, outlet, address and reason between tabs."""
    from crawler.archive.withheld import WITHHOLD, newest_decisions

    for one in newest_decisions(storage).values():
        if one.action == WITHHOLD:
            say("\t".join(map(printable, (one.time, one.id, one.outlet, one.url, one.reason))))
    return OK
