"""`scrapy state`: what state holds, or state again from what is archived."""

from __future__ import annotations

import argparse
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from crawler.jobs.command import BaseCommand
from crawler.model.exit_codes import FAILED, LOCKED, OK, UNHEALTHY
from crawler.system.terminal import complain, say

if TYPE_CHECKING:
    from crawler.archive.storage.base import Storage
    from crawler.state.store import Held


class Command(BaseCommand):
    """Show what state holds, or make it again from the archive.

    Without options: the contents of STATE_URL, outlet by outlet. With --rebuild: read the archive and the files that
    wait in the spool, and make state from them, so that nothing is fetched twice. The old state is kept beside the new
    one (SQLite) or replaced in one transaction (PostgreSQL; stop the crawls of other machines first). If the command
    is stopped, the old state is unchanged.
    """

    examples = ("scrapy state", "scrapy state --rebuild")
    exit_codes = {
        OK: "done",
        FAILED: "the archive or state can't be used; without an outlet's own code state is made without its keys",
        UNHEALTHY: "done, but parts of the archive can't be read",
        LOCKED: "a crawl is running",
    }
    when_stopped = "interrupted; the old state is as it was"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--rebuild", action="store_true", help="make state again from the archive")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        return self._rebuild() if opts.rebuild else self._show()

    def _show(self) -> int:
        from crawler.state import State
        from crawler.state.engine import file_of
        from crawler.state.schema import REVISION

        url = self.deployment.state_url
        file = file_of(url)
        if file is not None and not file.exists():
            say(f"{file}: there is no state yet")
            return OK
        with closing(State(url)) as state:
            contents = state.contents()
            say(f"{state.engine.url}: schema {REVISION}, {state.size() / 1e6:,.1f} MB")
        _say_all(contents)
        return OK

    def _rebuild(self) -> int:
        from crawler.archive.storage import filled_archive
        from crawler.crawl.settings import Extraction
        from crawler.jobs.output import progress_bar
        from crawler.recording.archive_identity import accept
        from crawler.recording.push import waiting_outlets
        from crawler.state.archived import ArchiveFacts
        from crawler.system.locks import rebuild_lock, update_lock
        from crawler.tools.rebuild.inventory import Inventory
        from crawler.tools.rebuild.rebuild import rebuild
        from crawler.tools.rebuild.replacement import Replacement

        spool, url = self.deployment.spool, self.deployment.archive_url
        extraction = Extraction.from_settings(self._settings)
        # All files may wait for a store that was never reached.
        storage = self.archive_to_read() if waiting_outlets(spool) else filled_archive(url)
        with update_lock(spool), rebuild_lock(spool):
            self._check_filled(storage)
            with (
                closing(Replacement(self.deployment.state_url, spool)) as replacement,
                progress_bar("state") as bar,
                closing(Inventory(storage, spool, bar.advance)) as inventory,
            ):
                say(inventory.find())
                bar.begin(inventory.bytes)
                rebuild(inventory, replacement.new, self.outlets, self._settings, extraction.pool())
                accept(storage, ArchiveFacts(replacement.new.engine))
                contents = replacement.new.contents()
                kept = replacement.put_in_place()
        _say_all(contents)
        say("state is made again" + (f"; the old one is kept as {kept}" if kept else ""))
        for problem in inventory.problems:
            complain(problem)
        code = UNHEALTHY if inventory.problems else OK
        return self.with_faults(code, "its articles are not found by their keys: correct it and rebuild again")

    def _check_filled(self, storage: Storage) -> None:
        """Raise WrongArchive if the archive is empty although state, where it can be read, knows archived runs."""
        from sqlalchemy.exc import SQLAlchemyError

        from crawler.archive.storage import is_filled
        from crawler.tools.known_archive import check_archive

        if not is_filled(storage):
            with suppress(SQLAlchemyError, ImportError):
                check_archive(storage, self.deployment.state_url)


def _say_all(contents: list[Held]) -> None:
    for held in contents:
        others = f", {held.others:,} other keys" if held.others else ""
        last = f", last run {held.last_run[:19]}Z" if held.last_run else ""
        say(f"{held.outlet}: {held.articles:,} articles{others}, {held.captures:,} addresses captured{last}")
    if not contents:
        say("state holds nothing yet")
