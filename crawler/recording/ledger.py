"""The verdicts of one commit: which rows they give, in which version, and what state learns of them."""

from __future__ import annotations

from dataclasses import replace

from crawler.items import Article, Verdict, WarcPointer, rfc3339
from crawler.recording.exchange import Capture
from crawler.state import ARTICLE, Seen, State, Version


class Ledger:
    """Collects lines by month of capture (`2026-11`) and what was seen by (outlet, key)."""

    def __init__(self, state: State, run: str, scope: str) -> None:
        self.lines: dict[str, list[str]] = {}
        self.seen: dict[tuple[str, str], Seen] = {}
        self.unchanged = 0
        self._state = state
        self._run = run
        self._scope = scope

    def enter(self, verdict: Verdict) -> None:
        """Take a verdict whose record is durable; its article becomes a row unless it reads as before."""
        page = verdict.page
        if page.capture is None or page.key is None:
            raise AssertionError(f"a verdict without its record or key: {page.url}")
        capture = page.capture.result(timeout=0)
        seen = self._seen(verdict, page.key, capture)
        if verdict.article is not None:
            seen = self._enter_article(verdict.article, capture, seen, verdict.earlier_digest)
        for key in {page.key, *page.aliases}:
            self.seen[page.outlet, key] = replace(seen, key=key)

    def _enter_article(self, article: Article, capture: Capture, seen: Seen, earlier_digest: str | None) -> Seen:
        last = self._last_version(seen.outlet, seen.key)
        if last.number and article.text_digest in (last.text_digest, earlier_digest):
            self.unchanged += 1
            return replace(seen, version=last.number, text_digest=article.text_digest, run=last.run)
        complete(article, capture, last.number + 1, last.text_digest)
        self.lines.setdefault(f"{capture.date:%Y-%m}", []).append(article.as_line())
        return replace(seen, version=last.number + 1, text_digest=article.text_digest)

    def _last_version(self, outlet: str, key: str) -> Version:
        earlier = self.seen.get((outlet, key))
        if earlier and earlier.version:
            return Version(earlier.version, earlier.text_digest, earlier.run, earlier.extractor)
        return self._state.last_version(outlet, key)

    def _seen(self, verdict: Verdict, key: str, capture: Capture) -> Seen:
        article = verdict.article
        return Seen(
            outlet=verdict.page.outlet,
            key=key,
            url=verdict.page.url,
            outcome=ARTICLE if article else verdict.outcome,
            scope=verdict.page.selection.scope if verdict.page.selection else self._scope,
            run=self._run,
            fetched_at=rfc3339(capture.date),
            file=capture.file,
            offset=capture.offset,
            record_id=capture.record_id,
            extractor=article.extractor.version if article and article.extractor else None,
        )


def complete(article: Article, capture: Capture, version: int, previous: str | None) -> None:
    """Give an article what is known once its record is durable: pointer, moment and version."""
    # A revisit has no content of its own: the row was read from the record that it refers to.
    read = capture.original or capture
    article.warc = WarcPointer(read.file, read.offset, read.length, read.record_id, read.payload_digest)
    article.warnings = list(dict.fromkeys((*article.warnings, *capture.opt_outs)))
    article.fetched_at = capture.date
    article.version = version
    article.previous = previous
