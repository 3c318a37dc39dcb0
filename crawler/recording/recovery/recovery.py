"""Recovery at a crawl's start: dead runs' files are completed, pages without a row extracted, and state corrected."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import run_in_thread

from crawler.archive.storage.base import Storage, StorageError
from crawler.archive.warc_reader import DamagedRecord
from crawler.model.article import article_id
from crawler.model.capture import Place
from crawler.model.failures import reason_of
from crawler.model.listing import Page
from crawler.model.span import Wanted
from crawler.recording.recovery.copies import restore, size_of
from crawler.recording.recovery.finding import find_remains
from crawler.recording.recovery.remains import Remains
from crawler.recording.recovery.rows import KeptRow
from crawler.recording.recovery.warcs import LeftWarc
from crawler.recording.stored_responses import StoredResponse, read_response
from crawler.state import ARTICLE, RECORDED_ONLY, Entry, Seen, State, Version
from crawler.state.custody import Custody
from crawler.state.store import numbering
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
    """Decides the pages of an outlet's remains and makes state agree; without `decisions` it decides no page."""

    def __init__(
        self,
        state: State,
        custody: Custody,
        remains: Remains,
        decisions: PageDecisions | None,
        is_stopping: Callable[[], bool],
    ) -> None:
        self.remains = remains
        self._state = state
        self._decisions = decisions
        self._is_stopping = is_stopping
        self._rows: dict[str, KeptRow] = {record: row for left in remains.rows for record, row in left.kept.items()}
        self._writers = {record: left.run for left in remains.rows for record in left.kept}
        self._wanted: dict[str, Any] = {claim.run: claim.facts.get("wanted") for claim in remains.claims}
        self._brought_back = {claim.run for claim in remains.claims if "brought_back" in claim.facts}
        self._custody = custody

    async def run(self) -> None:
        """Extract the pages without a row. Raises CloseSpider if the crawl is stopped meanwhile."""
        pages = 0
        if self._decisions is not None:
            for warc in self.remains.warcs:
                pages += await self._decide_pages(self._decisions, warc)
            await run_in_thread(self._record_others, self._decisions)
        if self.remains:
            logger.warning("recovered %s", self._summary(pages))

    async def _decide_pages(self, decisions: PageDecisions, warc: LeftWarc) -> int:
        pages = 0
        settled = await run_in_thread(self._state.settled, warc.file)
        waiting = [one for one in warc.candidates if not self._is_settled(one.record_id, settled)]
        for start in range(0, len(waiting), BATCH):
            pages += await self._extract(decisions, warc, waiting[start : start + BATCH])
            if self._is_stopping():
                raise CloseSpider("shutdown")
        return pages

    def lost(self) -> dict[str, Wanted]:
        """Return the addresses of the lost articles, each with the parameters of its run."""
        if self._decisions is None:
            return {}
        lost = self.remains.lost
        return {url: self._wanted_of(self._decisions, run) for run, urls in lost.items() for url in urls}

    def _summary(self, pages: int) -> str:
        left_out = sum(left.cut_bytes for left in self.remains.parts)
        parts = [f"{len(self.remains.warcs)} WARC files of dead runs, {pages} pages"]
        if left_out:
            parts.append(f"{left_out} bytes of damaged records or rows are in {self.remains.spool / 'tails'}")
        if lost := sum(map(len, self.remains.lost.values())):
            parts.append(f"{counted(lost, 'article')} known to state were not in the files; they will be refetched")
        return "; ".join(parts)

    def _is_settled(self, record_id: str, settled: Mapping[str, str]) -> bool:
        """Return whether state knows the outcome of a page from the run that wrote its row."""
        return record_id in settled and self._writers.get(record_id, settled[record_id]) == settled[record_id]

    async def _extract(self, decisions: PageDecisions, warc: LeftWarc, candidates: list[Place]) -> int:
        pages: list[Page] = []
        for candidate in candidates:
            stored = await run_in_thread(partial(_read, warc, candidate))
            for page in decisions.pages(stored) if stored else []:
                page.wanted = self._wanted_of(decisions, warc.run or "")
                row = self._rows.get(candidate.record_id)
                if row is None or not await run_in_thread(self._record, row, self._seen(decisions, page, row)):
                    pages.append(page)
        await decisions.decide(pages)
        return len(pages)

    def _record(self, row: KeptRow, seen: list[Seen]) -> bool:
        """Write a row to state, unless another run wrote that version: then the row is dropped."""
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
        # A later version of another run follows this row, unless a take-over wrote the row again. If the other run lost
        # the same version with its spool, this is the only row.
        is_later = last.number > row.version
        is_next = is_later or last.run in self._brought_back
        return is_next and self._custody.has(run if is_later else last.run) and not self._is_brought_back(row, run)

    def _is_brought_back(self, row: KeptRow, run: str) -> bool:
        others = (left for left in self.remains.rows if left.run in self._brought_back - {run})
        return any((one.id, one.version) == (row.id, row.version) for left in others for one in left.kept.values())

    def _record_others(self, decisions: PageDecisions) -> None:
        """Write the rows to state whose WARC file is not here, because it was uploaded during the crawl."""
        here = {candidate.record_id for warc in self.remains.warcs for candidate in warc.candidates}
        files = set()
        for left in self.remains.rows:
            for record_id, row in [one for one in left.kept.items() if one[0] not in here]:
                key = decisions.article_key(row.url, row.canonical_url)
                # Some keys depend on the listing.
                if article_id(row.outlet, key) == row.id:
                    scope = self._wanted_of(decisions, left.run).scope
                    self._record(row, [row.seen(record_id, key, scope, left.run)])
                    files.add(row.file)
        # They are not uploaded again, so nobody else notes this.
        for file in sorted(filter(self.remains.may_be_archived, files)):
            self._state.archived(file)

    def _wanted_of(self, decisions: PageDecisions, run: str) -> Wanted:
        wanted = self._wanted.get(run)
        try:
            return Wanted.from_json(wanted, decisions.zone) if wanted else decisions.wanted
        except (TypeError, KeyError, ValueError) as error:
            logger.warning("the run %s has invalid parameters: %s", run, reason_of(error))
            self._wanted.pop(run)
            return decisions.wanted

    def _seen(self, decisions: PageDecisions, page: Page, row: KeptRow) -> list[Seen]:
        """Return the state entries of a row that its dead run did not write."""
        if page.capture is None or page.wanted is None:
            raise AssertionError(f"a page without its record or selection: {page.url}")
        capture = page.capture.result(timeout=0)
        key = page.key or decisions.article_key(page.url, row.canonical_url)
        seen = row.seen(capture.record_id, key, page.wanted.scope, self._writers[capture.record_id])
        # Mending moves records.
        seen = replace(seen, url=page.url, offset=capture.offset)
        return [replace(seen, key=key) for key in {key, *page.aliases}]


def find(spool: Path, outlet: str, run: str, state: State, storage: Storage) -> Remains:
    """Return an outlet's remains, with state corrected. Raises OSError, ValueError, SQLAlchemyError, StorageError."""
    remains = find_remains(spool, outlet, run, partial(_is_archived, storage), partial(restore, storage))
    reconcile(state, remains, outlet)
    return remains


def _is_archived(storage: Storage, key: str) -> bool | None:
    try:
        return bool(size_of(storage, key))
    except StorageError:
        return None


def _read(warc: LeftWarc, candidate: Place) -> StoredResponse | None:
    try:
        with warc.path.open("rb") as stream:
            stream.seek(candidate.offset)
            return read_response(stream, warc.file, candidate.offset)
    except DamagedRecord:
        return None


def reconcile(state: State, remains: Remains, outlet: str) -> None:
    """Take back the entries of dead runs in state that the files do not confirm. Raises SQLAlchemyError."""
    rows = {row for left in remains.rows for row in left.kept}
    articles = {kept.id for left in remains.rows for kept in left.kept.values()}
    records = {warc.file: warc.records for warc in remains.warcs}
    # Their rows are here or lost.
    brought_back = {claim.run for claim in remains.claims if claim.facts.get("brought_back")}
    for run in sorted(_runs(remains)):
        lost = []
        for entry in state.entries_of(run):
            found = records.get(entry.file or "")
            needs_row = run in brought_back and entry.outcome == ARTICLE
            if found is None and not needs_row and entry.file and remains.is_safe(entry.file):
                continue  # the run was closed, or another run's manifest has its files
            if not _is_borne_out(entry, rows, articles, found, needs_row):
                lost.append(entry)
        state.take_back(lost)
        if lost:
            # Pages with a record are extracted again.
            gone = [entry for entry in lost if entry.record_id not in records.get(entry.file or "", ())]
            remains.lost[run] = {entry.url for entry in gone if entry.outcome in WITH_ROW}
    for warc in remains.warcs:
        # Mending moves records.
        state.forget_captures(outlet, warc.file, set() if warc.is_mended else set(warc.records))


def _runs(remains: Remains) -> set[str]:
    names = {claim.run for claim in remains.claims} | {rows.run for rows in remains.rows}
    return names | {warc.run for warc in remains.warcs if warc.run}


def _is_borne_out(
    entry: Entry, rows: set[str], articles: set[str], records: Collection[str] | None, needs_row: bool
) -> bool:
    has_row = entry.record_id in rows or article_id(entry.outlet, entry.key) in articles
    if records is None:
        return needs_row and has_row and bool(entry.file)
    return entry.record_id in records and (entry.outcome != ARTICLE or has_row)
