"""`scrapy state`: what state holds, or state again from what is archived."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from crawler.jobs.command import PlainCommand
from crawler.model.exit_codes import FAILED, LOCKED, OK, UNHEALTHY, USAGE
from crawler.system.terminal import Interrupted, say

if TYPE_CHECKING:
    from crawler.state.contents import StateContents

# How often it is told how far the reading is, where no terminal shows it, in seconds.
TOLD_SECONDS = 60.0


class Command(PlainCommand):
    """Print what state holds, or make it again."""

    def syntax(self) -> str:
        """Return the usage line."""
        return "[--rebuild]"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Tell what state holds, or make it again from what is archived"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Without options: what STATE_URL holds, outlet by outlet. With --rebuild: read the archive and what waits "
            "in the spool, and make state again from it, so that nothing is fetched twice; the old one is kept beside "
            "it (SQLite) or replaced in one transaction (PostgreSQL: stop the crawls of other machines first). "
            "Interrupted at any moment it leaves the old state as it was. Example: scrapy state --rebuild. "
            "Exit codes: 0 done, 1 archive or state can't be used, 2 usage, 3 done as far as the archive can be read, "
            "75 a crawl is running, 130 or 143 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's option."""
        super().add_options(parser)
        parser.add_argument("--rebuild", action="store_true", help="make state again from what is archived")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, then do it."""
        from sqlalchemy.exc import SQLAlchemyError

        from crawler.archive.storage.base import StorageError
        from crawler.model.exit_codes import Refused
        from crawler.system.locks import Locked

        if args:
            self.refuse(f"state takes no {args[0]!r}; see scrapy state --help", USAGE)
            return
        self.exitcode = OK
        try:
            self._rebuild() if opts.rebuild else self._tell()
        except Refused as error:
            self.refuse(str(error), error.exit_code)
        except Locked as error:
            self.refuse(f"state can't be made again now: {error}", LOCKED)
        except StorageError as error:
            self.refuse(f"the archive can't be read: {error}", FAILED)
        except SQLAlchemyError as error:
            self.refuse(f"STATE_URL can't be used: {str(error).splitlines()[0]}", FAILED)
        except OSError as error:
            self.refuse(f"{error.strerror or error}: {error.filename}", FAILED)
        except Interrupted as error:
            self.refuse("interrupted; the old state is as it was", error.code)

    def _tell(self) -> None:
        from crawler.state import State
        from crawler.state.contents import contents_of
        from crawler.state.engine import file_of

        url = self.deployment.state_url
        file = file_of(url)
        if file is not None and not file.exists():
            say(f"{file}: there is no state yet")
            return
        with closing(State(url)) as state:
            contents = contents_of(state.engine)
            say(f"{state.engine.url}: schema {contents.revision}, {contents.size / 1e6:,.1f} MB")
        for line in _lines(contents):
            say(line)

    def _rebuild(self) -> None:
        from crawler.archive.storage import archive_to_read, filled_archive
        from crawler.crawl.settings import extraction_processes
        from crawler.outlets.loader import Outlets
        from crawler.recording.archive_identity import accept
        from crawler.recording.push import waiting_outlets
        from crawler.state.contents import contents_of
        from crawler.system.locks import rebuild_lock, update_lock
        from crawler.tools.rebuild.rebuild import Rebuild
        from crawler.tools.rebuild.replacement import Replacement

        processes = max(1, extraction_processes(self._settings))
        spool = self.deployment.spool
        # All that there is may wait for a store that was never reached.
        storage = (archive_to_read if waiting_outlets(spool) else filled_archive)(self.deployment.archive_url)
        with ExitStack() as stack:
            stack.enter_context(update_lock(spool))
            stack.enter_context(rebuild_lock(spool))
            replacement = stack.enter_context(Replacement(self.deployment.state_url, spool))
            told = stack.enter_context(_progress())
            rebuild = stack.enter_context(closing(Rebuild(replacement.new, storage, spool, told)))
            say(rebuild.survey())
            rebuild.run(Outlets.from_loader(self.project.loader), self.project.make_spider, processes)
            accept(storage, replacement.new)
            contents = contents_of(replacement.new.engine)
            kept = replacement.put_in_place()
            problems = rebuild.inventory.problems
        for line in _lines(contents):
            say(line)
        say("state is made again" + (f"; the old one is kept as {kept}" if kept else ""))
        for problem in problems:
            self.refuse(problem, UNHEALTHY)


def _lines(contents: StateContents) -> Iterator[str]:
    for held in contents.outlets:
        others = f", {held.others:,} other keys" if held.others else ""
        last = f", last run {held.last_run[:19]}Z" if held.last_run else ""
        yield f"{held.outlet}: {held.articles:,} articles{others}, {held.captures:,} addresses captured{last}"
    if not contents.outlets:
        yield "nothing was seen yet"


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show how far the reading is: a bar on a terminal, elsewhere a line now and then."""
    if not sys.stderr.isatty():
        yield _Teller()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("state", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


class _Teller:
    """Says how far the reading is, now and then."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._last >= TOLD_SECONDS:
            self._last = time.monotonic()
            say(f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB read")
