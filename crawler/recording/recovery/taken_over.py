"""Closed runs in this spool that another spool took over: recovery gets them instead of the archive."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from crawler.archive.documents import parsed
from crawler.archive.manifests import Named, closed_by, closed_runs
from crawler.archive.names import OPEN
from crawler.archive.storage.base import Storage
from crawler.recording.claims import claim_again, is_living
from crawler.recording.recovery.copies import read
from crawler.recording.recovery.tails import keep_whole
from crawler.state.custody import Custody
from crawler.system.files import digest_of, sync_path
from crawler.system.locks import push_lock

logger = logging.getLogger(__name__)
PAST = datetime.min.replace(tzinfo=UTC)


def taken_until(
    custody: Custody, storage: Storage, spool: Path, report: Path, named: Collection[Named]
) -> datetime | None:
    """Return until when another spool has the lease of what a report closes; None for this spool's.

    The moment is past if the other spool is silent or done. Raises StorageError, OSError, SQLAlchemyError.
    """
    if _is_opened_again(spool, report):
        return PAST
    holders = custody.holders(closed_by(report, named))
    theirs = [until for holder, until in holders.values() if holder != custody.spool]
    if theirs:
        return max(theirs)
    unknown = [(key, sha256) for key, sha256 in _run_files(spool, report, named) if Path(key).stem not in holders]
    return PAST if any(_is_closed_elsewhere(storage, *one) for one in unknown) else None


def give_up(custody: Custody, storage: Storage, spool: Path, outlet: str) -> None:
    """Reopen an outlet's closed runs that another spool took over and no longer has.

    An interruption does no harm. Raises Locked, StorageError, OSError, SQLAlchemyError, ValueError for a damaged
    report.
    """
    if next(_given_up(custody, storage, spool, outlet), None) is None:
        return
    with push_lock(spool, outlet):
        for report, named in list(_given_up(custody, storage, spool, outlet)):
            logger.warning("%s was taken over by another machine; recovering its local files", report.stem)
            _drop_rows(storage, spool, named)
            _open_again(spool, outlet, report, closed_by(report, named))


def _given_up(custody: Custody, storage: Storage, spool: Path, outlet: str) -> Iterator[tuple[Path, list[Named]]]:
    for report, named in closed_runs(spool, outlet):
        # Another process may upload it at this moment.
        with suppress(FileNotFoundError):
            until = taken_until(custody, storage, spool, report, named)
            is_over = until is not None and until <= datetime.now(UTC)
            if is_over and not any(is_living(spool, run) for run in closed_by(report, named)):
                yield report, named


def _drop_rows(storage: Storage, spool: Path, named: Collection[Named]) -> None:
    """Remove row files that the archive has: a recovered one with fewer rows could not replace them."""
    for one in named:
        path = spool / one.file
        if one.file.startswith("articles/") and path.exists():
            kept = read(storage, one.file)
            if kept is not None and hashlib.sha256(kept).hexdigest() == one.sha256:
                path.unlink()


def _open_again(spool: Path, outlet: str, report: Path, runs: Collection[str]) -> None:
    """Turn run files into claims, and hold these until the manifest is gone."""
    claims = []
    try:
        for path in sorted((spool / "runs").rglob(f"khobor-{outlet}-*.json")):
            if path.stem in runs:
                keep_whole(spool, path)
                claims.append(claim_again(path))
        if report.exists():
            keep_whole(spool, report)
            report.unlink()
            sync_path(report.parent)
    finally:
        for claim in claims:
            os.close(claim)


def _is_opened_again(spool: Path, report: Path) -> bool:
    """Return whether the run file of a manifest is a claim that names the finished files."""
    final = spool.joinpath("runs", *report.relative_to(spool).parts[1:])
    claim = final.with_name(final.name + OPEN)
    if final.exists():
        return False
    try:
        return "files" in parsed(claim.read_bytes())
    except (FileNotFoundError, ValueError, TypeError):
        return False  # no claim, or one whose process was killed while writing it


def _run_files(spool: Path, report: Path, named: Collection[Named]) -> Iterator[tuple[str, str]]:
    """Yield the key and SHA-256 of the run files of what is closed."""
    yield from ((one.file, one.sha256) for one in named if one.file.startswith("runs/"))
    if not named:
        yield report.relative_to(spool).as_posix(), digest_of(report)


def _is_closed_elsewhere(storage: Storage, key: str, sha256: str) -> bool:
    """Return whether the archive has the run file of another spool that recovered the run."""
    kept = read(storage, key)
    if kept is None or hashlib.sha256(kept).hexdigest() == sha256:
        return False
    try:
        return "recovered_by" in parsed(kept)
    except (ValueError, TypeError):
        return False
