"""The lease of what stands in this spool: renewed while a run lives, so that no other machine takes it for lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import wait

from crawler.background import in_background
from crawler.state.custody import Custody

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
