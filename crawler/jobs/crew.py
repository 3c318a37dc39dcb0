"""Jobs on this machine: crawls of outlets, each in a child process, N at a time."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from crawler.crawl.settings import PROJECT_ROOT
from crawler.system.processes import die_with_parent

# The signals that end a child, and after how many seconds each is sent. The second SIGTERM makes Scrapy drop its
# requests; recorded pages are finished all the same. A run ends within 30 seconds, its alert included.
ENDING = ((0.0, signal.SIGTERM), (8.0, signal.SIGTERM), (24.0, signal.SIGKILL))

# The last line of a log is within these bytes: a crawl may print for hours.
LAST_BYTES = 1 << 16

# The last line of a command that failed begins with it.
OUR_MARK = "khobor: "

# With less room the disk counts as full: a crawl may fail for it, and fail to log why.
FULL_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Job:
    """One crawl: an outlet, and arguments as of `scrapy crawl -a`."""

    outlet: str
    arguments: Mapping[str, str]


@dataclass(slots=True)
class Crew:
    """Runs jobs, `parallel` at a time; a deadline or a signal ends the running ones cleanly and starts no more.

    `deadline` (seconds) is for all jobs together, `job_deadline` for each; `overran` has the outlets that missed it.
    Each crawl prints to a file in `logs` with the outlet's name, without `logs` to standard error. `stopped` is set
    when the jobs were ended early, `signalled` when a signal did it.
    """

    jobs: Sequence[Job]
    options: Sequence[str]
    parallel: int
    deadline: float | None = None
    job_deadline: float | None = None
    logs: Path | None = None
    exit_codes: dict[str, int] = field(default_factory=dict)
    overran: set[str] = field(default_factory=set)
    stopped: bool = False
    signalled: bool = False
    _running: set[asyncio.subprocess.Process] = field(default_factory=set)

    def run(self) -> dict[str, int]:
        """Run all jobs; return exit codes by outlet, without the jobs that were never started."""
        asyncio.run(self._run())
        return self.exit_codes

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal)
        if self.deadline is not None:
            loop.call_later(self.deadline, self.stop)
        turn = asyncio.Semaphore(self.parallel)
        async with asyncio.TaskGroup() as group:
            for job in self.jobs:
                group.create_task(self._crawl(job, turn))

    def _on_signal(self) -> None:
        self.signalled = True
        self.stop()

    def stop(self) -> None:
        """End the running crawls cleanly; those that do not end in time are killed."""
        if not self.stopped:
            self.stopped = True
            for process in self._running:
                self._end(process)

    def _end(self, process: asyncio.subprocess.Process) -> None:
        for seconds, number in ENDING:
            asyncio.get_running_loop().call_later(seconds, self._signal, process, number)

    def _signal(self, process: asyncio.subprocess.Process, number: int) -> None:
        if process in self._running:
            with suppress(ProcessLookupError):
                process.send_signal(number)

    def _overrun(self, job: Job, process: asyncio.subprocess.Process) -> None:
        if not self.stopped and process in self._running:
            self.overran.add(job.outlet)
            self._end(process)

    async def _crawl(self, job: Job, turn: asyncio.Semaphore) -> None:
        async with turn:
            if self.stopped:
                return
            with self._log(job) as log:
                # A session of its own: Ctrl-C reaches the children once, through us, not twice.
                process = await asyncio.create_subprocess_exec(
                    *command(job, self.options),
                    cwd=PROJECT_ROOT,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    # SIGHUP stops a crawl once, however often it comes.
                    preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGHUP),
                )
                await self._watch(job, process)

    async def _watch(self, job: Job, process: asyncio.subprocess.Process) -> None:
        self._running.add(process)
        if self.stopped:
            # The signal came while this one was being started.
            self._end(process)
        elif self.job_deadline is not None:
            asyncio.get_running_loop().call_later(self.job_deadline, self._overrun, job, process)
        try:
            self.exit_codes[job.outlet] = await process.wait()
        finally:
            self._running.discard(process)

    @contextmanager
    def _log(self, job: Job) -> Iterator[IO[bytes] | None]:
        """Open a crawl's log, None for standard error if that fails; remove the log if it stayed empty."""
        if self.logs is None:
            yield None
            return
        path = log_of(self.logs, job.outlet)
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            # A new file: the old one may belong to another user, who ran a crawl by hand.
            path.unlink(missing_ok=True)
            log = path.open("wb")
        except OSError:
            yield None
            return
        with log:
            yield log
        # Somebody may have removed it in the meantime.
        with suppress(OSError):
            if not path.stat().st_size:
                path.unlink()


def log_of(logs: Path, outlet: str) -> Path:
    """Return the file to which an outlet's last crawl printed."""
    return logs / f"{outlet}.log"


def last_words(log: Path, outlet: str) -> tuple[str, str]:
    """Return the last line of a failed crawl, and its log; both empty without one.

    If a full disk had no room for that line, return this instead. Raises OSError.
    """
    line = _last_line(log)
    if not line.startswith(OUR_MARK) and log.parent.is_dir() and shutil.disk_usage(log.parent).free < FULL_BYTES:
        return f"the disk of {log.parent} is full", ""
    return line.removeprefix(OUR_MARK).removeprefix(f"{outlet}: "), str(log) if line else ""


def _last_line(log: Path) -> str:
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - LAST_BYTES))
            lines = stream.read(LAST_BYTES).decode("utf-8", "replace").strip().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return lines[-1] if lines else ""


def command(job: Job, options: Sequence[str]) -> list[str]:
    """Return the command line of a job's crawl."""
    arguments = [part for name, value in job.arguments.items() for part in ("-a", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", "crawl", job.outlet, *arguments, *options]


def died_of(exit_code: int) -> str:
    """Return how a crawl failed, in words."""
    if exit_code >= 0:
        return f"its crawl failed with exit {exit_code}"
    try:
        return f"its process was killed by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"its process was killed by signal {-exit_code}"
