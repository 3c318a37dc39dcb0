"""Claims of running crawls: flocks on growing run files, and leases against take-over by other machines."""

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

# Renewals within a lease.
RENEWALS = 4

# Whoever checks a lock holds it for a moment. `verify` only shares it, but may come often.
GLANCES, LOOKS, GLANCE_SECONDS = 10, 500, 0.02


@dataclass(frozen=True, slots=True)
class Claim:
    """A run's name in a spool; `facts` are those known at its beginning, empty if they were not written."""

    run: str
    started: datetime
    path: Path
    facts: Mapping[str, Any]
    descriptor: int

    def close(self) -> None:
        """Remove the growing run file; the finished one replaces it. Raises OSError."""
        self.path.unlink()
        os.close(self.descriptor)

    def release(self) -> None:
        os.close(self.descriptor)


def claim_run(spool: Path, outlet: str, started: datetime, facts: Mapping[str, Any]) -> Claim:
    """Claim the name of a run: of `started`, or of the next free millisecond. Raises OSError."""
    while True:
        run = run_name(outlet, started)
        descriptor = claim_dead(spool, run, facts)
        if descriptor is not None:
            return Claim(run, started, run_path(spool, run), facts, descriptor)
        started += timedelta(milliseconds=1)


def claim_dead(spool: Path, run: str, facts: Mapping[str, Any]) -> int | None:
    """Write a locked run file; return its descriptor, None if the name is used. Raises OSError, ValueError."""
    path = run_path(spool, run)
    make_directory(path.parent)
    hidden = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, json.dumps({"run": run, **facts}).encode())
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


def claim_again(path: Path) -> int:
    """Turn a finished run file into a claim; return its locked descriptor. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    path.rename(path.with_name(path.name + OPEN))
    sync_path(path.parent)
    return descriptor


def sorted_claims(spool: Path, outlet: str) -> tuple[list[Claim], set[str]]:
    """Take the claims of an outlet's dead runs; return them and the names of its living runs.

    Each claim is checked once, so that a run is either dead or living even if another process takes it meanwhile.
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
            logger.warning("%s: the name is not that of a run file", path)
            os.close(descriptor)
    return dead, living


def is_living(spool: Path, run: str) -> bool:
    try:
        path = run_path(spool, run)
    except ValueError:
        return False  # not a name of ours
    descriptor = take(path)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is None and path.exists()


def take(path: Path) -> int | None:
    """Return a descriptor with the flock on a file, None if a living process has it or the file is gone."""
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
            break  # its holder removed it
    os.close(descriptor)
    return None


def _is_looked_at(descriptor: int) -> bool:
    """Return whether the lock on a file is shared, as writers never do."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def is_young_and_empty(status: os.stat_result) -> bool:
    """Return whether a process may have made a file without locking it yet."""
    # A time in the future comes from a wrong clock.
    return status.st_size == 0 and abs(time.time() - status.st_mtime) < YOUNG_SECONDS


def run_path(spool: Path, run: str) -> Path:
    """Return the path of a growing run file. Raises ValueError."""
    return spool / f"runs/{started_of(run):%Y/%m}/{run}.json{OPEN}"


def _facts(descriptor: int) -> dict[str, Any]:
    data = os.pread(descriptor, 1 << 24, 0)
    try:
        facts = parsed(data)
    except ValueError:
        return {}  # its process was killed while writing it
    return facts if isinstance(facts, dict) else {}


class TakenOver(Exception):
    """The lease ran out, as during sleep, and another machine took the living run over."""

    def __init__(self, run: str) -> None:
        super().__init__(
            f"{run} was silent for longer than RUN_LEASE_SECONDS and was taken over by another machine; "
            "the outlet's next crawl recovers the local files"
        )


class Lease:
    """Renews the lease until `end`; `on_failure` is called in another thread if state fails or the run is lost."""

    def __init__(self, custody: Custody, run: str, on_failure: Callable[[BaseException], None]) -> None:
        self._custody = custody
        self._run = run
        self._is_closing = threading.Event()
        self._has_ended = threading.Event()
        self._work = in_background("khobor-lease", self._renew)
        self._work.add_done_callback(lambda work: on_failure(error) if (error := work.exception()) else None)

    def check(self) -> None:
        """Check for the last time that the run is in this spool. Raises TakenOver, SQLAlchemyError."""
        self._is_closing.set()
        self._custody.renew()
        if not self._custody.has(self._run):
            raise TakenOver(self._run)

    def end(self) -> None:
        self._has_ended.set()
        wait([self._work])

    def _renew(self) -> None:
        while not self._has_ended.wait(self._custody.lease.total_seconds() / RENEWALS):
            self._custody.renew()
            # In this order: a run confirmed between the two checks is closing.
            if not self._custody.has(self._run) and not self._is_closing.is_set():
                raise TakenOver(self._run)
