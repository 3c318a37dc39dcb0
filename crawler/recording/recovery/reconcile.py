"""State and what dead runs left, made to agree: nothing counts as kept whose record or row is not there."""

from __future__ import annotations

from collections.abc import Collection

from crawler.items import article_id
from crawler.recording.files import started_of
from crawler.recording.recovery.remains import Remains
from crawler.state import ARTICLE, RECORDED_ONLY, Entry, State
from crawler.state.days import open_again

# What gives a row, now or when it is extracted.
WITH_ROW = {ARTICLE, RECORDED_ONLY}


def reconcile(state: State, remains: Remains, outlet: str) -> None:
    """Take back what state says of dead runs and the files do not bear out. Raises SQLAlchemyError."""
    rows = {row for left in remains.rows for row in left.kept}
    articles = {kept.id for left in remains.rows for kept in left.kept.values()}
    records = {warc.file: warc.records for warc in remains.warcs}
    # The rows of these are here, or nowhere: whoever captured one of their articles again relied on its row.
    brought_back = {claim.run for claim in remains.claims if claim.facts.get("brought_back")}
    for run in sorted(_runs(remains)):
        lost = []
        for entry in state.entries_of(run):
            found = records.get(entry.file or "")
            needs_row = run in brought_back and entry.outcome == ARTICLE
            if found is None and not needs_row and entry.file and remains.is_safe(entry.file):
                continue  # its run was closed, or its files went with another's: they stand as they are
            if not _is_borne_out(entry, rows, articles, found, needs_row):
                lost.append(entry)
        state.take_back(lost)
        if lost:
            # The page of a record that is there is extracted again.
            gone = [entry for entry in lost if entry.record_id not in records.get(entry.file or "", ())]
            remains.lost[run] = {entry.url for entry in gone if entry.outcome in WITH_ROW}
            open_again(state.engine, outlet, started_of(run))
    for warc in remains.warcs:
        # What a mended file holds lies elsewhere in it now.
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
