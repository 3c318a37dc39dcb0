"""Jobs on this machine: crawls of outlets, each in a child process, N at a time."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from crawler.jobs.child import Ending, killed_by, last_words, new_log, start, wait_until

# The signals that end a child, and for how many seconds it is waited for after each. The second SIGTERM makes Scrapy
# drop its requests; recorded pages are finished all the same. A run ends within 30 seconds, its alert included.
ENDING: Ending = ((signal.SIGTERM, 8.0), (signal.SIGTERM, 16.0), (signal.SIGKILL, None))


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
        return f"its crawl failed with exit {code}" if code >= 0 else killed_by(code)


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
        line, log = last_words(self.logs, outlet) if self.logs and code is not None else ("", "")
        return RunEnding(code, seconds, line.removeprefix(f"{outlet}: "), log, self.stopped)

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
            with new_log(self.logs, outlet) as log:
                # SIGHUP stops a crawl once, however often it comes.
                process = await start(["crawl", outlet, *arguments, *self.options], log, signal.SIGHUP)
            self.running.append(outlet)
            self.on_change(self)
            if await wait_until(process, self._stop, self.job_deadline, ENDING):
                self.overran.add(outlet)
            self.exit_codes[outlet] = await process.wait()
            self.running.remove(outlet)
            self.on_change(self)
        if self.logs is not None:
            path = self.logs / f"{outlet}.log"
            # Somebody may have removed it in the meantime.
            with suppress(OSError):
                if not path.stat().st_size:
                    path.unlink()
