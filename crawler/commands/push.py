"""`scrapy push`: upload what waits in the spool."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from crawler.jobs.command import BaseCommand
from crawler.jobs.output import progress_bar
from crawler.model.exit_codes import FAILED, LOCKED, OK
from crawler.system.locks import Locked, crawling
from crawler.system.terminal import complain, counted, readable, say

if TYPE_CHECKING:
    from crawler.recording.push import Push


class Command(BaseCommand):
    """Upload the finished segments that wait in the spool.

    The files of a segment go to the archive: records first, the manifest last. Each file is verified there before its
    copy in the spool is removed. If the command is stopped, the next one sends the file under way again. Segments that
    a run left open are finished when they are due; until then the outlet's next crawl continues or recovers them.
    """

    usage = "[OUTLET…]"
    takes_arguments = True
    examples = ("scrapy push", "scrapy push samakal")
    exit_codes = {
        OK: "no file waits any more",
        FAILED: "the archive, the spool or state can't be used, a segment can't be completed, or the store is silent",
        LOCKED: "another process uploads an outlet's files or makes state again",
    }
    when_stopped = "interrupted; the next push goes on"

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.crawl.due_segments import DueSegments
        from crawler.crawl.preflight import check_places
        from crawler.recording.push import waiting_outlets
        from crawler.state import State

        self.check_outlets(args, waiting_outlets(self.deployment.spool))
        check_places(self.deployment)
        with crawling(self.deployment.spool, None), closing(State(self.deployment.state_url)) as state:
            push = self.deployment.push(state)
            waiting = waiting_outlets(push.spool)
            wanted = [name for name in waiting if name in (args or waiting)]
            due = DueSegments(self._settings, self.deployment, state)
            finished, pushed = _each(wanted, partial(due.finish, outlets=self.outlets)), _push(push, wanted)
            return finished or pushed


def _push(push: Push, outlets: Sequence[str]) -> int:
    """Upload the files of outlet after outlet; return the exit code."""
    waiting, total = push.waiting(outlets), 0
    with progress_bar("push", total=sum(waiting.values())) as bar:

        def upload(outlet: str) -> None:
            nonlocal total
            count = push.bring_up(outlet, bar.advance)
            say(f"{outlet}: {counted(count, 'file')}, {readable(waiting[outlet])}")
            total += count

        code = _each(waiting, upload)
    if code == OK:
        say(f"{counted(total, 'file')} uploaded" if total else "nothing waits")
    return code


def _each(outlets: Iterable[str], work: Callable[[str], None]) -> int:
    """Do a work for outlet after outlet, name what fails, and return the exit code."""
    from crawler.archive.storage.base import StorageError, StoreUnreachable

    code = OK
    for outlet in outlets:
        try:
            work(outlet)
        except StoreUnreachable:
            raise
        except (Locked, StorageError) as error:
            complain(f"{outlet}: {error}")
            code = FAILED if isinstance(error, StorageError) else code or LOCKED
    return code
