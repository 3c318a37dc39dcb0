"""The spool's room: while the store is away files wait there, and a run must end before they fill the disk."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import run_in_thread

from crawler.deployment import archive_url, spool_directory
from crawler.recording.files import KINDS
from crawler.recording.recorder import Recorder
from crawler.summary import readable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

INTERVAL_SECONDS = 2.0


class SpoolFull(OSError):
    """More waits in the spool than SPOOL_MAX_BYTES; the message is the one line to print."""


def check_room(settings: BaseSettings, brought_up: int = 0) -> None:
    """Raise SpoolFull when there is no room for more, OSError when the spool can't be read.

    So many bytes that have been `brought_up` wait for nothing but the end of their run.
    """
    most = settings.getfloat("SPOOL_MAX_BYTES")
    waiting = waiting_bytes(spool_directory(settings)) - brought_up
    if most and waiting > most:
        raise SpoolFull(
            f"{readable(waiting)} wait in SPOOL_DIR until {archive_url(settings)} can be reached, "
            f"more than SPOOL_MAX_BYTES={readable(most)}; `scrapy push` brings them up"
        )


def waiting_bytes(spool: Path) -> int:
    """Return the bytes of all files that grow or wait in a spool. Raises OSError."""
    return sum(_size(entry) for kind in KINDS for entry in _files(spool / kind))


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder, onerror=_refuse):
        yield from (Path(place, name) for name in names)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # brought up at this moment


def _refuse(error: OSError) -> None:
    # A file in a folder's place is met, and told of, by who writes there.
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise error


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
            await asyncio.sleep(INTERVAL_SECONDS)
            try:
                brought_up = recorder.early.bytes if recorder.early is not None else 0
                await run_in_thread(check_room, self.crawler.settings, brought_up)
            except OSError as error:
                recorder.fail(error)
                return
