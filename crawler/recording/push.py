"""From the spool to the archive: the files of closed runs go up in the order that keeps every pointer true."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import wait
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from crawler.archive.manifests import Named, closed_by, closed_runs
from crawler.archive.storage.base import Storage, StorageError, StoreUnreachable, unwatched
from crawler.model.span import rfc3339
from crawler.recording.archive_identity import claim
from crawler.recording.claims import RENEWALS, run_path
from crawler.recording.recovery.taken_over import taken_until
from crawler.state import State
from crawler.state.custody import Custody
from crawler.system.files import digest_of, sync_path
from crawler.system.locks import Locked, push_lock
from crawler.system.processes import in_background

# What has gone up and is kept here all the same lies below, by the day on which it went.
KEPT = "kept"

# So many runs are named in one line.
NAMED = 3


class Ledger(Protocol):
    """What is told, durably, of what has gone up."""

    def archived(self, file: str) -> None:
        """Hear that a file is verified in the archive; its copy here goes next."""

    def confirm(self, runs: Collection[str]) -> None:
        """Hear that runs are wholly there."""

    def taken_until(self, report: Path, named: Collection[Named]) -> datetime | None:
        """Tell until when what a manifest or run file closes is another spool's; None when it may go up."""


class Push:
    """Brings up what waits in this deployment's spool, an outlet at a time. Raises StorageError.

    `patience` is for how many seconds another process is waited for that brings up the same outlet's files.
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
        """Put an outlet's files into the archive; return how many.

        Raises Locked, StorageError, OSError, SQLAlchemyError.
        """
        if any(finished_files(self.spool, outlet)):
            # One that is silent would be waited for at each request, and each file.
            self.storage.check()
            claim(self.storage, self._state)
        count = push(self.spool, self.storage, outlet, self, self.keep_days, self._renewing(sent), self._patience)
        forget_kept(self.spool, self.keep_days)
        return count

    def archived(self, file: str) -> None:
        """Tell state of a file."""
        self._state.archived(file)

    def confirm(self, runs: Collection[str]) -> None:
        """Tell state of runs."""
        self._custody.confirm(runs)

    def taken_until(self, report: Path, named: Collection[Named]) -> datetime | None:
        """Ask state, and the archive about what state does not know."""
        return taken_until(self._custody, self.storage, self.spool, report, named)

    def _renewing(self, sent: Callable[[int], object]) -> Callable[[int], object]:
        """Renew the lease of what stands here, now and as bytes arrive: nobody takes over what is on its way."""
        renewed, pause = time.monotonic(), self._custody.lease.total_seconds() / RENEWALS
        self._custody.renew()

        def renewing(count: int) -> None:
            nonlocal renewed
            if time.monotonic() >= renewed + pause:
                renewed = time.monotonic()
                # State may be away for a while: whether all is this spool's still is asked before the next file.
                with suppress(SQLAlchemyError):
                    self._custody.renew()
            sent(count)

        return renewing

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
    ledger: Ledger,
    keep_days: int = 0,
    sent: Callable[[int], object] = unwatched,
    patience: float = 0.0,
) -> int:
    """Put the files of an outlet's closed runs into the archive and remove them here; return how many.

    The spool copies stay for `keep_days` elsewhere in the spool; `sent` is called with numbers of bytes as they arrive.
    Raises StorageError (StoreUnreachable among them) with the remaining files still in the spool, and Locked when
    another process still brings the outlet's files up after `patience` seconds, or, at the end, for runs that are
    another spool's.
    """
    count, taken = 0, {}
    with push_lock(spool, outlet, patience):
        for report, named in _closed(spool, outlet):
            files = [(one.file, one.sha256) for one in named]
            for key, sha256 in (*files, (report.relative_to(spool).as_posix(), digest_of(report))):
                # Before each file: another spool may have taken the run over while the one before went up.
                if (until := ledger.taken_until(report, named)) is not None:
                    taken[report.stem] = until
                    break
                count += _bring_up(spool, storage, ledger, key, sha256, keep_days, sent)
            else:
                # A recovered one whose run file is yet to go up is confirmed with that: it tells others of it.
                ledger.confirm({run for run in closed_by(report, named) if not _waits(spool, run)})
    if taken:
        raise Locked(_told(taken))
    return count


def _waits(spool: Path, run: str) -> bool:
    """Tell whether the file of a run is here."""
    with suppress(ValueError):
        return run_path(spool, run).with_suffix("").exists()
    return False


def _told(taken: Mapping[str, datetime]) -> str:
    until, what = max(taken.values()), "other spools', as when a machine took them over or spool/identity was removed"
    runs = ", ".join(list(taken)[:NAMED]) + (f" and {len(taken) - NAMED} more" if len(taken) > NAMED else "")
    after = f" after {rfc3339(until)}" if until > datetime.now(UTC) else ""
    return f"{runs}: {what}; a crawl of the outlet{after} recovers what is here of them"


def _bring_up(
    spool: Path,
    storage: Storage,
    ledger: Ledger,
    key: str,
    sha256: str,
    keep_days: int,
    sent: Callable[[int], object],
) -> bool:
    """Put a file into the archive unless it went up before; return whether it was still here."""
    path = spool / key
    try:
        if is_here := path.exists():
            storage.put(path, key, sent, sha256)
    except FileNotFoundError:
        # The run whose file it is may have brought it up meanwhile, beside its crawl.
        if is_here := path.exists():
            raise
    if not is_here:
        check_there(storage, key)
    ledger.archived(key)
    if is_here:
        leave(spool, path, keep_days)
    return is_here


def check_there(storage: Storage, key: str) -> None:
    """Raise StorageError when a file that a manifest is to name is neither here nor in the archive."""
    try:
        storage.head(key)
    except FileNotFoundError as error:
        raise StorageError(f"{key} is gone: neither the spool nor {storage.url} has it") from error


def _closed(spool: Path, outlet: str) -> Iterator[tuple[Path, list[Named]]]:
    try:
        yield from closed_runs(spool, outlet)
    except ValueError as error:
        raise StorageError(f"a manifest or run file in {spool} can't be read: {error}") from error


def finished_files(spool: Path, outlet: str) -> Iterator[Path]:
    """Yield the files of an outlet's closed runs that are here, in the order of their going up."""
    for report, named in _closed(spool, outlet):
        # What has gone up early, or in a push that was cut off, is no longer here.
        yield from (path for one in named if (path := spool / one.file).exists())
        yield report


def gives_answer(storage: Storage, seconds: float) -> bool:
    """Tell whether a store gives an answer within so many seconds, whatever it is."""
    answer = in_background("khobor-reach", storage.check)
    return bool(wait([answer], seconds).done) and not isinstance(answer.exception(), StoreUnreachable)


def waiting_outlets(spool: Path) -> list[str]:
    """Return whose closed runs wait in a spool."""
    reports = (path for kind in ("manifest", "runs") for path in (spool / kind).rglob("khobor-*-*.json"))
    return sorted({path.name.split("-")[1] for path in reports})


def forget_kept(spool: Path, keep_days: int) -> None:
    """Remove what went up longer ago than it is kept. Raises OSError."""
    first = datetime.now(UTC).date() - timedelta(days=keep_days)
    for folder in (spool / KEPT).glob("????-??-??"):
        # What else somebody put there is none of ours.
        with suppress(ValueError):
            if date.fromisoformat(folder.name) < first:
                shutil.rmtree(folder, ignore_errors=True)


def leave(spool: Path, path: Path, keep_days: int) -> None:
    """Take a file out of what waits, unless another process has: a copy of it is in the archive."""
    if not keep_days:
        path.unlink(missing_ok=True)
        return
    target = spool / KEPT / f"{datetime.now(UTC):%Y-%m-%d}" / path.relative_to(spool)
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        path.replace(target)
    sync_path(path.parent)
