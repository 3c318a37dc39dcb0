"""From the spool to the archive: the files of closed runs go up in the order that keeps every pointer true."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.deployment import archive_of, spool_directory
from crawler.locks import push_lock
from crawler.recording.manifests import closed_runs
from crawler.storage import Storage, StorageError, sync_path, unwatched

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from crawler.state import State

# What has gone up and is kept here all the same lies below, by the day on which it went.
KEPT = "kept"


class Push:
    """Brings up what waits in this deployment's spool, an outlet at a time. Raises StorageError."""

    def __init__(self, settings: BaseSettings, state: State) -> None:
        self.spool = spool_directory(settings)
        self.storage = archive_of(settings)
        self._state = state
        self._keep_days = settings.getint("SPOOL_KEEP_DAYS")

    def bring_up(self, outlet: str, sent: Callable[[int], object] = unwatched) -> int:
        """Put an outlet's files into the archive; return how many. Raises StorageError, OSError, SQLAlchemyError."""
        count = push(self.spool, self.storage, outlet, self._state.archived, self._keep_days, sent)
        forget_kept(self.spool, self._keep_days)
        return count

    def waiting(self, outlets: Iterable[str]) -> dict[str, int]:
        """Return by outlet how many bytes wait, as far as what waits can be read. Raises OSError."""
        found = dict.fromkeys(outlets, 0)
        for outlet in found:
            # Of a damaged manifest is told when its files are to go up; another process may bring some up just now.
            with suppress(StorageError, FileNotFoundError):
                found[outlet] = sum(path.stat().st_size for path in finished_files(self.spool, outlet))
        return found


def push(
    spool: Path,
    storage: Storage,
    outlet: str,
    archived: Callable[[str], None],
    keep_days: int = 0,
    sent: Callable[[int], object] = unwatched,
) -> int:
    """Put the files of an outlet's closed runs into the archive and remove them here; return how many.

    `archived` is called with each key after it was verified there and before the spool copy goes, which stays for
    `keep_days` elsewhere in the spool; `sent` with numbers of bytes as they arrive. Raises StorageError
    (StoreUnreachable among them) with the remaining files still in the spool.
    """
    with push_lock(spool, outlet):
        files = list(finished_files(spool, outlet))
        for path in files:
            key = path.relative_to(spool).as_posix()
            storage.put(path, key, sent)
            archived(key)
            _leave(spool, path, keep_days)
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


def waiting_outlets(spool: Path) -> list[str]:
    """Return whose closed runs wait in a spool."""
    reports = (path for kind in ("manifest", "runs") for path in (spool / kind).rglob("khobor-*-*.json"))
    return sorted({path.name.split("-")[1] for path in reports})


def forget_kept(spool: Path, keep_days: int) -> None:
    """Remove what went up longer ago than it is kept. Raises OSError."""
    first = datetime.now(UTC).date() - timedelta(days=keep_days)
    for folder in (spool / KEPT).glob("????-??-??"):
        if date.fromisoformat(folder.name) < first:
            shutil.rmtree(folder, ignore_errors=True)


def _leave(spool: Path, path: Path, keep_days: int) -> None:
    """Take a file out of what waits: a copy of it is in the archive."""
    if not keep_days:
        path.unlink()
        return
    target = spool / KEPT / f"{datetime.now(UTC):%Y-%m-%d}" / path.relative_to(spool)
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)
    sync_path(path.parent)
