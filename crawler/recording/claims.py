"""Which runs live: each holds an flock on its growing run file, which ends with its process, however it ends.

The lease of what stands in this spool: renewed while a run lives, so that no other machine takes it for lost."""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.archive.documents import parsed
from crawler.archive.names import OPEN, run_name, started_of
from crawler.state.custody import Custody
from crawler.system.files import make_directory, sync_path
from crawler.system.processes import in_background

logger = logging.getLogger(__name__)
YOUNG_SECONDS = 60

# Who asks whether a file is held has it for a moment; who only looks, as `verify` does, shares it, and may come often.
GLANCES, LOOKS, GLANCE_SECONDS = 10, 500, 0.02


@dataclass(frozen=True, slots=True)
class Claim:
    """A run's name in a spool; `facts` are what was known at its beginning, empty when even these were not written."""

    run: str
    started: datetime
    path: Path
    facts: Mapping[str, Any]
    descriptor: int

    def close(self) -> None:
        """Remove the growing run file: the finished one is there. Raises OSError."""
        self.path.unlink()
        os.close(self.descriptor)

    def release(self) -> None:
        """Let go; the run file stays as it is."""
        os.close(self.descriptor)


def claim_run(spool: Path, outlet: str, started: datetime, facts: Mapping[str, Any]) -> Claim:
    """Claim the name of a run: that of `started`, or of the next millisecond no run here has. Raises OSError."""
    while True:
        run = run_name(outlet, started)
        path = run_path(spool, run)
        descriptor = _named(path, json.dumps({"run": run, **facts}).encode())
        if descriptor is not None:
            return Claim(run, started, path, facts, descriptor)
        started += timedelta(milliseconds=1)


def claim_dead(spool: Path, run: str, facts: Mapping[str, Any]) -> int | None:
    """Let the file of a run grow here that died elsewhere; return its locked descriptor, None when it is here already.

    Raises OSError, ValueError for a name that no run has.
    """
    return _named(run_path(spool, run), json.dumps({"run": run, **facts}).encode())


def claim_again(path: Path) -> int:
    """Let the finished file of a run grow again, as if it had died; return its locked descriptor. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    path.rename(path.with_name(path.name + OPEN))
    sync_path(path.parent)
    return descriptor


def _named(path: Path, data: bytes) -> int | None:
    """Let a file appear whole and locked; return its descriptor, None when the name was used."""
    make_directory(path.parent)
    hidden = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, data)
        os.fsync(descriptor)
        if path.with_suffix("").exists():
            raise FileExistsError(errno.EEXIST, "the run has ended", str(path))
        os.link(hidden, path)
    except FileExistsError:
        os.close(descriptor)
        return None
    finally:
        hidden.unlink()
    sync_path(path.parent)
    return descriptor


def sorted_claims(spool: Path, outlet: str) -> tuple[list[Claim], set[str]]:
    """Return the claims of an outlet's runs that ended without closing them, and the names of its other runs.

    The claims are now held by this process. Each is looked at once: in two looks, one that another process takes
    between them would be neither dead nor living, and what it stands for would be taken when that process is done.
    """
    dead, living = [], set()
    for path in sorted((spool / "runs").rglob(f"khobor-{outlet}-*.json{OPEN}")):
        run = path.name.removesuffix(".json" + OPEN)
        descriptor = take(path)
        if descriptor is None:
            living.add(run)
            continue
        try:
            dead.append(Claim(run, started_of(run), path, _facts(descriptor), descriptor))
        except ValueError:
            logger.warning("%s: its name is none that a run gives", path)
            os.close(descriptor)
    return dead, living


def is_living(spool: Path, run: str) -> bool:
    """Tell whether the process of a run lives."""
    try:
        return is_held(run_path(spool, run))
    except ValueError:
        return False  # no name that a run of ours has


def take(path: Path) -> int | None:
    """Return a descriptor that holds the flock on a file, None when a living process has it or it is gone."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    held = 0
    for _ in range(LOOKS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held += not _is_looked_at(descriptor)
            if held == GLANCES:
                break
            time.sleep(GLANCE_SECONDS)
        else:
            if os.fstat(descriptor).st_nlink:
                return descriptor
            break  # whoever held it has removed it
    os.close(descriptor)
    return None


def _is_looked_at(descriptor: int) -> bool:
    """Tell whether whoever holds a file shares it: none of those who write does."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def is_held(path: Path) -> bool:
    """Tell whether a living process has the flock on a file."""
    descriptor = take(path)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is None and path.exists()


def is_young_and_empty(status: os.stat_result) -> bool:
    """Tell whether a file may just have been made by a process that has not come to lock it yet."""
    # One from the future tells nothing by its age.
    return status.st_size == 0 and abs(time.time() - status.st_mtime) < YOUNG_SECONDS


def run_path(spool: Path, run: str) -> Path:
    """Return where a run's file grows. Raises ValueError."""
    return spool / f"runs/{started_of(run):%Y/%m}/{run}.json{OPEN}"


def _facts(descriptor: int) -> dict[str, Any]:
    data = os.pread(descriptor, 1 << 24, 0)
    try:
        facts = parsed(data)
    except ValueError:
        return {}  # killed while it was being written
    return facts if isinstance(facts, dict) else {}


# So often within a lease.
RENEWALS = 4


class TakenOver(Exception):
    """The lease was over, as when a machine sleeps, and another one has taken the living run for lost."""


class Lease:
    """Renews until `end`; `on_failure` is called, in a thread of ours, when state can't be told or the run is lost."""

    def __init__(self, custody: Custody, run: str, on_failure: Callable[[BaseException], None]) -> None:
        self._custody = custody
        self._run = run
        self._is_closing = threading.Event()
        self._has_ended = threading.Event()
        self._work = in_background("khobor-lease", self._renew)
        self._work.add_done_callback(lambda work: on_failure(error) if (error := work.exception()) else None)

    def check(self) -> None:
        """Look whether the run is still of this spool, for the last time: it is about to be confirmed.

        Raises TakenOver, SQLAlchemyError.
        """
        self._is_closing.set()
        self._custody.renew()
        if not self._custody.has(self._run):
            raise self._taken_over()

    def end(self) -> None:
        """Renew no more."""
        self._has_ended.set()
        wait([self._work])

    def _renew(self) -> None:
        while not self._has_ended.wait(self._custody.lease.total_seconds() / RENEWALS):
            self._custody.renew()
            # In this order: what was confirmed between the two was closing.
            if not self._custody.has(self._run) and not self._is_closing.is_set():
                raise self._taken_over()

    def _taken_over(self) -> TakenOver:
        return TakenOver(
            f"{self._run} was silent for longer than RUN_LEASE_SECONDS and is taken over elsewhere; "
            "what it has here waits for the outlet's next crawl"
        )
