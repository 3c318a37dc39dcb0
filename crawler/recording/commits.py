"""Commits: verdicts with durable records become rows, then entries in state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from crawler.model.article import Article, WarcPointer
from crawler.model.capture import Capture, Original
from crawler.model.listing import Verdict
from crawler.model.span import rfc3339
from crawler.recording.segments import Segments
from crawler.state import ARTICLE, Seen, State, Version
from crawler.state.store import numbering


class Commits:
    """Commits the verdicts of a crawl; `rows` and `unchanged` count the new rows and the articles without a change."""

    def __init__(self, segments: Segments, state: State, scope: str) -> None:
        self.rows = 0
        self.unchanged = 0
        self.segments = segments
        self._state = state
        self._scope = scope

    def commit(
        self,
        verdicts: Sequence[Verdict],
        files: Collection[str] = (),
        originals: Collection[Original] = (),
        dead_run: str | None = None,
    ) -> None:
        """Write the rows of verdicts, then state: also of `originals`, and of the WARC `files` that have new records.

        `dead_run` is the run that left the pages of the verdicts to recovery. Raises OSError, SQLAlchemyError.
        """
        segments, run = self.segments, dead_run or self.segments.run
        with numbering(self._state.engine, {verdict.page.outlet for verdict in verdicts}):
            ledger = CommitLedger(self._state, segments.spool_id, run, self._scope, dead_run is not None)
            seen = self._append_rows(verdicts, ledger)
            # Each time: another machine may have given the segments up while this one slept.
            spooled = [segments.spooled(file, run) for file in {*files, *map(_file_of, verdicts)}]
            if seen or spooled:
                self._state.recorded(seen, segments.outlet, originals, spooled)

    def _append_rows(self, verdicts: Sequence[Verdict], ledger: CommitLedger) -> list[Seen]:
        for verdict in verdicts:
            ledger.enter(verdict)
        for warc, lines in ledger.lines.items():
            self.segments.append_rows(warc, lines)
            self.rows += len(lines)
        self.unchanged += ledger.unchanged
        return list(ledger.seen.values())


def _file_of(verdict: Verdict) -> str:
    if verdict.page.capture is None:
        raise AssertionError(f"a verdict without its record: {verdict.page.url}")
    return verdict.page.capture.result(timeout=0).file


class CommitLedger:
    """The rows of one commit by WARC file, and its entries for state by outlet and key."""

    def __init__(self, state: State, spool: str, run: str, scope: str, is_recovery: bool) -> None:
        self.lines: dict[str, list[str]] = {}
        self.seen: dict[tuple[str, str], Seen] = {}
        self.unchanged = 0
        self._state = state
        self._spool = spool
        self._run = run
        self._scope = scope
        self._is_recovery = is_recovery

    def enter(self, verdict: Verdict) -> None:
        """Add a verdict with a durable record; its article becomes a row unless its text is unchanged."""
        page = verdict.page
        if page.capture is None or page.key is None:
            raise AssertionError(f"a verdict without its record or key: {page.url}")
        capture = page.capture.result(timeout=0)
        seen = self._seen(verdict, page.key, capture)
        if verdict.article is not None:
            if self._is_overtaken(verdict.article, capture, page.outlet, page.key):
                return
            seen = self._enter_article(verdict.article, capture, seen, verdict.earlier_digest)
        for key in {page.key, *page.aliases}:
            self.seen[page.outlet, key] = replace(seen, key=key)

    def _enter_article(self, article: Article, capture: Capture, seen: Seen, earlier_digest: str | None) -> Seen:
        last = self._last_version(seen.outlet, seen.key)
        if last.number and article.text_digest in (last.text_digest, earlier_digest):
            self.unchanged += 1
            if last.spool not in (None, self._spool):
                # Its only row may be lost with another spool.
                seen = replace(seen, file=last.file, offset=last.offset, record_id=last.record_id)
            return replace(seen, version=last.number, text_digest=article.text_digest, run=last.run)
        complete(article, capture, last.number + 1, last.text_digest)
        self.lines.setdefault(capture.file, []).append(article.as_line())
        return replace(seen, version=last.number + 1, text_digest=article.text_digest)

    def _is_overtaken(self, article: Article, capture: Capture, outlet: str, key: str) -> bool:
        """Return whether recovery read an early capture again, whose text must not become the newest version."""
        if not self._is_recovery:
            return False
        last = self._last_version(outlet, key)
        is_other = last.number > 0 and article.text_digest != last.text_digest
        return is_other and bool(last.fetched_at) and capture.date < datetime.fromisoformat(last.fetched_at)

    def _last_version(self, outlet: str, key: str) -> Version:
        earlier = self.seen.get((outlet, key))
        if earlier and earlier.version:
            return Version(earlier.version, earlier.text_digest, earlier.run, earlier.extractor, earlier.fetched_at)
        return self._state.last_version(outlet, key)

    def _seen(self, verdict: Verdict, key: str, capture: Capture) -> Seen:
        article = verdict.article
        return Seen(
            outlet=verdict.page.outlet,
            key=key,
            url=verdict.page.url,
            outcome=ARTICLE if article else verdict.outcome,
            scope=verdict.page.wanted.scope if verdict.page.wanted else self._scope,
            run=self._run,
            fetched_at=rfc3339(capture.date),
            file=capture.file,
            offset=capture.offset,
            record_id=capture.record_id,
            extractor=article.extractor.label if article and article.extractor else None,
        )


def complete(article: Article, capture: Capture, version: int, previous: str | None) -> None:
    """Set an article's pointer, time and version."""
    # A revisit has no content: the row was read from the record that it refers to.
    read = capture.original or capture
    article.warc = WarcPointer(read.file, read.offset, read.length, read.record_id, read.payload_digest)
    article.warnings = list(dict.fromkeys((*article.warnings, *capture.opt_outs)))
    article.fetched_at = capture.date
    article.version = version
    article.previous = previous
