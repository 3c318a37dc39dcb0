"""Recovery at a crawl's start: dead runs' files are mended and their pages without a row extracted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import run_in_thread

from crawler.failures import reason_of
from crawler.items import Page, article_id
from crawler.recording.reading import Damaged
from crawler.recording.recovery.finding import find_remains
from crawler.recording.recovery.pages import StoredResponse, pages_of, read_response
from crawler.recording.recovery.reconcile import reconcile
from crawler.recording.recovery.remains import Remains
from crawler.recording.recovery.restoring import restore
from crawler.recording.recovery.row import KeptRow
from crawler.recording.recovery.warcs import Candidate, LeftWarc
from crawler.recording.stored import Decoder
from crawler.selection import Selection
from crawler.spider import NewsSpider
from crawler.spool import custody_of
from crawler.state import Seen, State, Version
from crawler.state.numbering import numbering
from crawler.storage import Storage, StorageError
from crawler.summary import counted

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

# Pages under way at a time: enough to keep the workers busy, few enough to hold in memory.
BATCH = 16


class Recovery:
    """Brings an outlet's remains to where a run would have ended: every page decided, rows and state agreeing."""

    def __init__(self, crawler: Crawler, state: State, remains: Remains) -> None:
        self.crawler = crawler
        self.remains = remains
        self._state = state
        self._rows: dict[str, KeptRow] = {record: row for left in remains.rows for record, row in left.kept.items()}
        self._writers = {record: left.run for left in remains.rows for record in left.kept}
        self._wanted: dict[str, Any] = {claim.run: claim.facts.get("wanted") for claim in remains.claims}
        self._brought_back = {claim.run for claim in remains.claims if "brought_back" in claim.facts}
        self._decoder = Decoder(crawler)
        self._custody = custody_of(crawler.settings, state.engine)

    async def run(self) -> None:
        """Extract what has no row yet. Raises CloseSpider when the crawl was told to stop meanwhile."""
        spider = self.crawler.spider
        pages = 0
        for warc in self.remains.warcs:
            if not isinstance(spider, NewsSpider):
                break
            settled = await run_in_thread(self._state.settled, warc.file)
            waiting = [one for one in warc.candidates if not self._is_settled(one.record_id, settled)]
            for start in range(0, len(waiting), BATCH):
                pages += await self._extract(spider, warc, waiting[start : start + BATCH])
                if not self.crawler.crawling:
                    raise CloseSpider("shutdown")
        if isinstance(spider, NewsSpider):
            await run_in_thread(self._tell_of_others, spider)
        if self.remains:
            logger.warning("recovered %s", self._told(pages))

    def lost(self, spider: NewsSpider) -> dict[str, Selection]:
        """Return the addresses of the articles that were lost, each with what the run wanted that had it."""
        return {url: self._selection(spider, run) for run, urls in self.remains.lost.items() for url in urls}

    def _told(self, pages: int) -> str:
        """Return what was recovered, as one line."""
        left_out = sum(warc.cut_bytes for warc in self.remains.warcs) + sum(
            rows.cut_bytes for rows in self.remains.rows
        )
        told = [f"{len(self.remains.warcs)} WARC files of dead runs, {pages} pages"]
        if left_out:
            told.append(f"{left_out} bytes were no whole records or rows: they are in {self.remains.spool / 'tails'}")
        if lost := sum(map(len, self.remains.lost.values())):
            told.append(f"{counted(lost, 'article')} that state knew of were not in the files, and are asked for again")
        return "; ".join(told)

    def _is_settled(self, record_id: str, settled: Mapping[str, str]) -> bool:
        """Tell whether state knows a page, and by whoever wrote its row, if that is here."""
        return record_id in settled and self._writers.get(record_id, settled[record_id]) == settled[record_id]

    async def _extract(self, spider: NewsSpider, warc: LeftWarc, candidates: list[Candidate]) -> int:
        pages: list[Page] = []
        for candidate in candidates:
            stored = await run_in_thread(partial(_read, warc, candidate))
            for page in pages_of(stored, spider, self._decoder) if stored else []:
                page.selection = self._selection(spider, warc.run or "")
                row = self._rows.get(candidate.record_id)
                if row is None or not await run_in_thread(self._tell, row, self._seen(spider, page, row)):
                    pages.append(page)
        scraper = self.crawler.engine.scraper
        await asyncio.gather(*(scraper.start_itemproc_async(page, response=None) for page in pages))
        return len(pages)

    def _tell(self, row: KeptRow, seen: list[Seen]) -> bool:
        """Tell state of a row, unless another run has told of that version meanwhile: then the row is left out."""
        first = seen[0]
        with numbering(self._state.engine, [first.outlet]):
            stays = self._stays(row, first.run, self._state.last_version(first.outlet, first.key))
            if stays:
                self._state.recorded(seen)
        if not stays:
            for rows in self.remains.rows:
                rows.leave_out(first.record_id or "")
        return stays

    def _stays(self, row: KeptRow, run: str, last: Version) -> bool:
        if last.run == run or last.number < row.version:
            return True
        # What another run has told of a later version follows this one, unless whoever took the run over wrote it anew;
        # if it was this one, and its rows went with its spool, this is the only row.
        is_later = last.number > row.version
        is_next = is_later or last.run in self._brought_back
        return is_next and self._custody.has(run if is_later else last.run) and not self._is_brought_back(row, run)

    def _is_brought_back(self, row: KeptRow, run: str) -> bool:
        """Tell whether a row of another run, which was brought back, has the same version."""
        others = (left for left in self.remains.rows if left.run in self._brought_back - {run})
        return any((one.id, one.version) == (row.id, row.version) for left in others for one in left.kept.values())

    def _tell_of_others(self, spider: NewsSpider) -> None:
        """Ask as well for the rows whose record is not here: its WARC went up beside the crawl, another may have it."""
        here = {candidate.record_id for warc in self.remains.warcs for candidate in warc.candidates}
        files = set()
        for left in self.remains.rows:
            for record_id, row in [one for one in left.kept.items() if one[0] not in here]:
                key = spider.outlet_of(row.url).article_key(row.url, row.canonical_url)
                # The key of some is only told by what listed them.
                if article_id(row.outlet, key) == row.id:
                    scope = self._selection(spider, left.run).scope
                    self._tell(row, [row.seen(record_id, key, scope, left.run)])
                    files.add(row.file)
        # Nobody says so later: they are not brought up again.
        for file in sorted(filter(self.remains.may_be_archived, files)):
            self._state.archived(file)

    def _selection(self, spider: NewsSpider, run: str) -> Selection:
        wanted = self._wanted.get(run)
        try:
            return spider.selection_of(wanted) if wanted else spider.selection()
        except (TypeError, KeyError, ValueError) as error:
            logger.warning("what the run %s wanted can't be meant: %s", run, reason_of(error))
            self._wanted.pop(run)
            return spider.selection()

    def _seen(self, spider: NewsSpider, page: Page, row: KeptRow) -> list[Seen]:
        """Return what the dead run did not come to tell state of a row it had written."""
        if page.capture is None or page.selection is None:
            raise AssertionError(f"a page without its record or selection: {page.url}")
        capture = page.capture.result(timeout=0)
        key = page.key or spider.outlet_of(page.url).article_key(page.url, row.canonical_url)
        told = row.seen(capture.record_id, key, page.selection.scope, self._writers[capture.record_id])
        # Mending moves records.
        seen = replace(told, url=page.url, offset=capture.offset)
        return [replace(seen, key=key) for key in {key, *page.aliases}]


def find(spool: Path, outlet: str, run: str, state: State, storage: Storage) -> Remains:
    """Return what dead runs of an outlet left, mended, with state agreeing.

    Raises OSError, ValueError, SQLAlchemyError, StorageError.
    """
    remains = find_remains(spool, outlet, run, partial(_is_archived, storage), partial(restore, storage))
    reconcile(state, remains, outlet)
    return remains


def _is_archived(storage: Storage, file: str) -> bool | None:
    try:
        return storage.head(file) > 0
    except FileNotFoundError:
        return False
    except StorageError:
        return None


def _read(warc: LeftWarc, candidate: Candidate) -> StoredResponse | None:
    try:
        with warc.path.open("rb") as stream:
            stream.seek(candidate.offset)
            return read_response(stream, warc.file, candidate.offset)
    except Damaged:
        return None
