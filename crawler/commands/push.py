"""`scrapy push`: what waits in the spool goes up."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler.jobs.command import PlainCommand
from crawler.model.exit_codes import FAILED, LOCKED, OK, USAGE
from crawler.system.terminal import Interrupted, say

if TYPE_CHECKING:
    from crawler.recording.push import Push


class Command(PlainCommand):
    """Bring up the finished files of closed runs; the outlet's next crawl does the same at its end."""

    def syntax(self) -> str:
        """Return the usage line."""
        return "[OUTLET…]"

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return "Bring finished files that wait in the spool into the archive"

    def long_desc(self) -> str:
        """Return the help text."""
        return (
            "Put the files of closed runs that wait in the spool into the archive: records first, manifests last, "
            "each verified there before the copy here goes. Broken off, it goes on where it was, in the middle of a "
            "file too. What a run that died left open is not touched: the outlet's next crawl recovers it. "
            "Example: scrapy push samakal. Exit codes: 0 nothing waits any more, 1 the archive, the spool or state "
            "can't be used or the store gives no answer, 2 usage, 75 state is being made again, another process "
            "brings an outlet's files up or another machine has taken some over, 130 or 143 interrupted."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, then bring up outlet by outlet."""
        from crawler.crawl.preflight import check_places
        from crawler.system.locks import crawling

        self.exitcode = OK
        with self.refusing():
            check_places(self.deployment)
            with crawling(self.deployment.spool, None):
                self._push(args)

    def told(self, error: BaseException) -> str:
        """Say what an error means to the spool."""
        if isinstance(error, Interrupted):
            return "interrupted; the next push goes on"
        if isinstance(error, OSError):
            return f"SPOOL_DIR can't be used: {error.strerror or error}: {error.filename}"
        return super().told(error)

    def _push(self, wanted: list[str]) -> None:
        from contextlib import closing

        from crawler.recording.push import waiting_outlets
        from crawler.state import State

        with closing(State(self.deployment.state_url)) as state:
            push = self.deployment.push(state)
            outlets = waiting_outlets(push.spool)
            if unknown := [name for name in wanted if name not in outlets and not self._is_outlet(name)]:
                self.refuse(f"unknown outlet {unknown[0]!r}, and nothing of it waits", USAGE)
                return
            self._bring_up(push, [name for name in outlets if name in (wanted or outlets)])

    def _bring_up(self, push: Push, outlets: list[str]) -> None:
        from crawler.archive.storage.base import StorageError, StoreUnreachable
        from crawler.system.locks import Locked

        total = 0
        with _showing(push.waiting(outlets)) as shown:
            for outlet in outlets:
                try:
                    total += shown(outlet, push)
                except Locked as error:
                    self.refuse(f"{outlet}: {error}", self.exitcode or LOCKED)
                except StoreUnreachable:
                    raise
                except StorageError as error:
                    self.refuse(f"{outlet}: {error}", FAILED)
        if self.exitcode == OK:
            say(f"{_files(total)} brought up" if total else "nothing waits")

    def _is_outlet(self, name: str) -> bool:
        return name in self.project.loader.list()


@contextmanager
def _showing(waiting: Mapping[str, int]) -> Iterator[Callable[[str, Push], int]]:
    """Yield what brings an outlet's files up: under a progress bar on a terminal, with a line each elsewhere."""
    if not sys.stdout.isatty():
        yield lambda outlet, push: _with_line(outlet, push, waiting.get(outlet, 0))
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        tasks = {outlet: progress.add_task(outlet, total=size) for outlet, size in waiting.items()}
        yield lambda outlet, push: push.bring_up(outlet, lambda count: progress.advance(tasks[outlet], count))


def _with_line(outlet: str, push: Push, size: int) -> int:
    from crawler.system.terminal import readable

    count = push.bring_up(outlet)
    say(f"{outlet}: {_files(count)}, {readable(size)}")
    return count


def _files(count: int) -> str:
    from crawler.system.terminal import counted

    return counted(count, "file")
