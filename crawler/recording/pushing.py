"""How a run's files go up: WARC files as they are finished, beside the crawl; all that waits, at its end."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import wait
from typing import TYPE_CHECKING

from crawler.background import in_background
from crawler.deployment import archive_of
from crawler.locks import Locked
from crawler.push import Push
from crawler.recording.early import EarlyPush
from crawler.recording.files import RunFiles
from crawler.state import State
from crawler.storage import DirectoryStorage, StoreUnreachable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

# Of the time in which a crawl ends that was told to stop (crawler.jobs.ENDING).
STEP_SECONDS, STOP_SECONDS = 0.5, 13.0
# Whoever brings up the outlet's files for longer may do so for hours: a backfill's, say.
PATIENCE_SECONDS = 15.0


class RunPush:
    """The way of a run's files into the archive; into a directory of this machine they all go at the end.

    `on_failure` is called, in a thread of ours, with what ends the crawl. Raises StorageError.
    """

    def __init__(
        self, crawler: Crawler, state: State, files: RunFiles, on_failure: Callable[[BaseException], None]
    ) -> None:
        self._crawler = crawler
        self._state = state
        self._outlet = files.outlet
        self._early = self._begin_early(files, on_failure)

    def _begin_early(self, files: RunFiles, on_failure: Callable[[BaseException], None]) -> EarlyPush | None:
        settings = self._crawler.settings
        storage = archive_of(settings)
        if isinstance(storage, DirectoryStorage):
            return None
        early = EarlyPush(files.spool, storage, self._state, settings.getint("SPOOL_KEEP_DAYS"), on_failure)
        files.on_finished = early.add
        return early

    def end_early(self) -> None:
        """Send no more beside the crawl than is on its way."""
        if self._early is not None:
            self._early.end()

    def finish(self) -> None:
        """Bring everything up; once the crawl was told to stop, only for a while: a store may let us wait for ever.

        Raises StorageError, OSError, SQLAlchemyError.
        """
        work, end = in_background("khobor-push", self._bring_up), math.inf
        while not wait([work], STEP_SECONDS).done:
            if not self._crawler.crawling:
                end = min(end, time.monotonic() + STOP_SECONDS)
            if time.monotonic() > end:
                logger.warning("told to stop: what has not gone up waits in the spool")
                return
        try:
            work.result()
        except StoreUnreachable as error:
            logger.warning("the store is unreachable, finished files wait in the spool: %s", error)
        except Locked as error:
            logger.warning("finished files wait in the spool: %s", error)

    def _bring_up(self) -> None:
        if self._early is not None:
            self._early.close()
        Push(self._crawler.settings, self._state, PATIENCE_SECONDS).bring_up(self._outlet)
