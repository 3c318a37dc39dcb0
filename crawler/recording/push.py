"""Uploads from the spool to the archive, in the order that keeps every pointer valid."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import wait
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from crawler.archive.manifests import Named, closed_by, closed_runs
from crawler.archive.storage.base import Storage, StorageError, StoreUnreachable, unwatched
from crawler.model.span import rfc3339
from crawler.recording.archive_identity import claim
from crawler.recording.claims import RENEWALS, run_path
from crawler.recording.recovery.copies import size_of
from crawler.recording.recovery.taken_over import taken_until
from crawler.state import State
from crawler.state.custody import Custody
from crawler.system.files import digest_of, sync_path
from crawler.system.locks import Locked, push_lock
from crawler.system.processes import in_background

# The folder of uploaded files that SPOOL_KEEP_DAYS keeps, by day.
KEPT = "kept"

# Runs named in one message.
NAMED = 3


class Push:
    """Uploads the files that wait in this deployment's spool, an outlet at a time. Raises StorageError.

    Spool copies stay in `kept/` for `keep_days`. `patience` is how many seconds to wait for another process with files
    of the same outlet.
    """

    def __init__(
        self, spool: Path, storage: Storage, state: State, custody: Custody, keep_days: int, patience: float = 0.0
    ) -> None:
        self.spool = spool
        self.storage = storage
        self.keep_days = keep_days
        self._state = state
        self._custody = custody
        self._patience = patience

    def bring_up(self, outlet: str, sent: Callable[[int], object] = unwatched) -> int:
        """Upload the files of an outlet's closed runs and remove them here; return how many.

        `sent` is called with numbers of bytes as they arrive. Raises StorageError, OSError, SQLAlchemyError, and Locked
        if another process still uploads the outlet's files, or, at the end, for runs of other spools.
        """
        if any(finished_files(self.spool, outlet)):
            # A silent store would time out for each file.
            self.storage.check()
            claim(self.storage, self._state)
        count, taken, sent = 0, {}, self._renewing(sent)
        with push_lock(self.spool, outlet, self._patience):
            for report, named in _closed(self.spool, outlet):
                files = [(one.file, one.sha256) for one in named]
                for key, sha256 in (*files, (report.relative_to(self.spool).as_posix(), digest_of(report))):
                    # Another spool may have taken the run over during the last upload.
                    until = taken_until(self._custody, self.storage, self.spool, report, named)
                    if until is not None:
                        taken[report.stem] = until
                        break
                    count += self._bring_up_file(key, sha256, sent)
                else:
                    # A recovered run is confirmed once its run file, which names the recovery, is uploaded.
                    runs = closed_by(report, named)
                    self._custody.confirm({run for run in runs if not _waits(self.spool, run)})
        if taken:
            raise Locked(_reason(taken))
        forget_kept(self.spool, self.keep_days)
        return count

    def _bring_up_file(self, key: str, sha256: str, sent: Callable[[int], object]) -> bool:
        """Upload a file unless that was done before; return whether it was still here."""
        path = self.spool / key
        try:
            if is_here := path.exists():
                self.storage.put(path, key, sent, sha256)
        except FileNotFoundError:
            # A running crawl may have uploaded it meanwhile.
            if is_here := path.exists():
                raise
        if not is_here and size_of(self.storage, key) is None:
            raise StorageError(f"{key} is gone: neither the spool nor {self.storage.url} has it")
        self._state.archived(key)
        if is_here:
            leave(self.spool, path, self.keep_days)
        return is_here

    def _renewing(self, sent: Callable[[int], object]) -> Callable[[int], object]:
        """Renew the leases of this spool, now and as bytes arrive, so that nobody takes over a run on its way."""
        renewed, pause = time.monotonic(), self._custody.lease.total_seconds() / RENEWALS
        self._custody.renew()

        def renewing(count: int) -> None:
            nonlocal renewed
            if time.monotonic() >= renewed + pause:
                renewed = time.monotonic()
                # State may be away for a while; `taken_until` checks the lease before the next file.
                with suppress(SQLAlchemyError):
                    self._custody.renew()
            sent(count)

        return renewing

    def waiting(self, outlets: Iterable[str]) -> dict[str, int]:
        """Return by outlet how many readable bytes wait. Raises OSError."""
        found = dict.fromkeys(outlets, 0)
        for outlet in found:
            # The push reports damaged manifests; another process may upload files at this moment.
            with suppress(StorageError, FileNotFoundError):
                found[outlet] = sum(path.stat().st_size for path in finished_files(self.spool, outlet))
        return found


def _waits(spool: Path, run: str) -> bool:
    with suppress(ValueError):
        return run_path(spool, run).with_suffix("").exists()
    return False


def _reason(taken: Mapping[str, datetime]) -> str:
    until = max(taken.values())
    runs = ", ".join(list(taken)[:NAMED]) + (f" and {len(taken) - NAMED} more" if len(taken) > NAMED else "")
    after = f" after {rfc3339(until)}" if until > datetime.now(UTC) else ""
    return (
        f"{runs}: taken over by another machine, or spool/identity was removed; "
        f"a crawl of the outlet{after} recovers the local files"
    )


def _closed(spool: Path, outlet: str) -> Iterator[tuple[Path, list[Named]]]:
    try:
        yield from closed_runs(spool, outlet)
    except ValueError as error:
        raise StorageError(f"a manifest or run file in {spool} can't be read: {error}") from error


def finished_files(spool: Path, outlet: str) -> Iterator[Path]:
    """Yield the files of an outlet's closed runs that are here, in the order of upload."""
    for report, named in _closed(spool, outlet):
        # Files uploaded early, or by an interrupted push, are no longer here.
        yield from (path for one in named if (path := spool / one.file).exists())
        yield report


def gives_answer(storage: Storage, seconds: float) -> bool:
    """Return whether a store responds within a number of seconds, with any answer."""
    answer = in_background("khobor-reach", storage.check)
    return bool(wait([answer], seconds).done) and not isinstance(answer.exception(), StoreUnreachable)


def waiting_outlets(spool: Path) -> list[str]:
    reports = (path for kind in ("manifest", "runs") for path in (spool / kind).rglob("khobor-*-*.json"))
    return sorted({path.name.split("-")[1] for path in reports})


def forget_kept(spool: Path, keep_days: int) -> None:
    """Remove kept files that are too old. Raises OSError."""
    first = datetime.now(UTC).date() - timedelta(days=keep_days)
    for folder in (spool / KEPT).glob("????-??-??"):
        # Other folders are not ours.
        with suppress(ValueError):
            if date.fromisoformat(folder.name) < first:
                shutil.rmtree(folder, ignore_errors=True)


def leave(spool: Path, path: Path, keep_days: int) -> None:
    """Move an archived file out of the waiting ones, unless another process did."""
    if not keep_days:
        path.unlink(missing_ok=True)
        return
    target = spool / KEPT / f"{datetime.now(UTC):%Y-%m-%d}" / path.relative_to(spool)
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        path.replace(target)
    sync_path(path.parent)
