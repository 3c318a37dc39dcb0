"""Originals: the archived captures with which new ones are compared, and their content."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import run_in_thread

from crawler.archive.storage import storage_for
from crawler.archive.storage.base import StorageError
from crawler.archive.warc_reader import DamagedRecord
from crawler.crawl.memory import Memory
from crawler.crawl.settings import Deployment
from crawler.crawl.stored_pages import Decoder
from crawler.model.article import Extractor
from crawler.model.capture import Original
from crawler.model.failures import reason_of
from crawler.model.listing import Page
from crawler.recording.stored_exchanges import read_content

logger = logging.getLogger(__name__)


class Originals:
    """Finds readable originals that state calls archived; safe to use from several threads."""

    def __init__(self, crawler: Crawler) -> None:
        self._state = Memory.of(crawler).state
        self._storage = storage_for(Deployment.from_settings(crawler.settings).archive_url)

    def find(self, outlet: str, url: str) -> Original | None:
        """Return the original to which a new capture of an address may refer. Raises SQLAlchemyError."""
        original = self._state.originals(outlet, [url]).get(url)
        # It is read first: a record that is damaged, or in an archive elsewhere, is not known to be safe.
        return original if original is not None and self.content(original) is not None else None

    def content(self, original: Original) -> tuple[list[tuple[str, str]], bytes] | None:
        """Return header fields and entity (content coding kept) of an original, None if it can't be read."""
        content = None
        with suppress(OSError, StorageError, DamagedRecord):
            content = read_content(self._storage, original)
        return (content[0].fields, content[1]) if content else None


class Earlier:
    """Finds the page of an article's last version, to compare texts as one extractor reads them."""

    def __init__(self, crawler: Crawler) -> None:
        self._state = Memory.of(crawler).state
        self._originals = Originals(crawler)
        self._decoder = Decoder(crawler)

    async def page(self, page: Page, extractor: Extractor) -> Page | None:
        """Return the archived page, None unless another extractor read it. Raises SQLAlchemyError."""
        if page.original is None or page.key is None:
            return None
        last = await run_in_thread(self._state.entry, page.outlet, page.key)
        if last is None or not last.version or last.extractor == extractor.label:
            return None
        return await run_in_thread(self._read, page, page.original)

    def _read(self, page: Page, original: Original) -> Page | None:
        content = self._originals.content(original)
        if content is None:
            return None
        fields, entity = content
        try:
            response = self._decoder.response(Request(original.url), original.url, 200, fields, entity)
        except Exception as error:  # noqa: BLE001 (whatever a decoder raises: one page that can't be compared)
            logger.warning("%s can't be compared: its record is not decoded: %s", page.url, reason_of(error))
            return None
        moment = datetime.fromisoformat(original.date)
        return replace(page, body=response.body, fetched_at=moment, content_type=dict(fields).get("content-type"))
