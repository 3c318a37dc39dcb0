"""Child processes that run one of our commands: started, logged to a file, and ended cleanly."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import IO

from crawler.crawl.settings import PROJECT_ROOT
from crawler.system.processes import die_with_parent

# The last line of a log is within these bytes: a crawl may print for hours.
LAST_BYTES = 1 << 16

# The last line of a command that failed begins with it.
OUR_MARK = "khobor: "

# With less room the disk counts as full: a crawl may fail for it, and fail to log why.
FULL_BYTES = 1 << 20

# Signals that end a child, each with the seconds to wait for it before the next one; None: until it has ended.
Ending = Sequence[tuple[signal.Signals, float | None]]


async def start(
    words: Sequence[str], log: IO[bytes] | None, when_orphaned: signal.Signals
) -> asyncio.subprocess.Process:
    """Start `scrapy` with words, in a session of its own; it gets a signal when this process ends, by kill -9 too."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scrapy", *words),
        cwd=PROJECT_ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        # Ctrl-C reaches the children once, through us, not twice.
        start_new_session=True,
        preexec_fn=partial(die_with_parent, os.getpid(), when_orphaned),
    )


async def wait_until(
    process: asyncio.subprocess.Process, stop: asyncio.Event, seconds: float | None, ending: Ending
) -> bool:
    """Wait for a process until its deadline or the stop, then end it; return whether it missed its deadline."""
    ended, stopped = asyncio.create_task(process.wait()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((ended, stopped), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        is_late = not ended.done() and not stop.is_set()
        for number, patience in ending:
            if not ended.done():
                with suppress(ProcessLookupError):
                    process.send_signal(number)
                await asyncio.wait((ended,), timeout=patience)
    return is_late


def new_log(logs: Path | None, name: str) -> AbstractContextManager[IO[bytes] | None]:
    """Open the log of a child; None for standard error without a folder, or if that fails."""
    if logs is not None:
        with suppress(OSError):
            logs.mkdir(parents=True, exist_ok=True)
            path = logs / f"{name}.log"
            # A new file: the old one may belong to another user, who ran a crawl by hand.
            path.unlink(missing_ok=True)
            return path.open("wb")
    return nullcontext()


def last_words(logs: Path, name: str) -> tuple[str, str]:
    """Return the last line of a child's log, and the log; both empty without one.

    If a full disk had no room for that line, return this instead. Raises OSError.
    """
    log, lines = logs / f"{name}.log", [""]
    # It may belong to another user.
    with suppress(OSError), log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - LAST_BYTES))
        lines += stream.read(LAST_BYTES).decode("utf-8", "replace").strip().splitlines()
    line = lines[-1]
    if not line.startswith(OUR_MARK) and logs.is_dir() and shutil.disk_usage(logs).free < FULL_BYTES:
        return f"the disk of {logs} is full", ""
    return line.removeprefix(OUR_MARK), str(log) if line else ""


def killed_by(code: int) -> str:
    """Return which signal killed a process, in words; `code` is negative."""
    names = {int(one): one.name for one in signal.Signals}
    return f"its process was killed by {names.get(-code, f'signal {-code}')}"
