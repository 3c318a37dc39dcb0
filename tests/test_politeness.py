"""Politeness as a server sees it: its log proves spacing, Crawl-delay, Retry-After and robots.txt."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from itertools import pairwise

import pytest
from origin import RESET, Origin, answer
from recorded_crawl import crawl, run

PLAIN = b"Content-Type: text/plain"
PAGE = answer(b"<p>ok</p>", b"Content-Type: text/html")
PATHS = [f"/{number}" for number in range(5)]
# What a client's own timers and a loaded machine's threads may take away.
SLACK = 0.02


def routes(robots=b"", **others):
    rules = answer(robots, PLAIN) if isinstance(robots, bytes) else robots
    return {"/robots.txt": rules} | dict.fromkeys(PATHS, PAGE) | {f"/{name}": route for name, route in others.items()}


def wanted(origin, paths=PATHS):
    return [{"url": origin.base + path} for path in paths]


def starts(origin):
    return [logged.began for logged in origin.log]


def gaps(origin):
    return [after - before for before, after in pairwise(starts(origin))]


def test_one_request_at_a_time_and_each_apart_from_the_one_before(tmp_path):
    slow = [0.4, *PAGE]
    with Origin(routes() | {"/2": slow}) as origin:
        crawl(tmp_path, wanted(origin), DOWNLOAD_DELAY=0.2, CONCURRENT_REQUESTS_PER_DOMAIN=8)
    assert len(origin.log) == len(PATHS) + 1
    assert min(gaps(origin)) >= 0.2 - SLACK
    assert all(after.began >= before.ended - SLACK for before, after in pairwise(origin.log))


def test_two_processes_together_are_no_faster_than_one(tmp_path):
    with Origin(routes()) as origin:
        crawls = [
            threading.Thread(
                target=run, args=(tmp_path, wanted(origin), {"name": name}), kwargs={"DOWNLOAD_DELAY": 0.2}
            )
            for name in ("one", "two")
        ]
        for thread in crawls:
            thread.start()
        for thread in crawls:
            thread.join()
    assert len(origin.log) == 2 * (len(PATHS) + 1)
    assert min(gaps(origin)) >= 0.2 - SLACK


def test_a_crawl_delay_is_kept(tmp_path):
    with Origin(routes(b"User-agent: *\nCrawl-delay: 0.7\n")) as origin:
        crawl(tmp_path, wanted(origin, PATHS[:3]), DOWNLOAD_DELAY=0.1, ROBOTSTXT_OBEY=True)
    # The first page after robots.txt waits as well.
    assert min(gaps(origin)) >= 0.7 - SLACK


@pytest.mark.parametrize("status", [b"503 Busy", b"429 Too Many Requests"])
def test_retry_after_is_waited_for(tmp_path, status):
    busy = answer(b"", b"Retry-After: 2", status=status)
    with Origin(routes(busy=(busy, PAGE))) as origin:
        seen, _ = crawl(tmp_path, wanted(origin, ["/busy", "/0"]), DOWNLOAD_DELAY=0.1)
    assert [one["status"] for one in seen] == [200, 200]
    first = next(logged for logged in origin.log if logged.target == "/busy")
    after = origin.log[origin.log.index(first) + 1]
    assert after.began >= first.ended + 2 - SLACK


def test_a_host_that_wants_to_be_left_alone_for_long_is(tmp_path):
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
def test_a_host_without_its_robots_txt_is_asked_for_nothing_else(tmp_path, robots):
    with Origin(routes(robots)) as origin:
        seen, stats = crawl(tmp_path, wanted(origin), DOWNLOAD_DELAY=0.1, ROBOTSTXT_OBEY=True)
    assert {one["error"] for one in seen} == {"RobotsUnavailable"}
    assert {logged.target for logged in origin.log} == {"/robots.txt"}
    assert stats["khobor/robots/unavailable"] == 1


def test_a_host_that_has_no_robots_txt_may_be_asked(tmp_path):
    with Origin(routes(answer(b"", PLAIN, status=b"404 Not Found"))) as origin:
        seen, _ = crawl(tmp_path, wanted(origin), DOWNLOAD_DELAY=0.1, ROBOTSTXT_OBEY=True)
    assert [one["status"] for one in seen] == [200] * len(PATHS)


def test_robots_txt_is_asked_for_again_when_it_is_old(tmp_path):
    rules = (answer(b"", PLAIN), answer(b"User-agent: *\nDisallow: /4\n", PLAIN))
    with Origin(routes(rules)) as origin:
        settings = {"DOWNLOAD_DELAY": 0.4, "ROBOTSTXT_OBEY": True, "ROBOTSTXT_MAX_AGE": 1, "CONCURRENT_REQUESTS": 1}
        seen, _ = crawl(tmp_path, wanted(origin), **settings)
    assert origin.visits["/robots.txt"] > 1
    assert seen[4]["error"] == "IgnoreRequest"


def test_a_host_is_not_given_to_another_while_its_answer_is_waited_for(tmp_path):
    with Origin(routes() | {"/0": [7.0, *PAGE]}) as origin:
        slow = threading.Thread(
            target=run, args=(tmp_path, wanted(origin, ["/0"]), {"name": "one"}), kwargs={"DOWNLOAD_DELAY": 0.2}
        )
        slow.start()
        while "/0" not in origin.visits:
            time.sleep(0.05)
        crawl(tmp_path, wanted(origin, ["/1"]), DOWNLOAD_DELAY=0.2)
        slow.join()
    asked = {logged.target: logged for logged in origin.log}
    assert asked["/1"].began >= asked["/0"].ended - SLACK


def test_what_a_host_asks_for_is_kept_though_its_turn_was_being_renewed_as_it_answered(tmp_path):
    busy = answer(b"", b"Retry-After: 250", status=b"503 Busy")

    def held_up():
        while "/busy" not in origin.visits:
            time.sleep(0.01)
        time.sleep(1.35)
        with closing(sqlite3.connect(tmp_path / "spool/state.db", isolation_level=None)) as state:
            state.execute("BEGIN IMMEDIATE")
            time.sleep(1.2)
            state.execute("COMMIT")

    with Origin(routes(busy=[1.75, *busy])) as origin:
        other = threading.Thread(target=held_up)
        other.start()
        crawl(tmp_path, wanted(origin, ["/busy"]), DOWNLOAD_DELAY=0.1, RETRY_TIMES=0)
        other.join()
    with closing(sqlite3.connect(tmp_path / "spool/state.db")) as state:
        assert state.execute("SELECT free_at FROM hosts").fetchone()[0] > time.time() + 200
