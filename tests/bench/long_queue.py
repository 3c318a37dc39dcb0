"""Measure a long queue on a local PostgreSQL: seconds to queue jobs, to list them, and to fetch one."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from datetime import date, timedelta

from interop import postgresql
from procrastinate import App

from crawler.jobs.queue.database import opened
from crawler.jobs.queue.jobs import backfills, enqueue
from crawler.jobs.queue.listing import counts, listed

OUTLETS, FETCHES = 60, 40


async def measure(url: str, jobs: int) -> dict[str, float]:
    until = date(2026, 11, 30)
    since = until - timedelta(days=jobs * 31 // OUTLETS)
    wanted = backfills({f"outlet_{number}": (since, until) for number in range(OUTLETS)}, "national", False)[:jobs]
    async with opened(url) as app:
        found = {"jobs": float(len(wanted))}
        for name, work in (("queue", enqueue(app, wanted)), ("queue again", enqueue(app, wanted))):
            began = time.perf_counter()
            await work
            found[name] = time.perf_counter() - began
        for name, listing in (("list", listed(app)), ("count", counts(app))):
            began = time.perf_counter()
            await listing
            found[name] = time.perf_counter() - began
        return found | {"fetch": statistics.median([await fetch(app) for _ in range(FETCHES)])}


async def fetch(app: App) -> float:
    began = time.perf_counter()
    job = await app.job_manager.fetch_job(queues=None, worker_id=await app.job_manager.register_worker())
    assert job is not None
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--json", help="file for all figures")
    options = parser.parse_args()
    with postgresql.running() as server:
        found = asyncio.run(measure(server.new_database(), options.jobs))
    for name, value in found.items():
        print(f"{name}: {value:.0f}" if name == "jobs" else f"{name}: {1000 * value:.1f} ms")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(found, file)


if __name__ == "__main__":
    main()
