"""From the spool to the archive: finished files go up in the order that keeps every pointer true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from crawler.locks import push_lock
from crawler.recording.warc import OPEN
from crawler.storage import Storage

# A row is never there before its record, a manifest never before its files.
KINDS = ("warc", "index", "articles", "runs", "manifest")


def push(spool: Path, storage: Storage, outlet: str, archived: Callable[[str], None]) -> int:
    """Put an outlet's finished files into the archive and remove them here; return how many.

    `archived` is called with each key after it was verified there and before the spool copy goes. Raises
    StorageError (StoreUnreachable among them) with the remaining files still in the spool.
    """
    with push_lock(spool, outlet):
        files = list(finished_files(spool, outlet))
        for path in files:
            key = path.relative_to(spool).as_posix()
            storage.put(path, key)
            archived(key)
            path.unlink()
    return len(files)


def finished_files(spool: Path, outlet: str) -> Iterator[Path]:
    """Yield an outlet's finished files in the order of their going up."""
    # Looked for from the last kind to the first: while another run finishes, whatever is found among the later
    # kinds has what it points at among the earlier ones.
    found = {
        kind: sorted(
            path for path in (spool / kind).rglob(f"khobor-{outlet}-*") if path.is_file() and path.suffix != OPEN
        )
        for kind in reversed(KINDS)
    }
    for kind in KINDS:
        yield from found[kind]
