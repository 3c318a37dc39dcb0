"""The jobs that wait, run and have failed; failed ones queued again, others cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from procrastinate import App

JOBS = """
SELECT id, status::text, args, attempts, scheduled_at, place, started, reason,
    (SELECT max(at) FROM procrastinate_events AS events WHERE events.job_id = jobs.id
        AND type IN ('deferred', 'deferred_for_retry', 'retried')) AS queued,
    (SELECT max(at) FROM procrastinate_events AS events WHERE events.job_id = jobs.id AND type = 'failed') AS failed
FROM procrastinate_jobs AS jobs LEFT JOIN khobor_attempts ON job_id = jobs.id
WHERE status IN ('todo', 'doing', 'failed') AND task_name = 'khobor'
ORDER BY CASE status WHEN 'todo' THEN -priority ELSE 0 END, id
"""
COUNTS = """
SELECT queue_name AS kind, status::text, count(*) AS number FROM procrastinate_jobs
WHERE status IN ('todo', 'doing', 'failed') AND task_name = 'khobor' GROUP BY 1, 2
"""
CANCEL = """
UPDATE procrastinate_jobs SET status = 'cancelled'
WHERE status = 'todo' AND task_name = 'khobor' AND (%(ids)s::bigint[] = '{}' OR id = ANY(%(ids)s)) RETURNING id
"""
# A worker that returns finds no job of the old ID. Nobody wants what a user has cancelled.
GIVE_BACK = """
WITH old AS (
    DELETE FROM procrastinate_jobs WHERE id = %(number)s AND status = %(status)s::procrastinate_job_status
        AND (status <> 'doing' OR worker_id IS NOT DISTINCT FROM %(worker)s::bigint)
    RETURNING *
)
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, attempts)
SELECT queue_name, task_name, priority, lock, queueing_lock, args, attempts + 1 FROM old
WHERE (status <> 'doing' OR NOT abort_requested) AND NOT EXISTS (
    SELECT FROM procrastinate_jobs AS other
    WHERE other.queueing_lock = old.queueing_lock AND other.status = 'doing' AND other.id <> old.id
)
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""
LISTS = {"todo": "waiting", "doing": "running", "failed": "failed"}


async def listed(app: App) -> dict[str, list[dict[str, Any]]]:
    """Return the jobs as `waiting` (in their order), `running` and `failed`, ready for JSON; moments are RFC 3339."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS.values()}
    for row in await app.connector.execute_query_all_async(JOBS):
        job = {"id": row["id"], **row["args"], "queued": _text(row["queued"]), "attempts": row["attempts"]}
        if row["status"] == "todo":
            job |= {"not_before": _text(row["scheduled_at"])}
        if row["status"] == "doing":
            job |= {"where": row["place"], "started": _text(row["started"])}
        if row["status"] == "failed":
            job |= {"where": row["place"], "failed": _text(row["failed"]), "reason": row["reason"]}
        found[LISTS[row["status"]]].append(job)
    return found


def _text(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


async def counts(app: App) -> dict[tuple[str, str], int]:
    """Return the number of jobs by kind and list."""
    rows = await app.connector.execute_query_all_async(COUNTS)
    return {(row["kind"], LISTS[row["status"]]): row["number"] for row in rows}


async def retry(app: App, ids: Sequence[int]) -> int:
    """Queue failed jobs again, all without IDs; return how many. One that waits or runs already is only forgotten."""
    failed = [job["id"] for job in (await listed(app))["failed"] if not ids or job["id"] in ids]
    for number in failed:
        await give_back(app, number, "failed")
    return len(failed)


async def give_back(app: App, number: int, status: str, worker: int | None = None) -> None:
    """Queue a job again that has this status, and runs under this worker; under a new ID, which nobody else ends."""
    await app.connector.execute_query_async(GIVE_BACK, number=number, status=status, worker=worker)


async def cancel(app: App, ids: Sequence[int]) -> int:
    """Cancel jobs that wait, all without IDs, and stop running ones with an ID; return how many."""
    cancelled = await app.connector.execute_query_all_async(CANCEL, ids=list(ids))
    running = [job["id"] for job in (await listed(app))["running"] if job["id"] in ids]
    return len(cancelled) + sum([await app.job_manager.cancel_job_by_id_async(one, abort=True) for one in running])
