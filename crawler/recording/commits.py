"""Commits: verdicts with durable records become rows, then entries in state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from crawler.model.article import Article, WarcPointer
from crawler.model.capture import Capture, Original
from crawler.model.listing import Verdict
from crawler.model.span import rfc3339
from crawler.recording.segments import Segments
from crawler.state import ARTICLE, Seen, State
from crawler.state.archived import ArchiveFacts
from crawler.state.store import numbering


@dataclass(slots=True)
class Batch:
    """What one commit writes: rows by WARC file, and entries for state by outlet and key.

    `dead_run` is the run that left the pages to recovery, `known` what state knew of the articles before.
    """

    dead_run: str | None
    files: set[str]
    lines: dict[str, list[str]] = field(default_factory=dict)
    seen: dict[tuple[str, str], Seen] = field(default_factory=dict)
    known: dict[tuple[str, str], Seen] = field(default_factory=dict)


class Commits:
    """Commits the verdicts of a crawl; `rows` and `unchanged` count the new rows and the articles without a change."""

    def __init__(self, segments: Segments, state: State, scope: str) -> None:
        self.rows = 0
        self.unchanged = 0
        self.segments = segments
        segments.chain_ends = ArchiveFacts(state.engine).chain_ends
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
        batch = Batch(dead_run, set(files))
        with numbering(self._state.engine, {verdict.page.outlet for verdict in verdicts}):
            batch.known = self._known(verdicts)
            for verdict in verdicts:
                self._enter(verdict, batch)
            for warc, lines in batch.lines.items():
                self.segments.append_rows(warc, lines)
                self.rows += len(lines)
            # Each time: another machine may have given the segments up while this one slept.
            spooled = [self.segments.spooled(file, dead_run) for file in batch.files]
            if batch.seen or spooled:
                self._state.recorded(batch.seen.values(), originals, spooled)

    def _enter(self, verdict: Verdict, batch: Batch) -> None:
        """Add a verdict with a durable record; its article becomes a row unless its text is unchanged."""
        page, article = verdict.page, verdict.article
        if page.capture is None or page.key is None:
            raise AssertionError(f"a verdict without its record or key: {page.url}")
        capture = page.capture.result(timeout=0)
        batch.files.add(capture.file)
        seen = self._seen(verdict, page.key, capture, batch.dead_run or self.segments.run)
        if article is not None:
            last = self._last(seen, batch)
            if batch.dead_run and last and _is_overtaken(article, capture, last):
                return
            if last and last.version and article.text_digest in (last.text_digest, verdict.earlier_digest):
                seen = self._unchanged(seen, last)
            else:
                complete(article, capture, last.version + 1 if last else 1, last.text_digest if last else None)
                batch.lines.setdefault(capture.file, []).append(article.as_line())
                seen = replace(seen, version=article.version)
            seen = replace(seen, text_digest=article.text_digest)
        for key in {page.key, *page.aliases}:
            batch.seen[page.outlet, key] = replace(seen, key=key)

    def _unchanged(self, seen: Seen, last: Seen) -> Seen:
        self.unchanged += 1
        if self._state.spool_of(last.file) not in (None, self.segments.spool_id):
            # Its only row may be lost with another spool.
            seen = replace(seen, file=last.file, offset=last.offset, record_id=last.record_id)
        return replace(seen, version=last.version, run=last.run)

    def _known(self, verdicts: Sequence[Verdict]) -> dict[tuple[str, str], Seen]:
        keys: dict[str, set[str]] = {}
        for verdict in verdicts:
            if verdict.article is not None and verdict.page.key is not None:
                keys.setdefault(verdict.page.outlet, set()).add(verdict.page.key)
        entries = (entry for outlet, wanted in keys.items() for entry in self._state.entries(outlet, sorted(wanted)))
        return {(entry.outlet, entry.key): entry for entry in entries}

    def _last(self, seen: Seen, batch: Batch) -> Seen | None:
        """Return the entry with the article's last version."""
        earlier = batch.seen.get((seen.outlet, seen.key))
        return earlier if earlier and earlier.version else batch.known.get((seen.outlet, seen.key))

    def _seen(self, verdict: Verdict, key: str, capture: Capture, run: str) -> Seen:
        article = verdict.article
        return Seen(
            outlet=verdict.page.outlet,
            key=key,
            url=verdict.page.url,
            outcome=ARTICLE if article else verdict.outcome,
            scope=verdict.page.wanted.scope if verdict.page.wanted else self._scope,
            run=run,
            fetched_at=rfc3339(capture.date),
            file=capture.file,
            offset=capture.offset,
            record_id=capture.record_id,
            extractor=article.extractor.label if article and article.extractor else None,
        )


def _is_overtaken(article: Article, capture: Capture, last: Seen) -> bool:
    """Return whether recovery read an early capture again, whose text must not become the newest version."""
    is_other = last.version > 0 and article.text_digest != last.text_digest
    return is_other and capture.date < datetime.fromisoformat(last.fetched_at)


def complete(article: Article, capture: Capture, version: int, previous: str | None) -> None:
    """Set an article's pointer, time and version."""
    # A revisit has no content: the row was read from the record that it refers to.
    read = capture.original or capture
    article.warc = WarcPointer(read.file, read.offset, read.length, read.record_id, read.payload_digest)
    article.warnings = list(dict.fromkeys((*article.warnings, *capture.opt_outs)))
    article.fetched_at = capture.date
    article.version = version
    article.previous = previous
