"""Uploads of finished segments from the spool to the archive: their files, and the manifest last."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import wait
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from pathlib import Path

from crawler.archive.manifests import Named, SegmentFiles, finished_segments, read_segment
from crawler.archive.names import warc_of
from crawler.archive.storage.base import Storage, StorageError, StoreUnreachable, failing, unwatched
from crawler.recording.archive_identity import claim
from crawler.state import SpooledSegment, State
from crawler.state.archived import ArchiveFacts
from crawler.state.leases import Lease, Leases
from crawler.system import clock
from crawler.system.files import digest_of, sync_path
from crawler.system.locks import push_lock
from crawler.system.processes import in_background

# The folder of uploaded files that SPOOL_KEEP_DAYS keeps, by day.
KEPT = "kept"


@dataclass(slots=True)
class Push:
    """Uploads the finished segments and run files in this deployment's spool. Raises StorageError.

    Spool copies stay in `kept/` for `keep_days`. `patience` is how many seconds to wait for another process with files
    of the same outlet.
    """

    spool: Path
    storage: Storage
    state: State
    leases: Leases
    keep_days: int
    patience: float = 0.0

    def bring_up(self, outlet: str, sent: Callable[[int], object] = unwatched) -> int:
        """Upload an outlet's finished segments and run files, and remove them here; return how many files.

        `sent` is called with numbers of bytes as they arrive. Raises StorageError, OSError, SQLAlchemyError, and Locked
        if another process still uploads the outlet's files.
        """
        count = 0
        with closing(Lease(self.leases)), push_lock(self.spool, outlet, self.patience):
            if any(finished_files(self.spool, outlet)):
                # A silent store would time out for each file.
                self.storage.check()
                self._note_segments(outlet)
                claim(self.storage, ArchiveFacts(self.state.engine), outlet)
            for manifest in finished_segments(self.spool, outlet):
                count += self._bring_up_segment(manifest, sent)
            for report in _run_files(self.spool, outlet):
                with failing(f"{report} can't be read"):
                    digest = digest_of(report)
                count += self._bring_up_file(_key(self.spool, report), digest, sent)
                leave(self.spool, report, self.keep_days)
        forget_kept(self.spool, self.keep_days)
        return count

    def _note_segments(self, outlet: str) -> None:
        """Let state know the segments again that another machine has given up: they may be in the archive by now."""
        # The upload names a damaged manifest.
        with suppress(StorageError):
            for manifest in finished_segments(self.spool, outlet):
                warc, runs = warc_of(manifest.name), _read_segment(manifest).runs
                spooled = [SpooledSegment(warc, outlet, run, self.leases.spool) for run in runs]
                self.state.recorded((), spooled=spooled)

    def _bring_up_segment(self, manifest: Path, sent: Callable[[int], object]) -> int:
        """Upload a segment, its manifest last; then state says archived, and then the files leave the spool."""
        segment = _read_segment(manifest)
        files = [*segment.files, Named(_key(self.spool, manifest), digest_of(manifest))]
        count = sum(self._bring_up_file(*one, sent) for one in files)
        self.state.archived(warc_of(manifest.name), map(warc_of, segment.after))
        for one in files:
            leave(self.spool, self.spool / one.file, self.keep_days)
        return count

    def _bring_up_file(self, key: str, sha256: str, sent: Callable[[int], object]) -> bool:
        """Upload a file unless that was done before; return whether it is here."""
        path = self.spool / key
        if path.exists():
            self.storage.put(path, key, sent, sha256)
            return True
        # An interrupted push may have uploaded and removed it.
        try:
            self.storage.head(key)
        except FileNotFoundError as error:
            raise StorageError(f"{key} is gone: neither the spool nor {self.storage.url} has it") from error
        return False

    def waiting(self, outlets: Iterable[str]) -> dict[str, int]:
        """Return how many readable bytes wait, by outlet, for those with files that wait."""
        found: dict[str, int] = {}
        for outlet in outlets:
            if finished_segments(self.spool, outlet) or _run_files(self.spool, outlet):
                found[outlet] = 0
                # The push reports what can't be read; another process may upload files at this moment.
                with suppress(StorageError, OSError):
                    found[outlet] = sum(path.stat().st_size for path in finished_files(self.spool, outlet))
        return found


def finished_files(spool: Path, outlet: str) -> Iterator[Path]:
    """Yield the files of an outlet's finished segments that are here, and its run files, in the order of upload."""
    for manifest in finished_segments(spool, outlet):
        # Files uploaded by an interrupted push are no longer here.
        yield from (path for one in _read_segment(manifest).files if (path := spool / one.file).exists())
        yield manifest
    yield from _run_files(spool, outlet)


def _read_segment(manifest: Path) -> SegmentFiles:
    try:
        return read_segment(manifest)
    except FileNotFoundError:
        return SegmentFiles([], [], [])  # another process has uploaded it
    except (ValueError, OSError) as error:
        raise StorageError(str(error)) from error


def _run_files(spool: Path, outlet: str) -> list[Path]:
    return sorted((spool / "runs").rglob(f"khobor-{outlet}-*.json"))


def _key(spool: Path, path: Path) -> str:
    return path.relative_to(spool).as_posix()


def gives_answer(storage: Storage, seconds: float) -> bool:
    """Return whether a store responds within a number of seconds, with any answer."""
    answer = in_background("khobor-reach", storage.check)
    return bool(wait([answer], seconds).done) and not isinstance(answer.exception(), StoreUnreachable)


def waiting_outlets(spool: Path) -> list[str]:
    """Return the outlets with finished files, or with segments that may be due: a kill leaves some without manifest."""
    reports = (path for kind in ("manifest", "runs") for path in (spool / kind).rglob("khobor-*-*.json"))
    segments = (spool / "warc").rglob("khobor-*-*")
    return sorted({path.name.split("-")[1] for path in (*reports, *segments)})


def forget_kept(spool: Path, keep_days: int) -> None:
    """Remove kept files that are too old. Raises OSError."""
    first = clock.today(UTC) - timedelta(days=keep_days)
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
    target = spool / KEPT / f"{clock.now():%Y-%m-%d}" / path.relative_to(spool)
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        path.replace(target)
    sync_path(path.parent)
