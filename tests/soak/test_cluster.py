"""Workers that meet every fault, stop, lose their connections, idle, and share a re-extraction."""

from __future__ import annotations

import os
import shutil
import signal
import time

import psycopg
import pytest
from interop import seaweedfs
from interop.test_queue import (
    DAYS,
    LEASE,
    OUTLETS,
    SINCE,
    assert_all_kept,
    assert_paced,
    assert_sound,
    backfill,
    database,  # noqa: F401
    end,
    is_done,
    machines,  # noqa: F401
    news,  # noqa: F401
    query,
    state,  # noqa: F401
    titles,
)
from killing import descendants, kill_alone, rows_so_far
from place import wait_for
from sandbox import TODAY
from sqlalchemy.exc import OperationalError


@pytest.fixture(scope="module")
def server():
    with seaweedfs.running() as server:
        yield server


def stop_all(worker):
    """Stop a worker and its children as a machine that sleeps; return them."""
    pids = [worker.pid, *descendants(worker.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    return pids


def test_three_workers_outlive_every_fault(machines, database, server, news):  # noqa: F811
    first, second, third = (next(machines) for _ in range(3))
    first.enqueue("update")
    backfill(first)
    workers = [machine.worker() for machine in (first, second, third)]
    wait_for(lambda: rows_so_far(first) and rows_so_far(second), 180)
    kill_alone(workers[0])
    workers[0].communicate()
    shutil.rmtree(first.root / "spool")
    asleep = stop_all(workers[1])
    time.sleep(2 * LEASE)
    for pid in asleep:
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: rows_so_far(third), 180)
    database.stop()
    time.sleep(2)
    database.start()
    wait_for(lambda: connected(third), 60)
    server.kill()
    time.sleep(5)
    server.start()
    wait_for(lambda: is_done(third), 400)
    end(*workers[1:])
    # Segments of crawls that lost their state are finished once they are due.
    for machine in (second, third):
        assert machine.run("push", "-s", "WARC_AGE=1").returncode == 0
    assert "failed" not in third.counts
    assert_all_kept(third, titles(), returned=[second])
    assert_paced(news)


def connected(machine):
    try:
        return query(machine, "SELECT 1")
    except OperationalError:
        return False


def test_a_stopped_worker_gives_its_jobs_back(machines):  # noqa: F811
    first, second = next(machines), next(machines)
    backfill(first, *DAYS)
    worker = first.worker("--jobs", "2")
    wait_for(lambda: rows_so_far(first), 120)
    assert {job["where"] for job in first.queue["running"]} == {f"{os.uname().nodename}:{first.root / 'spool'}"}
    began = time.monotonic()
    end(worker)
    assert time.monotonic() - began < 35
    assert not first.spool("*.open")
    assert "doing" not in second.counts
    worker = second.worker("--jobs", "3")
    wait_for(lambda: is_done(second), 300)
    end(worker)
    assert_all_kept(second, titles(*DAYS))


def test_lost_connections_and_cancellation_end_no_other_job(machines, database):  # noqa: F811
    one = next(machines)
    backfill(one, *DAYS)
    worker = one.worker("--jobs", "3")
    wait_for(lambda: rows_so_far(one), 120)
    (cancelled,) = (job["id"] for job in one.queue["running"] if job["outlet"] == "demo_tv")
    assert one.run("queue", "--cancel", str(cancelled)).stdout == "1 job cancelled\n"
    wait_for(lambda: "aborted" in one.counts, 60)
    with psycopg.connect(database.conninfo("postgres")) as connection:
        name = one.state.partition("@/")[2].partition("?")[0]
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    wait_for(lambda: is_done(one), 300)
    end(worker)
    assert one.counts == {"succeeded": 5, "aborted": 1}
    assert_sound(one)


def test_reextraction_by_workers_equals_that_of_one_process(machines):  # noqa: F811
    one, *others = (next(machines) for _ in range(4))
    for outlet in OUTLETS:
        done = one.run("crawl", outlet, "-a", f"since={SINCE}", "-a", f"until={TODAY}", "-s", "WARC_SIZE=50000")
        assert done.returncode == 0, done.stderr
    whole, parts = one.root / "whole", one.root / "parts"
    assert one.run("reextract", "--to", str(whole)).returncode == 0
    one.enqueue("reextract", "--to", str(parts))
    workers = [machine.worker() for machine in others]
    wait_for(lambda: is_done(one), 200)
    end(*workers)
    assert one.counts.keys() == {"succeeded"}
    assert contents(parts) == contents(whole)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_idle_worker_uses_hardly_any_processor(machines):  # noqa: F811
    one = next(machines)
    assert one.run("queue").stdout == "0 waiting, 0 running, 0 failed\n"
    worker = one.worker("-s", "RUN_LEASE_SECONDS=150")
    wait_for(lambda: query(one, "SELECT 1 FROM procrastinate_workers"), 60)
    time.sleep(5)
    before, began = cpu_seconds(worker.pid), time.monotonic()
    time.sleep(20)
    used = (cpu_seconds(worker.pid) - before) / (time.monotonic() - began)
    end(worker)
    assert used < 0.01, f"{used:.2%} of a core"


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
