"""ALERT_COMMAND: what is run when an update or backfill has something to say."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress

SECONDS = 60.0


def alert(command: str, report: str, facts: Mapping[str, str], seconds: float = SECONDS) -> str | None:
    """Run a shell command with a report on its standard input and facts in its environment.

    Returns what went wrong as a sentence, None when nothing did. What still runs after so many seconds is killed.
    """
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **facts},
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            said, _ = process.communicate(report, timeout=seconds)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return f"ALERT_COMMAND was killed after {seconds:g} seconds"
    if process.returncode == 0:
        return None
    last = said.strip().rpartition("\n")[2]
    return f"ALERT_COMMAND ended with {process.returncode}{f': {last}' if last else ''}"
