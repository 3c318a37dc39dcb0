"""The finished files that wait in the spool: uploaded before an update crawls, counted after it."""

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from crawler.archive.storage.base import StorageError, StoreUnreachable
from crawler.crawl.due_segments import DueSegments
from crawler.crawl.settings import Deployment
from crawler.recording.push import Push, finished_files, gives_answer, waiting_outlets
from crawler.system.locks import Locked, crawling, push_lock

FOR_ANOTHER = "until another process has uploaded its files"
FOR_NEXT = "for the next update or push"

# How long the store may take to answer whether it can be reached, and how long after the run was stopped.
ANSWER_SECONDS, BRIEF_SECONDS = 5.0, 1.0


class TookTooLong(Exception):
    """The time for uploads before the crawls is over; the next push goes on."""


def upload_waiting(push: Push, due: DueSegments, seconds: float) -> dict[str, str]:
    """Upload the waiting files of all outlets for `seconds` at most; return by outlet why its files can't be uploaded.

    An unreachable store is no error here: `waiting_in` reports it after the crawls. Raises SQLAlchemyError, OSError.
    """
    stuck, end = {}, time.monotonic() + seconds

    def check_time(_count: int) -> None:
        if time.monotonic() > end:
            raise TookTooLong

    # While state is made again, each crawl reports it.
    with suppress(Locked, StoreUnreachable, TookTooLong), crawling(push.spool, None):
        for outlet in waiting_outlets(push.spool):
            try:
                due.finish_whole(outlet)
                push.bring_up(outlet, check_time)
            except Locked:
                # The other process uploads them, perhaps for hours, or the crawl recovers them.
                continue
            except StoreUnreachable:
                raise
            except StorageError as error:
                stuck[outlet] = str(error)
    return stuck


def waiting_in(deployment: Deployment, is_hurried: bool) -> Mapping[str, int]:
    """Return how many finished files wait in the spool, by reason in words."""
    found: Counter[str] = Counter()
    spool = deployment.spool
    with suppress(StorageError):
        for outlet in waiting_outlets(spool):
            reason = FOR_ANOTHER
            with suppress(Locked), push_lock(spool, outlet):
                reason = FOR_NEXT
            # Those of an outlet with a damaged manifest are not counted: its failed upload names it.
            with suppress(StorageError):
                found[reason] += sum(1 for _ in finished_files(spool, outlet))
        seconds = BRIEF_SECONDS if is_hurried else ANSWER_SECONDS
        if found[FOR_NEXT] and not gives_answer(deployment.archive(), seconds):
            found[f"until {deployment.archive_url} can be reached"] = found.pop(FOR_NEXT)
    return +found
