"""The jobs of the queue: an outlet's update, its backfill of a month, its re-extraction up to a month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job

from crawler.model.span import ONE_DAY

# The kinds of jobs, each in a queue of its name, with their priorities: news first.
UPDATE, BACKFILL, REEXTRACT = "update", "backfill", "reextract"
PRIORITIES = {UPDATE: 10, BACKFILL: 0, REEXTRACT: -10}
TASK = "khobor"
# The queue of periodic tasks, which every worker serves.
CRON = "cron"
# After that many new rows, PostgreSQL's planner takes 20 times as long to find the next job until ANALYZE.
MANY = 1000

KNOWN = """
SELECT queueing_lock FROM procrastinate_jobs
WHERE status IN ('todo', 'doing') AND queueing_lock = ANY(%(locks)s)
"""


@dataclass(frozen=True, slots=True)
class OutletJob:
    """A job on one outlet; `options` are those of the command that does it, without their dashes."""

    kind: str
    outlet: str
    options: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name of the job; of jobs with the same name only one waits or runs."""
        return " ".join([self.kind, self.outlet, *(f"{name}={value}" for name, value in sorted(self.options.items()))])

    @property
    def log(self) -> str:
        return f"{self.kind}-{self.outlet}"

    @property
    def command(self) -> list[str]:
        """The words after `scrapy` that do the job."""
        options = [part for name, value in self.options.items() for part in (f"--{name}", value) if part]
        named = ["--outlet", self.outlet] if self.kind == REEXTRACT else [self.outlet]
        return [self.kind, *named, *options]

    def as_queued(self) -> Job:
        arguments: dict[str, Any] = {"kind": self.kind, "outlet": self.outlet, "options": dict(self.options)}
        return Job(
            queue=self.kind,
            priority=PRIORITIES[self.kind],
            lock=self.outlet,
            queueing_lock=self.name,
            task_name=TASK,
            task_kwargs=arguments,
        )


def updates(outlets: Iterable[str], scope: str) -> list[OutletJob]:
    return [OutletJob(UPDATE, outlet, {"scope": scope}) for outlet in outlets]


def backfills(spans: Mapping[str, tuple[date, date]], scope: str, retries: bool) -> list[OutletJob]:
    """Return the jobs for outlets' days from first to last: one for each month, the newest of all outlets first."""
    more = {"scope": scope, **({"retry-failed": ""} if retries else {})}
    found = [
        OutletJob(BACKFILL, outlet, {"since": str(since), "until": str(until), **more})
        for outlet, span in spans.items()
        for since, until in months(*span)
    ]
    return sorted(found, key=lambda job: job.options["since"][:7], reverse=True)


def reextractions(
    outlets: Mapping[str, Sequence[date]], since: date | None, until: date | None, to: str
) -> list[OutletJob]:
    """Return the jobs for outlets with segments of some days (of first capture): one up to the end of each month.

    Each does what those before it left undone, so that the numbers of versions are right.
    """
    more = {"to": to, **({"since": str(since)} if since else {})}
    ends = {name: sorted({min(last_of(day), until or last_of(day)) for day in days}) for name, days in outlets.items()}
    return [
        OutletJob(REEXTRACT, outlet, {**more, "until": str(end)}) for outlet, several in ends.items() for end in several
    ]


def months(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each month in a span, the newest first."""
    while until >= since:
        first = max(since, until.replace(day=1))
        yield first, until
        until = first - ONE_DAY


def last_of(day: date) -> date:
    """Return the last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


async def enqueue(app: App, jobs: Iterable[OutletJob]) -> int:
    """Queue the jobs that neither wait nor run, in their order; return how many. Raises ConnectorException."""
    wanted = {job.name: job for job in jobs}
    while True:
        rows = await app.connector.execute_query_all_async(KNOWN, locks=list(wanted))
        known = {row["queueing_lock"] for row in rows}
        new = [job.as_queued() for name, job in wanted.items() if name not in known]
        try:
            if new:
                await app.job_manager.batch_defer_jobs_async(new)
        except AlreadyEnqueued:
            continue  # by another process, just now
        if len(new) >= MANY:
            await app.connector.execute_query_async("ANALYZE procrastinate_jobs")
        return len(new)
