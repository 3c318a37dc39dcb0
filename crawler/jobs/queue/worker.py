"""A worker: takes jobs from the queue, runs each in a child process, and gives back what it could not finish."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException, JobAborted, UniqueViolation
from procrastinate.job_context import AbortReason
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy.exc import SQLAlchemyError

from crawler.jobs.child import Ending, killed_by, last_words, new_log, start, wait_until
from crawler.jobs.queue.database import opened
from crawler.jobs.queue.jobs import BACKFILL, CRON, PRIORITIES, REEXTRACT, TASK, UPDATE, OutletJob, enqueue, updates
from crawler.jobs.queue.upkeep import Upkeep
from crawler.model.exit_codes import FAILED, LOCKED, OK, REFUSED, STOPPED, UNHEALTHY, USAGE, Refused
from crawler.system.terminal import complain

# A job gets this long after SIGTERM; a crawl ends within 30 seconds.
ENDING: Ending = ((signal.SIGTERM, 30.0), (signal.SIGKILL, None))
# What Procrastinate waits for jobs when it loses the database, or is stopped.
GRACE_SECONDS = 35.0
# Between two attempts to reach the database.
RETRY_SECONDS = 5.0
HEARTBEAT_SECONDS = 10.0
# A job that fails for our own reasons is tried this many times, after pauses of these seconds and twice as many.
TRIES, PAUSE_SECONDS = 3, 30.0
# The exit codes with which a job is done. An update reports outlets in trouble, and the next one tries again.
DONE = {UPDATE: (OK, UNHEALTHY, REFUSED), BACKFILL: (OK,), REEXTRACT: (OK,)}
# Those of a job that somebody has stopped.
WAS_STOPPED = (STOPPED, 130, 143)

# Of what a failed job printed, an alert has this much.
REPORT_CHARACTERS = 10_000

STARTED = """
INSERT INTO khobor_attempts (job_id, place, spool, started) VALUES (%(job)s, %(place)s, %(spool)s, now())
ON CONFLICT (job_id) DO UPDATE SET place = excluded.place, spool = excluded.spool, started = excluded.started
"""
FAILED_ONCE = """
UPDATE khobor_attempts SET failures = failures + 1, reason = %(reason)s WHERE job_id = %(job)s RETURNING failures
"""


class TryAgain(Exception):
    """A job has failed, or was stopped: it goes back to the queue for at least `pause` seconds."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.pause = pause


class JobFailed(Exception):
    """A job has failed for good."""


class Again(BaseRetryStrategy):
    """Puts jobs back into the queue that must be tried again."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, (JobAborted, JobFailed)):
            return None
        # Others are those of the database: the worker says that it is lost.
        pause = exception.pause if isinstance(exception, TryAgain) else PAUSE_SECONDS
        return RetryDecision(retry_in={"seconds": int(pause)})


@dataclass(frozen=True, slots=True)
class Failure:
    """How a job's command failed, and the last line that it printed; a failure that may pass is tried again."""

    how: str
    line: str
    is_passing: bool

    @property
    def reason(self) -> str:
        return f"{self.how}: {self.line}" if self.line else self.how


class QueueManager(JobManager):
    """Fetches a job in the next round if another worker has just taken one of the same outlet."""

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        try:
            return await super().fetch_job(queues, worker_id)
        except UniqueViolation:
            return None


@dataclass
class Worker:
    """Runs jobs of some kinds, `parallel` at a time, until SIGTERM or Ctrl-C.

    `place` is shown for running jobs, `spool` is the ID of the spool. `options` are added to each command. `alert` is
    called in a thread with a report, an outlet and an exit code: of an update that found trouble, and of a job that
    failed for good. At the times of `update_cron` (UTC) some worker queues the updates of `outlets`. `waiting` returns
    the outlets with files in the spool.
    """

    url: str
    kinds: Sequence[str]
    parallel: int
    place: str
    spool: str
    logs: Path
    options: Sequence[str]
    lease: timedelta
    upkeep: Upkeep
    alert: Callable[[str, str, int], object]
    update_cron: str
    outlets: Callable[[], list[str]]
    waiting: Callable[[], list[str]]
    running: set[int] = field(default_factory=set)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Work until stopped. Raises Refused, SQLAlchemyError if the database can't be reached at first."""
        self._prepare(asyncio.get_running_loop())
        has_begun, before = False, ""
        while not self._stop.is_set():
            try:
                async with opened(self.url) as app:
                    has_begun = True
                    await self._serve(app)
            except (Refused, SQLAlchemyError, OSError) as error:
                if not has_begun:
                    raise
                sentence = f"the queue or state is lost: {str(error).splitlines()[0]}; trying again"
                if sentence != before:
                    complain(sentence)
                before = sentence
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), RETRY_SECONDS)

    def _prepare(self, loop: asyncio.AbstractEventLoop) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        loop.set_exception_handler(_report)
        # We report their errors, in a line each.
        for library in ("procrastinate", "psycopg.pool"):
            logging.getLogger(library).setLevel(logging.CRITICAL + 1)

    async def _serve(self, app: App) -> None:
        """Take jobs until the worker is stopped or the connection is lost; then raise what the latter does."""
        app.job_manager = QueueManager(app.connector)
        self._add_tasks(app)
        await self.upkeep.take_back(app, self.spool)
        await self._push()
        work = asyncio.create_task(self._take_jobs(app))
        keep = asyncio.create_task(self.upkeep.run(app, self.spool, self.running, self._push))
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait((work, keep, stop), return_when=asyncio.FIRST_COMPLETED)
        # A worker that is cancelled takes no new job and waits for those that run.
        for task in (stop, keep, work):
            task.cancel()
        for result in await asyncio.gather(work, keep, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    async def _take_jobs(self, app: App) -> None:
        seconds = self.lease.total_seconds()
        await app.run_worker_async(
            queues=[*self.kinds, CRON],
            name=self.place,
            concurrency=self.parallel,
            install_signal_handlers=False,
            shutdown_graceful_timeout=GRACE_SECONDS,
            update_heartbeat_interval=min(HEARTBEAT_SECONDS, seconds / 3),
            stalled_worker_timeout=seconds,
        )

    def _add_tasks(self, app: App) -> None:
        app.task(name=TASK, pass_context=True, retry=Again())(self._do)
        # Before all other jobs: it takes a moment.
        added = app.task(name="updates", queue=CRON, queueing_lock="updates", pass_context=True, priority=100)
        task = added(self._queue_updates)
        if self.update_cron:
            app.periodic(cron=self.update_cron)(task)

    async def _queue_updates(self, context: JobContext, timestamp: int) -> None:
        await enqueue(context.app, updates(self.outlets(), "national"))

    async def _do(self, context: JobContext, kind: str, outlet: str, options: dict[str, str]) -> None:
        """Run a job. Raises TryAgain, JobFailed, JobAborted, ConnectorException."""
        number, job = context.job.id, OutletJob(kind, outlet, options)
        assert number is not None
        self.running.add(number)
        try:
            await context.app.connector.execute_query_async(STARTED, job=number, place=self.place, spool=self.spool)
            if failure := await self._failure(job):
                raise await self._noted(context.app, number, job, failure)
        except asyncio.CancelledError:
            # By `scrapy queue --cancel`, or because the database is lost.
            raise JobAborted if context.abort_reason() is AbortReason.USER_REQUEST else TryAgain("stopped") from None
        finally:
            self.running.discard(number)

    async def _failure(self, job: OutletJob) -> Failure | None:
        """Run a job's command; return how it failed, if it did. Raises TryAgain if it was stopped."""
        try:
            with new_log(self.logs, job.log) as log:
                process = await start([*job.command, *self.options], log, signal.SIGTERM)
            await wait_until(process, self._stop, None, ENDING)
            code, line = await process.wait(), last_words(self.logs, job.log)[0]
        except OSError as error:
            # This machine can start no process, for example.
            return Failure("its command could not run", str(error), is_passing=True)
        if code in DONE[job.kind]:
            if code in (UNHEALTHY, REFUSED):
                await asyncio.to_thread(self.alert, self._printed(job), job.outlet, code)
            return None
        if self._stop.is_set() or code in WAS_STOPPED:
            raise TryAgain("stopped")
        how = f"its command failed with exit {code}" if code >= 0 else killed_by(code)
        return Failure(how, line, is_passing=code in (FAILED, LOCKED) or code < 0)

    async def _push(self) -> None:
        """Upload the files that wait in the spool, after recovery of the segments of killed crawls."""
        if not await asyncio.to_thread(self.waiting):
            return
        with new_log(self.logs, "push") as log:
            process = await start(["push", *self.options], log, signal.SIGTERM)
        await wait_until(process, self._stop, None, ENDING)

    async def _noted(self, app: App, number: int, job: OutletJob, failure: Failure) -> TryAgain | JobFailed:
        """Note why a job failed, and report it if it failed for good; return the error to raise."""
        rows = await app.connector.execute_query_all_async(FAILED_ONCE, job=number, reason=failure.reason)
        failures = rows[0]["failures"] if rows else 1
        if failure.is_passing and failures < TRIES:
            return TryAgain(failure.reason, PAUSE_SECONDS * failures)
        complain(f"{job.name}: {failure.reason}")
        report = f"khobor: {job.name}: {failure.how}\n{self._printed(job)}"
        await asyncio.to_thread(self.alert, report, job.outlet, FAILED)
        return JobFailed(failure.reason)

    def _printed(self, job: OutletJob) -> str:
        """Return the end of what a job printed; nothing if it can't be read."""
        with suppress(OSError):
            return (self.logs / f"{job.log}.log").read_text("utf-8", "replace")[-REPORT_CHARACTERS:]
        return ""


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report an error that no task waits for, except that the end of a job could not be written.

    Such a job is taken back or given away.
    """
    if not isinstance(context.get("exception"), ConnectorException):
        loop.default_exception_handler(context)


def kinds_of(only: Sequence[str]) -> list[str]:
    """Return the kinds of --only, all without any. Raises Refused."""
    if unknown := [kind for kind in only if kind not in PRIORITIES]:
        raise Refused(f"--only {unknown[0]}: the kinds of jobs are {', '.join(PRIORITIES)}", USAGE)
    return list(only) or list(PRIORITIES)
