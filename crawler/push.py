"""From the spool to the archive: the files of closed runs go up in the order that keeps every pointer true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from crawler.locks import push_lock
from crawler.recording.manifests import closed_runs
from crawler.storage import Storage, StorageError


def push(spool: Path, storage: Storage, outlet: str, archived: Callable[[str], None]) -> int:
    """Put the files of an outlet's closed runs into the archive and remove them here; return how many.

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
    """Yield the files of an outlet's closed runs in the order of their going up: run by run, manifest last."""
    try:
        for report, files in closed_runs(spool, outlet):
            # What an earlier push brought up before it was cut off is no longer here.
            yield from (path for file in files if (path := spool / file).exists())
            yield report
    except (ValueError, KeyError) as error:
        raise StorageError(f"a manifest or run file in {spool} can't be read: {error}") from error
