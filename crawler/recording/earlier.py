"""The capture before, where another extractor read it: texts are compared only as one extractor reads them."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.utils.asyncio import run_in_thread

from crawler.deployment import archive_url
from crawler.failures import reason_of
from crawler.items import Extractor, Page
from crawler.memory import Memory
from crawler.recording.originals import Originals
from crawler.recording.stored import Decoder
from crawler.storage import storage_for

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.recording.revisits import Original

logger = logging.getLogger(__name__)


class Earlier:
    """Finds the page from which an article's last version was read by an extractor of another version."""

    def __init__(self, memory: Memory, crawler: Crawler) -> None:
        self._state = memory.state
        self._originals = Originals(memory.state, storage_for(archive_url(crawler.settings)))
        self._decoder = Decoder(crawler)

    async def page(self, page: Page, extractor: Extractor) -> Page | None:
        """Return the page as it was archived before, None unless its text was read by another extractor.

        Raises SQLAlchemyError.
        """
        if page.original is None or page.key is None:
            return None
        last = await run_in_thread(self._state.last_version, page.outlet, page.key)
        if not last.number or last.extractor == extractor.version:
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
