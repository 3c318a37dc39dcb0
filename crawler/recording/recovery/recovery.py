"""Recovery at a crawl's start: unfinished segments are completed, pages without a row extracted, state corrected."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import tzinfo
from functools import partial
from typing import Protocol

from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import run_in_thread

from crawler.archive.names import stem_of
from crawler.archive.warc_reader import DamagedRecord
from crawler.model.article import article_id
from crawler.model.capture import Place
from crawler.model.failures import reason_of
from crawler.model.listing import Page
from crawler.model.span import Wanted
from crawler.recording.recovery.rows import KeptRow
from crawler.recording.recovery.segments import LeftSegment, is_here, left_segments
from crawler.recording.stored_responses import StoredResponse, read_response
from crawler.recording.writer import Finish, Writer
from crawler.state import ARTICLE, RECORDED_ONLY, Entry, Seen, State
from crawler.state.leases import GIVEN, Leases, SegmentFacts
from crawler.system.terminal import counted

logger = logging.getLogger(__name__)

# Pages at a time: enough to keep the workers busy, few enough for the memory.
BATCH = 16

# The outcomes that have a row, or get one by extraction.
WITH_ROW = {ARTICLE, RECORDED_ONLY}


class PageDecisions(Protocol):
    """How a crawl decides pages; recovery decides stored pages in the same way."""

    wanted: Wanted
    zone: tzinfo

    def pages(self, stored: StoredResponse) -> Iterable[Page]:
        """Yield the page of a stored response, if it is an article's."""

    async def decide(self, pages: Iterable[Page]) -> None:
        """Extract pages and hand their verdicts to the writer."""

    def article_key(self, url: str, canonical_url: str) -> str:
        """Return the outlet's key of an article."""


class Recovery:
    """Completes an outlet's unfinished segments and makes state agree; without `decisions` it decides no page.

    `lost` are the addresses of the articles that state knew and the files lack, each with the parameters of its run.
    """

    def __init__(
        self,
        state: State,
        leases: Leases,
        writer: Writer,
        decisions: PageDecisions | None,
        is_stopping: Callable[[], bool],
    ) -> None:
        self.lost: dict[str, Wanted] = {}
        self._state = state
        self._leases = leases
        self._writer = writer
        self._outlet = writer.segments.outlet
        self._spool = writer.segments.spool
        self._decisions = decisions
        self._is_stopping = is_stopping

    async def run(self) -> None:
        """Complete the segments in the spool. Raises CloseSpider if the crawl is stopped, OSError, ValueError."""
        left = await run_in_thread(lambda: list(left_segments(self._spool, self._outlet)))
        pages, decided = 0, await run_in_thread(self._leases.decided, self._outlet)
        for segment in left:
            segment.decided = decided.get(segment.file, 0)
            await run_in_thread(self._correct, segment)
            self._writer.segments.adopt(await run_in_thread(segment.open))
            pages += await self._decide_pages(segment)
            self._writer.submit(Finish(segment.file))
        # With SEGMENT_HOURS, every run leaves a whole segment to the next one.
        if torn := [one for one in left if one.decided < one.records.size]:
            logger.warning("recovered %s", self._summary(torn, pages))

    async def take_back(self) -> None:
        """Reopen what lost spools and disks had: their articles are requested again, their days are open again."""
        lost = await run_in_thread(self._lost)
        runs = {part.run: self._parsed(part.run, part.wanted) for part in lost}
        for file in dict.fromkeys(part.file for part in lost):
            count = await run_in_thread(self._give_back_lost, file, runs)
            await run_in_thread(self._leases.forget, self._outlet, file)
            logger.warning("%s was lost with its spool; %s will be refetched", stem_of(file), counted(count, "article"))

    def _lost(self) -> list[SegmentFacts]:
        """Return the segments of lost spools, and those that the disk of this one has lost."""
        gone = {one for one in self._leases.own(self._outlet) if not is_here(self._spool, one.file)}
        # Another process may have uploaded them meanwhile.
        return [*self._leases.lost(self._outlet), *(one for one in self._leases.own(self._outlet) if one in gone)]

    def _give_back_lost(self, file: str, runs: Mapping[str, Wanted | None]) -> int:
        """Take back the articles that rest on a lost segment, if lost runs wrote their rows; return how many."""
        entries = [one for one in self._state.entries_in(file) if one.run in runs]
        for run, wanted in runs.items():
            mine = [one for one in entries if one.run == run]
            self._give_back(mine, mine, wanted)
        return len(entries)

    def _correct(self, segment: LeftSegment) -> None:
        """Take back the entries in state that a segment does not bear out. Raises SQLAlchemyError."""
        ids = {row.id for row in segment.rows.values()}
        entries = [one for one in self._state.entries_in(segment.file) if one.run in segment.records.runs]
        wrong = [one for one in entries if not (segment.is_decided(one.record_id) or _is_borne_out(one, segment, ids))]
        # Pages with a record are extracted again.
        gone = [one for one in wrong if one.record_id not in segment.records.places]
        for run, wanted in segment.records.wanted.items():
            mine, lost = ([one for one in each if one.run == run] for each in (wrong, gone))
            self._give_back(mine, lost, self._parsed(run, wanted))
        self._state.forget_captures(self._outlet, segment.file, set(segment.records.places))
        # Another machine may have given it up, or state was made again.
        spooled = [self._writer.segments.spooled(segment.file, run) for run in segment.records.runs]
        self._state.recorded((), self._outlet, spooled=spooled)

    def _give_back(self, entries: list[Entry], gone: list[Entry], wanted: Wanted | None) -> None:
        """Forget entries in state, which reopens their days; the articles of those `gone` are requested again."""
        if entries:
            self._state.take_back(entries)
        if wanted is not None:
            own = (one for one in gone if self._outlet in (one.outlet, GIVEN))
            self.lost |= {one.url: wanted for one in own if one.outcome in WITH_ROW}

    async def _decide_pages(self, segment: LeftSegment) -> int:
        if self._decisions is None:
            return 0
        pages = 0
        settled = await run_in_thread(self._state.settled, segment.file)
        new = [one for one in segment.records.candidates if one.offset >= segment.decided]
        waiting = [one for one in new if one.record_id not in settled]
        for start in range(0, len(waiting), BATCH):
            pages += await self._extract(self._decisions, segment, waiting[start : start + BATCH])
            if self._is_stopping():
                raise CloseSpider("shutdown")
        return pages

    async def _extract(self, decisions: PageDecisions, segment: LeftSegment, candidates: list[Place]) -> int:
        pages: list[Page] = []
        run = segment.records.runs[-1]
        wanted = self._parsed(run, segment.records.wanted[run])
        for candidate in candidates:
            stored = await run_in_thread(partial(_read, segment, candidate))
            for page in decisions.pages(stored) if stored else []:
                page.wanted = wanted
                row = segment.rows.get(candidate.record_id)
                if row is None:
                    pages.append(page)
                else:
                    await run_in_thread(self._state.recorded, self._seen(decisions, page, row, segment))
        await decisions.decide(pages)
        return len(pages)

    def _seen(self, decisions: PageDecisions, page: Page, row: KeptRow, segment: LeftSegment) -> list[Seen]:
        """Return the state entries of a row that its dead crawl did not write."""
        if page.capture is None or page.wanted is None:
            raise AssertionError(f"a page without its record or selection: {page.url}")
        record_id = page.capture.result(timeout=0).record_id
        key = page.key or decisions.article_key(page.url, row.canonical_url)
        run = segment.records.runs[-1]
        return [row.seen(record_id, one, page.url, page.wanted.scope, run) for one in {key, *page.aliases}]

    def _summary(self, left: list[LeftSegment], pages: int) -> str:
        parts = [f"{counted(len(left), 'segment')} of dead crawls, {pages} pages"]
        if cut := sum(one.cut_bytes for one in left):
            parts.append(f"{cut} bytes of damaged records or rows are in {self._spool / 'tails'}")
        if self.lost:
            lost = counted(len(self.lost), "article")
            parts.append(f"{lost} known to state were not in the files; they will be refetched")
        return "; ".join(parts)

    def _parsed(self, run: str, wanted: str | None) -> Wanted | None:
        """Return the parameters of a run, those of this crawl if they are unknown; None if no page is decided."""
        if self._decisions is None:
            return None
        try:
            return Wanted.from_json(json.loads(wanted), self._decisions.zone) if wanted else self._decisions.wanted
        except (TypeError, KeyError, ValueError) as error:
            logger.warning("the run %s has invalid parameters: %s", run, reason_of(error))
            return self._decisions.wanted


def _is_borne_out(entry: Entry, segment: LeftSegment, ids: set[str]) -> bool:
    has_row = entry.record_id in segment.rows or article_id(entry.outlet, entry.key) in ids
    return entry.record_id in segment.records.places and (entry.outcome != ARTICLE or has_row)


def _read(segment: LeftSegment, candidate: Place) -> StoredResponse | None:
    try:
        with segment.path.open("rb") as stream:
            stream.seek(candidate.offset)
            return read_response(stream, segment.file, candidate.offset)
    except DamagedRecord:
        return None
