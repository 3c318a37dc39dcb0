"""The upkeep of the queue, by every worker: jobs of dead workers, days that lost spools have reopened, old jobs."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

from procrastinate import App
from sqlalchemy import Engine

from crawler.jobs.queue.jobs import BACKFILL, OutletJob, enqueue, last_of
from crawler.jobs.queue.listing import counts, give_back
from crawler.state.leases import held_spools, lost_months

# Jobs that ended this long ago are forgotten.
KEPT_HOURS = 7 * 24
PRUNE_SECONDS = 3600.0
# Rounds of upkeep within a lease.
ROUNDS = 5

OWN = """
SELECT id, worker_id FROM procrastinate_jobs JOIN khobor_attempts ON job_id = id
WHERE status = 'doing' AND spool = %(spool)s
"""
STALLED = """
SELECT jobs.id, worker_id, coalesce(spool, '') AS spool FROM procrastinate_jobs AS jobs
LEFT JOIN khobor_attempts ON job_id = jobs.id LEFT JOIN procrastinate_workers AS workers ON workers.id = worker_id
WHERE status = 'doing' AND (worker_id IS NULL OR last_heartbeat < now() - make_interval(secs => %(seconds)s))
"""
# What was tried since a spool was lost, has failed or was cancelled, is not tried again by itself.
TRIED = """
SELECT queueing_lock FROM procrastinate_jobs LEFT JOIN khobor_attempts ON job_id = id
WHERE queueing_lock = %(name)s
    AND (status IN ('failed', 'cancelled') OR started > nullif(%(since)s, '')::timestamptz) LIMIT 1
"""


@dataclass
class Upkeep:
    """Keeps the queue in order, in rounds. `engine` is that of state, which has the leases of spools.

    `after` is called in a thread with the number of jobs by kind and state, in each round.
    """

    engine: Engine
    lease: timedelta
    after: Callable[[dict[tuple[str, str], int]], object]

    async def run(self, app: App, spool: str, running: Collection[int], push: Callable[[], Awaitable[object]]) -> None:
        """Work until cancelled; `push` uploads what waits in this spool, once in a lease while no job runs.

        Raises ConnectorException, SQLAlchemyError, OSError.
        """
        seconds, clock = self.lease.total_seconds(), asyncio.get_running_loop().time
        began, pruned, pushed = clock(), -math.inf, clock()
        idle: set[int] = set()
        while True:
            # A job that has just ended is written in a moment.
            idle = await self.take_back(app, spool, running, idle)
            # After an outage of the database, the other workers have this long to come back to their jobs.
            if clock() - began > seconds:
                await self._give_away(app)
                await self._reopen(app)
            if clock() - pruned > PRUNE_SECONDS:
                await app.job_manager.delete_old_jobs(KEPT_HOURS, include_cancelled=True, include_aborted=True)
                pruned = clock()
            if not running and clock() - pushed > seconds:
                await push()
                pushed = clock()
            await asyncio.to_thread(self.after, await counts(app))
            await asyncio.sleep(seconds / ROUNDS)

    async def take_back(
        self, app: App, spool: str, running: Collection[int] = (), idle: Collection[int] | None = None
    ) -> set[int]:
        """Give back the jobs of this spool that no process here runs, and of these `idle` ones if given; return them.

        An earlier worker of the spool had them, or their end could not be written.
        """
        rows = await app.connector.execute_query_all_async(OWN, spool=spool)
        found = {row["id"]: row["worker_id"] for row in rows if row["id"] not in running}
        for number in found.keys() & (found if idle is None else idle):
            await give_back(app, number, "doing", found[number])
        return set(found)

    async def _give_away(self, app: App) -> None:
        """Give back the jobs of dead workers whose spools have no lease any more."""
        rows = await app.connector.execute_query_all_async(STALLED, seconds=self.lease.total_seconds())
        held = await asyncio.to_thread(held_spools, self.engine) if rows else set()
        for row in rows:
            if row["spool"] not in held:
                await give_back(app, row["id"], "doing", row["worker_id"])

    async def _reopen(self, app: App) -> None:
        """Queue the months again that have days with articles in lost spools."""
        for lost in await asyncio.to_thread(lost_months, self.engine):
            first = date.fromisoformat(f"{lost.month}-01")
            options = {"since": str(first), "until": str(last_of(first)), "scope": lost.scope}
            job = OutletJob(BACKFILL, lost.outlet, options)
            if not await app.connector.execute_query_all_async(TRIED, name=job.name, since=lost.since):
                await enqueue(app, [job])
