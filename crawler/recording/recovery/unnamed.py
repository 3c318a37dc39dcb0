"""WARC files that went up beside a crawl and were named by nobody: an index that stayed in the spool tells of them."""

from __future__ import annotations

from pathlib import Path

from crawler.recording.manifests import closed_runs
from crawler.recording.warc import OPEN
from crawler.storage import Storage
from crawler.verification.names import warc_of


def unnamed_warcs(spool: Path, storage: Storage, outlet: str) -> list[str]:
    """Return the WARCs of an outlet whose indexes are here alone, neither named by a manifest nor in the archive.

    Raises StorageError, OSError, ValueError for a manifest that is damaged.
    """
    indexes = [path.relative_to(spool).as_posix() for path in (spool / "index" / outlet).rglob("khobor-*.cdxj")]
    named = {one.file for _, named in closed_runs(spool, outlet) for one in named}
    return [
        warc
        for index, warc in ((index, warc_of(index)) for index in sorted(indexes))
        if not (index in named or _is_here(spool, warc) or _is_archived(storage, index))
    ]


def _is_here(spool: Path, warc: str) -> bool:
    return any((spool / file).exists() for file in (warc + OPEN, warc))


def _is_archived(storage: Storage, file: str) -> bool:
    try:
        return storage.head(file) > 0
    except FileNotFoundError:
        return False
