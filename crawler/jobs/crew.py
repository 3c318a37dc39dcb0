"""Jobs on this machine: crawls of outlets, each in a child process, N at a time."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from crawler.crawl.settings import PROJECT_ROOT
from crawler.system.processes import die_with_parent

# The signals that end a child, and for how many seconds it is waited for after each. The second SIGTERM makes Scrapy
# drop its requests; recorded pages are finished all the same. A run ends within 30 seconds, its alert included.
ENDING = ((signal.SIGTERM, 8.0), (signal.SIGTERM, 16.0), (signal.SIGKILL, None))

# The last line of a log is within these bytes: a crawl may print for hours.
LAST_BYTES = 1 << 16

# The last line of a command that failed begins with it.
OUR_MARK = "khobor: "

# With less room the disk counts as full: a crawl may fail for it, and fail to log why.
FULL_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class RunEnding:
    """How an outlet's crawl ended: the exit code of its process, None if it never began.

    `seconds` is the deadline that it missed, else 0; `is_stopped` is set if all crawls were stopped. `log` is empty
    without a last line.
    """

    exit_code: int | None
    seconds: float = 0.0
    last_line: str = ""
    log: str = ""
    is_stopped: bool = False

    @property
    def how(self) -> str:
        code = self.exit_code or 0
        if code >= 0:
            return f"its crawl failed with exit {code}"
        names = {int(one): one.name for one in signal.Signals}
        return f"its process was killed by {names.get(-code, f'signal {-code}')}"


@dataclass(slots=True)
class Crew:
    """Runs jobs, `parallel` at a time; a deadline or a signal ends the running ones cleanly and starts no more.

    `jobs` has the arguments of each outlet's crawl, as of `scrapy crawl -a`. `deadline` (seconds) is for all jobs
    together, `job_deadline` for each; `overran` has the outlets that missed it. Each crawl prints to a file in `logs`
    with the outlet's name, without `logs` to standard error. `stopped` is set when the jobs were ended early,
    `signalled` when a signal did it. `on_change` is called when a crawl has begun, and when one has ended.
    """

    jobs: Mapping[str, Mapping[str, str]]
    options: Sequence[str]
    parallel: int
    deadline: float | None = None
    job_deadline: float | None = None
    logs: Path | None = None
    exit_codes: dict[str, int] = field(default_factory=dict)
    overran: set[str] = field(default_factory=set)
    signalled: bool = False
    running: list[str] = field(default_factory=list)
    on_change: Callable[[Crew], None] = lambda crew: None
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    def run(self) -> None:
        """Run all jobs; `exit_codes` lacks those that were never started."""
        asyncio.run(self._run())

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def ending(self, outlet: str) -> RunEnding:
        """Return how an outlet's crawl ended. Raises OSError."""
        code = self.exit_codes.get(outlet)
        seconds = (self.job_deadline or 0.0) if outlet in self.overran else 0.0
        last_line, log = _last_words(self.logs, outlet) if self.logs and code is not None else ("", "")
        return RunEnding(code, seconds, last_line, log, self.stopped)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal)
        if self.deadline is not None:
            loop.call_later(self.deadline, self._stop.set)
        turn = asyncio.Semaphore(self.parallel)
        async with asyncio.TaskGroup() as group:
            for outlet in self.jobs:
                group.create_task(self._crawl(outlet, turn))

    def _on_signal(self) -> None:
        self.signalled = True
        self._stop.set()

    async def _crawl(self, outlet: str, turn: asyncio.Semaphore) -> None:
        async with turn:
            if self.stopped:
                return
            arguments = [part for name, value in self.jobs[outlet].items() for part in ("-a", f"{name}={value}")]
            with self._new_log(outlet) as log:
                # A session of its own: Ctrl-C reaches the children once, through us, not twice.
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "scrapy", "crawl", outlet, *arguments, *self.options),
                    cwd=PROJECT_ROOT,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    # SIGHUP stops a crawl once, however often it comes.
                    preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGHUP),
                )
            self.running.append(outlet)
            self.on_change(self)
            await self._watch(outlet, process)
            self.running.remove(outlet)
            self.on_change(self)
        if self.logs is not None:
            path = self.logs / f"{outlet}.log"
            # Somebody may have removed it in the meantime.
            with suppress(OSError):
                if not path.stat().st_size:
                    path.unlink()

    async def _watch(self, outlet: str, process: asyncio.subprocess.Process) -> None:
        """Wait for a crawl until its deadline or the stop, then end it: cleanly, or by force if it takes too long."""
        ended, stop = asyncio.create_task(process.wait()), asyncio.create_task(self._stop.wait())
        await asyncio.wait((ended, stop), timeout=self.job_deadline, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not ended.done() and not self.stopped:
            self.overran.add(outlet)
        for number, seconds in ENDING:
            if not ended.done():
                with suppress(ProcessLookupError):
                    process.send_signal(number)
                await asyncio.wait((ended,), timeout=seconds)
        self.exit_codes[outlet] = await ended

    def _new_log(self, outlet: str) -> AbstractContextManager[IO[bytes] | None]:
        """Open a crawl's log; None for standard error without a folder, or if that fails."""
        if self.logs is not None:
            with suppress(OSError):
                self.logs.mkdir(parents=True, exist_ok=True)
                path = self.logs / f"{outlet}.log"
                # A new file: the old one may belong to another user, who ran a crawl by hand.
                path.unlink(missing_ok=True)
                return path.open("wb")
        return nullcontext()


def _last_words(logs: Path, outlet: str) -> tuple[str, str]:
    """Return the last line of a failed crawl, and its log; both empty without one.

    If a full disk had no room for that line, return this instead. Raises OSError.
    """
    log, lines = logs / f"{outlet}.log", [""]
    # It may belong to another user.
    with suppress(OSError), log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - LAST_BYTES))
        lines += stream.read(LAST_BYTES).decode("utf-8", "replace").strip().splitlines()
    line = lines[-1]
    if not line.startswith(OUR_MARK) and logs.is_dir() and shutil.disk_usage(logs).free < FULL_BYTES:
        return f"the disk of {logs} is full", ""
    return line.removeprefix(OUR_MARK).removeprefix(f"{outlet}: "), str(log) if line else ""
