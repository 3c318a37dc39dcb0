"""Jobs: an outlet and a span of days, each crawled in a process of its own on this machine."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from scrapy.settings import SETTINGS_PRIORITIES

from crawler.deployment import PROJECT_ROOT
from crawler.processes import die_with_parent

if TYPE_CHECKING:
    from scrapy.settings import Settings

CMDLINE = SETTINGS_PRIORITIES["cmdline"]

# How long a child may take to end cleanly before it is killed, in seconds.
GRACE = 30.0


@dataclass(frozen=True, slots=True)
class Job:
    """One crawl: spider arguments are as of `scrapy crawl -a`."""

    outlet: str
    arguments: Mapping[str, str]


@dataclass(slots=True)
class Crew:
    """Runs jobs, so many at a time; a deadline or a signal ends those running cleanly, starts no more."""

    jobs: Sequence[Job]
    options: Sequence[str]
    parallel: int
    deadline: float | None = None
    exit_codes: dict[str, int] = field(default_factory=dict)
    stopped: bool = False
    _running: set[asyncio.subprocess.Process] = field(default_factory=set)

    def run(self) -> dict[str, int]:
        """Run all jobs; return exit codes by outlet (jobs never started are missing)."""
        asyncio.run(self._run())
        return self.exit_codes

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        if self.deadline is not None:
            loop.call_later(self.deadline, self.stop)
        turn = asyncio.Semaphore(self.parallel)
        async with asyncio.TaskGroup() as group:
            for job in self.jobs:
                group.create_task(self._crawl(job, turn))

    def stop(self) -> None:
        """End the running crawls cleanly; those that don't within the grace are killed."""
        if not self.stopped:
            asyncio.get_running_loop().call_later(GRACE, self._signal, signal.SIGKILL)
        self.stopped = True
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        for process in self._running:
            with suppress(ProcessLookupError):
                process.send_signal(number)

    async def _crawl(self, job: Job, turn: asyncio.Semaphore) -> None:
        async with turn:
            if self.stopped:
                return
            # A session of its own: Ctrl-C reaches the children once, through us, not twice.
            process = await asyncio.create_subprocess_exec(
                *command(job, self.options),
                cwd=PROJECT_ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )
            self._running.add(process)
            if self.stopped:
                # The signal came while this one was being started.
                process.terminate()
            try:
                self.exit_codes[job.outlet] = await process.wait()
            finally:
                self._running.discard(process)


def command(job: Job, options: Sequence[str]) -> list[str]:
    """Return the command line of a job's crawl."""
    arguments = [part for name, value in job.arguments.items() for part in ("-a", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", "crawl", job.outlet, *arguments, *options]


def child_options(settings: Settings, opts: argparse.Namespace) -> list[str]:
    """Return what of our own command line holds for the children too; they extract in one process each."""
    options = [part for setting in opts.set for part in ("-s", setting)]
    if not any(setting.startswith("EXTRACTION_PROCESSES=") for setting in opts.set):
        options += ["-s", "EXTRACTION_PROCESSES=1"]
    # LOG_LEVEL of an interactive crawl would drown the summary.
    level = settings["LOG_LEVEL"] if settings.getpriority("LOG_LEVEL") == CMDLINE else "WARNING"
    return [*options, "-L", str(level)]
