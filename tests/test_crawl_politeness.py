"""Politeness in the log of a server: spacing, Crawl-delay, Retry-After and robots.txt."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise

import pytest
from origin import RESET, Origin, answer
from recorded_crawl import crawl, run

from crawler.system import clock

PLAIN = b"Content-Type: text/plain"
PAGE = answer(b"<p>ok</p>", b"Content-Type: text/html")
PATHS = [f"/{number}" for number in range(5)]
# Tolerance for timers and a loaded machine.
SLACK = 0.02


def routes(robots=b"", **others):
    rules = answer(robots, PLAIN) if isinstance(robots, bytes) else robots
    return {"/robots.txt": rules} | dict.fromkeys(PATHS, PAGE) | {f"/{name}": route for name, route in others.items()}


def wanted(origin, paths=PATHS):
    return [{"url": origin.base + path} for path in paths]


def gaps(origin):
    return [after - before for before, after in pairwise(logged.began for logged in origin.log)]


def test_requests_are_sequential_and_apart(tmp_path):
    slow = [0.4, *PAGE]
    with Origin(routes() | {"/2": slow}) as origin:
        crawl(tmp_path, wanted(origin), DOWNLOAD_DELAY=0.2, CONCURRENT_REQUESTS_PER_DOMAIN=8)
    assert len(origin.log) == len(PATHS) + 1
    assert min(gaps(origin)) >= 0.2 - SLACK
    assert all(after.began >= before.ended - SLACK for before, after in pairwise(origin.log))


def test_two_processes_share_the_delay(tmp_path):
    with Origin(routes()) as origin, ThreadPoolExecutor() as pool:
        for name in ("one", "two"):
            pool.submit(run, tmp_path, wanted(origin), {"name": name}, DOWNLOAD_DELAY=0.2)
    assert len(origin.log) == 2 * (len(PATHS) + 1)
    assert min(gaps(origin)) >= 0.2 - SLACK


def test_a_crawl_delay_applies(tmp_path):
    with Origin(routes(b"User-agent: *\nCrawl-delay: 0.7\n")) as origin:
        crawl(tmp_path, wanted(origin, PATHS[:3]), DOWNLOAD_DELAY=0.1, ROBOTSTXT_OBEY=True)
    # The first page after robots.txt waits as well.
    assert min(gaps(origin)) >= 0.7 - SLACK


def test_a_long_retry_after_pauses_the_host(tmp_path):
    busy = answer(b"", b"Retry-After: 86400", status=b"503 Busy")
    with Origin(routes(busy=busy)) as origin:
        seen, _ = crawl(tmp_path, wanted(origin, ["/busy", "/0"]), DOWNLOAD_DELAY=0.1, RETRY_TIMES=0)
        again, _ = crawl(tmp_path, wanted(origin, ["/1"]), DOWNLOAD_DELAY=0.1)
    assert [logged.target for logged in origin.log if logged.target != "/robots.txt"] == ["/busy"]
    assert [one.get("error") for one in (*seen[1:], *again)] == ["HostAsksToWait"] * 2


@pytest.mark.parametrize(
    "robots",
    [answer(b"", PLAIN, status=b"500 Error"), answer(b"", PLAIN, status=b"429 Too Many Requests"), [RESET]],
    ids=["500", "429", "reset"],
)
def test_a_host_with_unreadable_robots_txt_gets_no_other_request(tmp_path, robots):
    with Origin(routes(robots)) as origin:
        seen, stats = crawl(tmp_path, wanted(origin), DOWNLOAD_DELAY=0.1, ROBOTSTXT_OBEY=True)
    assert {one["error"] for one in seen} == {"RobotsUnavailable"}
    assert {logged.target for logged in origin.log} == {"/robots.txt"}
    assert stats["khobor/robots/unavailable"] == 1


def test_a_renewal_does_not_overwrite_retry_after(tmp_path):
    busy = answer(b"", b"Retry-After: 250", status=b"503 Busy")

    def held_up():
        while "/busy" not in origin.visits:
            time.sleep(0.01)
        time.sleep(1.35)
        with closing(sqlite3.connect(tmp_path / "spool/state.db", isolation_level=None)) as state:
            state.execute("BEGIN IMMEDIATE")
            time.sleep(1.2)
            state.execute("COMMIT")

    with Origin(routes(busy=[1.75, *busy])) as origin, ThreadPoolExecutor() as pool:
        held = pool.submit(held_up)
        crawl(tmp_path, wanted(origin, ["/busy"]), DOWNLOAD_DELAY=0.1, RETRY_TIMES=0)
        held.result()
    with closing(sqlite3.connect(tmp_path / "spool/state.db")) as state:
        assert state.execute("SELECT free_at FROM hosts").fetchone()[0] > clock.timestamp() + 200
