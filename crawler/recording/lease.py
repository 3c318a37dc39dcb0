"""The lease of a spool while a crawl runs, and the locks on growing files."""

import fcntl
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from crawler.state.leases import Leases
from crawler.system.processes import in_background

# Renewals within a lease.
RENEWALS = 4

# Whoever checks a lock holds it for a moment. `verify` only shares it, but may come often.
GLANCES, LOOKS, GLANCE_SECONDS = 10, 500, 0.02


class Lease:
    """Renews the lease of a spool until `close`; `on_failure` is called in another thread whenever state fails.

    Without it the errors are dropped: the work under the lease needs state too. Raises SQLAlchemyError.
    """

    def __init__(self, leases: Leases, on_failure: Callable[[BaseException], object] = lambda error: None) -> None:
        self._leases = leases
        self._on_failure = on_failure
        self._has_ended = threading.Event()
        leases.renew()
        self._work = in_background("khobor-lease", self._renew)

    def close(self) -> None:
        self._has_ended.set()
        wait([self._work])

    def _renew(self) -> None:
        while not self._has_ended.wait(self._leases.lease.total_seconds() / RENEWALS):
            try:
                self._leases.renew()
            except SQLAlchemyError as error:
                self._on_failure(error)


def take(path: Path) -> int | None:
    """Return a descriptor with the flock on a file, None if a living process has it or the file is gone."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
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
