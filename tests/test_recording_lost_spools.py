"""A machine that is lost with its spool: its articles are fetched again when its lease has ended."""

import json
import os
import shutil
import signal
import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
import sandbox
from killing import SINCE, SLOW, WANTED, finished, judge, kill_all, killed, rows_so_far
from place import UNREACHABLE, Place, wait_for
from sandbox import TODAY
from test_recording_recovery import archived

from crawler.system import clock
from crawler.system.locks import DirectoryLock, Locked

# A crawl of a day that the killed crawls do not reach.
ELSEWHEN = ["crawl", "demo_tv", "-a", f"since={SINCE}", "-a", f"until={SINCE}"]


class Machine(Place):
    """A machine with its own spool; archive and state are shared."""

    name = ""

    def command(self, *words):
        spool, state = self.root / "spool" / self.name, f"sqlite:///{self.root}/state.db"
        settings = (f"SPOOL_DIR={spool}", f"STATE_URL={state}")
        return super().command(*words, *(part for setting in settings for part in ("-s", setting)))


@pytest.fixture
def machines(tmp_path, demo):
    def made(name):
        one = Machine(tmp_path, demo.url)
        one.name = name
        return one

    return made("one"), made("two")


@pytest.fixture(scope="module")
def left(tmp_path_factory, demo):
    """What the first machine's crawl left when it was killed: its place and the records that it had acknowledged."""
    one = Machine(tmp_path_factory.mktemp("killed"), demo.url)
    one.name = "one"
    return one, killed(one, enough=lambda rows: len(rows) >= 4 and recorded_in_state(one) >= 4)


@pytest.fixture
def acknowledged(left, machines):
    """The records that the first machine had acknowledged when it was killed."""
    one, known = left
    shutil.copytree(one.root, machines[0].root, dirs_exist_ok=True)
    return known


def recorded_in_state(machine):
    """Return how many articles state has."""
    with closing(sqlite3.connect(f"file:{machine.root}/state.db?mode=ro", uri=True)) as state:
        return state.execute("SELECT count(*) FROM articles WHERE outcome = 'article'").fetchone()[0]


def make_lease_end(machine):
    with closing(sqlite3.connect(machine.root / "state.db")) as state, state:
        state.execute("UPDATE spools SET held_until = '2026-01-01T00:00:00.000000+00:00'")


@contextmanager
def crawling(machine, *words):
    """Start a crawl that is killed at the end, stopped or not."""
    with machine.start(*SLOW, *words, stdout=None) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                kill_all(process)


def stopped_idle(process, machine):
    """Stop a process unless it holds a lock that both have here, unlike two machines."""
    process.send_signal(signal.SIGSTOP)
    # Its threads work on until the signal has reached all of them.
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    is_idle = not (is_state_locked(machine) or is_numbering(machine))
    if not is_idle:
        process.send_signal(signal.SIGCONT)
    return is_idle


def is_state_locked(machine):
    with closing(sqlite3.connect(f"{machine.root}/state.db", timeout=0)) as state:
        return bool(state.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])


def is_numbering(machine):
    try:
        with DirectoryLock(machine.root / "locks/versions/demo_tv"):
            return False
    except Locked:
        return True


def test_a_lost_machines_articles_are_refetched_after_its_lease(machines, acknowledged):
    one, two = machines
    shutil.rmtree(one.root / "spool/one")
    assert finished(two).stderr == ""
    assert {row["title"] for row in two.rows()} < WANTED
    make_lease_end(two)
    done = finished(two)
    assert "was lost with its spool" in done.stderr
    assert done.stderr.count("will be refetched") == 1
    judge(two, set(), WANTED)
    assert acknowledged
    assert finished(two).stderr == ""


@pytest.fixture
def lost(machines, acknowledged):
    """Lose a machine with its spool in mid-crawl; return the addresses of its articles in state."""
    one, two = machines
    shutil.rmtree(one.root / "spool/one")
    make_lease_end(two)
    with closing(sqlite3.connect(one.root / "state.db")) as state:
        return {url for (url,) in state.execute("SELECT url FROM articles WHERE outcome = 'article'")}


def test_lost_articles_without_a_listing_are_fetched_by_address(machines, lost):
    _, two = machines
    done = finished(two, *ELSEWHEN)
    assert f"was lost with its spool; {len(lost)} articles will be refetched" in done.stderr
    assert lost <= {row["url"] for row in two.rows()}
    assert finished(two).stderr == ""
    judge(two, set(), WANTED)


def test_lost_articles_out_of_reach_wait_for_the_next_crawl(machines, lost):
    _, two = machines
    finished(two, *ELSEWHEN, "-s", "CLOSESPIDER_PAGECOUNT=1")
    assert not lost <= {row["url"] for row in two.rows()}
    assert finished(two, *ELSEWHEN).stderr == ""
    assert lost <= {row["url"] for row in two.rows()}


def test_a_kill_before_lost_articles_are_requested_loses_none(machines, lost):
    _, two = machines
    with crawling(two, *ELSEWHEN[2:]) as process:
        wait_for(lambda: rows_so_far(two))
        kill_all(process)
    finished(two, *ELSEWHEN)
    assert lost <= {row["url"] for row in two.rows()}


def test_a_backfill_refetches_the_days_of_a_lost_machine(machines, monkeypatch):
    # A backfill leaves the current day to updates.
    monkeypatch.setenv(clock.SHIFT, sandbox.later(timedelta(days=1)))
    one, two = machines
    words = ["backfill", "demo_tv", "--since", str(SINCE), "--until", str(TODAY)]
    done = one.scrapy(*words, "-s", "ARCHIVE_URL=s3://bucket/kept", environment=UNREACHABLE)
    assert done.returncode == 0, done.stderr
    assert "5 of 5 days closed" in done.stdout
    shutil.rmtree(one.root / "spool/one")
    assert "0 outlets" in finished(two, *words).stdout
    make_lease_end(two)
    assert "5 of 5 days open" in finished(two, *words, "--dry-run").stdout
    done = finished(two, *words)
    assert done.stderr.count("was lost with its spool") == 1
    assert "5 of 5 days closed" in done.stdout
    judge(two, set(), WANTED)
    assert "0 outlets" in finished(two, *words).stdout


def test_a_machine_that_slept_past_its_lease_goes_on(machines):
    one, two = machines
    with crawling(one) as process:
        wait_for(lambda: len(rows_so_far(one)) >= 4 and recorded_in_state(one))
        wait_for(lambda: stopped_idle(process, one))
        make_lease_end(two)
        assert "will be refetched" in finished(two).stderr
        process.send_signal(signal.SIGCONT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert {row["title"] for row in two.rows()} == WANTED
    assert finished(one).stderr == finished(two).stderr == ""
    assert_repeats_are_counted(two)


def test_a_machine_that_returns_uploads_its_segments(machines, acknowledged):
    one, two = machines
    make_lease_end(two)
    assert "will be refetched" in finished(two).stderr
    assert "recovered 1 segment of dead crawls" in finished(one).stderr
    assert acknowledged <= archived(one)
    assert {row["title"] for row in one.rows()} == WANTED
    assert_repeats_are_counted(two)


def assert_repeats_are_counted(machine):
    """Assert that every version is in the archive, and that verify counts those that are there twice."""
    versions = Counter((row["id"], row["version"]) for row in machine.rows())
    repeated = sum(count > 1 for count in versions.values())
    assert repeated
    done = machine.scrapy("verify", "--json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["repeated"] == repeated


def test_a_machine_that_returns_in_time_recovers_its_own_run(machines, acknowledged):
    one, two = machines
    assert finished(two).stderr == ""
    assert "recovered 1 segment of dead crawls" in finished(one).stderr
    assert acknowledged <= archived(one)
    # The other one may have fetched what was in a row but not in state yet.
    assert {row["title"] for row in one.rows()} == WANTED


def lose(place, url, key, version):
    """Put a lost article into state."""
    (run,) = {run["run"] for run in place.runs()}
    columns = "outlet, key, url, outcome, scope, run, fetched_at, version, status"
    values = ("demo_tv", key, url, "lost", "national", run, "2026-11-01T00:00:00.000000Z", version, "recorded")
    with closing(sqlite3.connect(place.root / "spool/state.db")) as state, state:
        state.execute(f"INSERT OR REPLACE INTO articles ({columns}) VALUES ({', '.join('?' * 9)})", values)


def lost_in_state(place):
    with closing(sqlite3.connect(place.root / "spool/state.db")) as state:
        return state.execute("SELECT key FROM articles WHERE outcome = 'lost'").fetchall()


def test_a_lost_article_is_requested_until_it_is_answered(tmp_path, demo):
    place = Place(tmp_path, demo.url)
    finished(place, *ELSEWHEN)
    first, second, third, *_ = (row["url"] for row in place.rows())
    lose(place, f"{first}-gone", "gone", 0)
    lose(place, second, "alias", 0)
    lose(place, third, "older-alias", 1)
    place.scrapy(*ELSEWHEN)
    assert lost_in_state(place) == []
    place.scrapy(*ELSEWHEN)
    runs = sorted(place.runs(), key=lambda run: run["started"])
    _, asked, after = (run["stats"]["downloader/request_count"] for run in runs)
    assert after == asked - 3
