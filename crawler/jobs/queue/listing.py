"""The jobs that wait, run and have failed; failed ones queued again, others cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from procrastinate import App
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from procrastinate.utils import utcnow

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
    """Queue failed jobs again, all without IDs; return how many. One that waits already is only forgotten."""
    failed = [job["id"] for job in (await listed(app))["failed"] if not ids or job["id"] in ids]
    for number in failed:
        await give_back(app, number)
    return len(failed)


async def give_back(app: App, number: int) -> None:
    """Queue a running or failed job again; if the same job waits already, end it as cancelled."""
    try:
        await app.job_manager.retry_job_by_id_async(number, utcnow())
    except UniqueViolation:
        await app.connector.execute_query_async(
            "UPDATE procrastinate_jobs SET status = %(status)s WHERE id = %(number)s",
            status=Status.CANCELLED.value,
            number=number,
        )


async def cancel(app: App, ids: Sequence[int]) -> int:
    """Cancel jobs that wait, all without IDs, and stop running ones with an ID; return how many."""
    cancelled = await app.connector.execute_query_all_async(CANCEL, ids=list(ids))
    running = [job["id"] for job in (await listed(app))["running"] if job["id"] in ids]
    return len(cancelled) + sum([await app.job_manager.cancel_job_by_id_async(one, abort=True) for one in running])
