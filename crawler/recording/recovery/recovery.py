"""Recovery: unfinished segments are completed, their pages without a row extracted, and state is corrected."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Protocol

from scrapy.exceptions import CloseSpider

from crawler.archive.names import stem_of
from crawler.archive.warc_reader import DamagedRecord
from crawler.model.article import article_id
from crawler.model.capture import Place
from crawler.model.failures import name_of
from crawler.model.listing import Page, Verdict
from crawler.model.span import Wanted, read_wanted
from crawler.recording.commits import Commits
from crawler.recording.recovery.segments import LeftSegment, is_here, left_segments
from crawler.recording.stored_exchanges import StoredExchange, read_exchange
from crawler.state import ARTICLE, RECORDED_ONLY, WITH_ROW, Seen, State
from crawler.state.leases import Leases
from crawler.state.looks import Look, Looks
from crawler.system import clock
from crawler.system.terminal import counted

logger = logging.getLogger(__name__)

# Pages at a time: enough to keep the workers busy, few enough for the memory.
BATCH = 16


class PageDecisions(Protocol):
    """How a crawl decides pages; recovery decides stored pages in the same way."""

    zone: tzinfo

    def page(self, stored: StoredExchange) -> Page | None:
        """Return the page of a stored exchange, if it is an article's."""

    def verdicts(self, pages: Sequence[Page], wanted: Wanted) -> Iterable[Verdict | Exception]:
        """Yield the verdict on each page, or its error."""

    def look_of(self, verdict: Verdict, wanted: Wanted) -> Look | None:
        """Return the revisit of a page that may change."""

    def article_key(self, url: str, canonical_url: str) -> str:
        """Return the outlet's key of an article."""


@dataclass(slots=True)
class Recovery:
    """Completes an outlet's unfinished segments and makes state agree; without `decisions` it decides no page.

    It blocks, in the thread of the segments. `unread` is the number of pages on which our own code failed: they stay
    recorded only. `recovered` is the number of segments of killed runs.
    """

    state: State
    leases: Leases
    commits: Commits
    decisions: PageDecisions | None
    outlet: str
    is_stopping: Callable[[], bool] = lambda: False
    unread: int = 0
    recovered: int = 0

    def run(self, is_wanted: Callable[[Path], bool] = lambda path: True) -> None:
        """Complete the segments in the spool whose WARC file is wanted.

        Raises CloseSpider if the crawl is stopped, OSError, ValueError for a file that was moved, SQLAlchemyError.
        """
        left = []
        for segment in left_segments(self.commits.segments.spool, self.outlet, is_wanted):
            # All of them first: after an error, `Segments.leave` releases each one.
            self.commits.segments.adopt(segment.open())
            left.append(segment)
        pages, lost, decided = 0, 0, self.leases.decided(self.outlet)
        for segment in left:
            segment.decided = decided.get(segment.records.file, 0)
            lost += self._correct(segment)
            pages += self._decide_pages(segment)
            self.commits.segments.finish(segment.records.file)
        # With SEGMENT_HOURS, every run leaves a whole segment to the next one.
        torn = [one for one in left if one.decided < one.records.size]
        self.recovered = len(torn)
        if torn:
            logger.warning("recovered %s", self._summary(torn, pages, lost))

    def take_back(self) -> None:
        """Reopen what lost spools and disks had: their articles are requested again, their days are open again."""
        outlet, spool = self.outlet, self.commits.segments.spool
        gone = {one.file for one in self.leases.own(outlet) if not is_here(spool, one.file)}
        # Another process may have uploaded them meanwhile.
        lost = [*self.leases.lost(outlet), *(one for one in self.leases.own(outlet) if one.file in gone)]
        runs = {part.run for part in lost}
        for file in dict.fromkeys(part.file for part in lost):
            entries = [one for one in self.state.entries_in(file) if one.run in runs]
            self.state.take_back(entries)
            self.leases.forget(outlet, file)
            count = counted(len(entries), "article")
            logger.warning("%s was lost with its spool; %s will be refetched", stem_of(file), count)

    def _correct(self, segment: LeftSegment) -> int:
        """Take back the entries in state that a segment does not bear out; return how many lost their record."""
        ids = {row.id for row in segment.rows.values()}
        entries = [one for one in self.state.entries_in(segment.records.file) if one.run in segment.records.runs]
        wrong = [one for one in entries if not (segment.is_decided(one.record_id) or _is_borne_out(one, segment, ids))]
        self.state.take_back(wrong)
        self.state.forget_captures(self.outlet, segment.records.file, set(segment.records.places))
        # Another machine may have given it up, or state was made again.
        spooled = [self.commits.segments.spooled(segment.records.file, run) for run in segment.records.runs]
        self.state.recorded((), spooled=spooled)
        return sum(one.outcome in WITH_ROW and one.record_id not in segment.records.places for one in wrong)

    def _decide_pages(self, segment: LeftSegment) -> int:
        if self.decisions is None:
            return 0
        # `recorded-only` awaits an extraction.
        entries = self.state.entries_in(segment.records.file)
        pages, settled = 0, {one.record_id for one in entries if one.outcome != RECORDED_ONLY}
        new = [one for one in segment.records.candidates if one.offset >= segment.decided]
        waiting = [one for one in new if one.record_id not in settled]
        wanted = read_wanted(segment.records.wanted, self.decisions.zone)
        for start in range(0, len(waiting), BATCH):
            pages += self._extract(self.decisions, segment, waiting[start : start + BATCH], wanted)
            if self.is_stopping():
                raise CloseSpider("shutdown")
        return pages

    def _extract(
        self, decisions: PageDecisions, segment: LeftSegment, candidates: Iterable[Place], wanted: Wanted
    ) -> int:
        """Write the entries of rows that state does not know, and the verdicts on other pages; return their number."""
        run, pages, verdicts = segment.records.runs[-1], list[Page](), list[Verdict]()
        for candidate in candidates:
            stored = _read(segment, candidate)
            page = decisions.page(stored) if stored else None
            row = segment.rows.get(candidate.record_id)
            if page is not None and row is None:
                page.wanted = page.wanted or wanted
                pages.append(page)
            elif page is not None and row is not None:
                keys = {page.key or decisions.article_key(page.url, row.canonical_url), *page.aliases}
                facts = {"url": page.url, "outcome": ARTICLE, "scope": wanted.scope, "run": run, **row.facts}
                self.state.recorded(Seen(key=key, **facts) for key in keys)
        for page, verdict in zip(pages, decisions.verdicts(pages, wanted), strict=True):
            if isinstance(verdict, Exception):
                self.unread += 1
                logger.error("%s was not extracted: %s", page.url, name_of(verdict), exc_info=verdict)
                page.key = page.key or page.url
                verdicts.append(Verdict(page, RECORDED_ONLY))
            else:
                verdicts.append(verdict)
        self.commits.commit(verdicts, dead_run=run)
        for verdict in verdicts:
            if look := decisions.look_of(verdict, wanted):
                Looks(self.state.engine).begin(self.outlet, look, clock.now(), verdict.page.aliases)
        return len(pages)

    def _summary(self, left: list[LeftSegment], pages: int, lost: int) -> str:
        parts = [f"{counted(len(left), 'segment')} of dead crawls, {pages} pages"]
        if cut := sum(one.cut_bytes for one in left):
            parts.append(f"{cut} bytes of damaged records or rows are in {self.commits.segments.spool / 'tails'}")
        if lost:
            known = counted(lost, "article")
            parts.append(f"{known} known to state were not in the files; they will be refetched")
        return "; ".join(parts)


def _is_borne_out(entry: Seen, segment: LeftSegment, ids: set[str]) -> bool:
    has_row = entry.record_id in segment.rows or article_id(entry.outlet, entry.key) in ids
    return entry.record_id in segment.records.places and (entry.outcome != ARTICLE or has_row)


def _read(segment: LeftSegment, candidate: Place) -> StoredExchange | None:
    try:
        with segment.path.open("rb") as stream:
            stream.seek(candidate.offset)
            return read_exchange(stream, segment.records.file, candidate.offset)
    except DamagedRecord:
        return None
