"""The extension that ends a run before what waits in the spool fills the disk."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import run_in_thread

from crawler.recording.recorder import Recorder
from crawler.spool import check_room

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

INTERVAL_SECONDS, LEISURE = 2.0, 50


class SpoolRoom:
    """Ends a run when more waits in the spool than SPOOL_MAX_BYTES."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the beginning and end of the crawl."""
        if not crawler.settings.getfloat("SPOOL_MAX_BYTES"):
            raise NotConfigured
        room = cls(crawler)
        crawler.signals.connect(room.spider_opened, signals.spider_opened)
        crawler.signals.connect(room.spider_closed, signals.spider_closed)
        return room

    def spider_opened(self) -> None:
        """Begin to look."""
        self._task = asyncio.ensure_future(self._watch())

    def spider_closed(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        recorder = self.crawler.get_extension(Recorder)
        if recorder is None:
            raise AssertionError("the spool is filled by crawler.recording.recorder.Recorder, which is not there")
        while True:
            began = time.monotonic()
            try:
                await run_in_thread(check_room, self.crawler.settings)
            except OSError as error:
                recorder.fail(error)
                return
            # Where very many files wait, a look takes long.
            await asyncio.sleep(max(INTERVAL_SECONDS, LEISURE * (time.monotonic() - began)))
