"""ALERT_COMMAND: the command that gets the report of an update or backfill."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from contextlib import suppress

from crawler.system.processes import in_background

# How long an alert may take, and how long after the run was stopped: the alert comes after the crawls' end
# (crawler.jobs.crew.ENDING), and both must be over within 30 seconds.
SECONDS, STOP_SECONDS = 60.0, 3.0
STEP_SECONDS = 0.5


def alert(
    command: str,
    report: str,
    outlets: Sequence[str] = (),
    exit_code: int = 0,
    seconds: float = SECONDS,
    is_stopped: Callable[[], bool] = lambda: False,
) -> str | None:
    """Run a shell command with a report on standard input; return a sentence on failure.

    Its environment has the exit code and the outlets of the report. A command that runs longer than `seconds` is
    killed, or than STOP_SECONDS once `is_stopped` returns True.
    """
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "KHOBOR_EXIT_CODE": str(exit_code), "KHOBOR_TOLD": " ".join(outlets)},
        text=True,
        start_new_session=True,
    )
    # In a thread: after a time-out, `communicate` would not go on with the input.
    work = in_background("khobor-alert", lambda: process.communicate(report)[0])
    end = time.monotonic() + seconds
    while not work.done() and time.monotonic() < end:
        if is_stopped():
            end = min(end, time.monotonic() + STOP_SECONDS)
        wait([work], min(seconds, STEP_SECONDS))
    if not work.done():
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        wait([work], STEP_SECONDS)
        return f"ALERT_COMMAND was killed after {'the run was stopped' if is_stopped() else f'{seconds:g} seconds'}"
    last = work.result().strip().rpartition("\n")[2]
    return f"ALERT_COMMAND ended with {process.returncode}{last and f': {last}'}" if process.returncode else None
