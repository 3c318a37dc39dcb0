"""Three workers, of which one dies and one sleeps, while the database restarts and the store is away."""

from __future__ import annotations

import os
import shutil
import signal
import time

import pytest
from interop import seaweedfs
from interop.test_queue import (
    LEASE,
    assert_all_kept,
    assert_paced,
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
    for machine in (second, third):
        assert machine.run("push").returncode == 0
    assert "failed" not in third.counts
    assert_all_kept(third, titles(), returned=[second])
    assert_paced(news)


def connected(machine):
    try:
        return query(machine, "SELECT 1")
    except OperationalError:
        return False
