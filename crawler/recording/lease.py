"""The lease of what stands in this spool: renewed while a run lives, so that no other machine takes it for lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import wait

from crawler.background import in_background
from crawler.state.custody import Custody

# So often within a lease.
RENEWALS = 4


class Lease:
    """Renews until `end`; `on_failure` is called, in a thread of ours, when state can't be told."""

    def __init__(self, custody: Custody, on_failure: Callable[[BaseException], None]) -> None:
        self._custody = custody
        self._has_ended = threading.Event()
        self._work = in_background("khobor-lease", self._renew)
        self._work.add_done_callback(lambda work: on_failure(error) if (error := work.exception()) else None)

    def end(self) -> None:
        """Renew no more."""
        self._has_ended.set()
        wait([self._work])

    def _renew(self) -> None:
        while not self._has_ended.wait(self._custody.lease.total_seconds() / RENEWALS):
            self._custody.renew()
