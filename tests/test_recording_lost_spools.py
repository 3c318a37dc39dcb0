"""A machine that is lost with its spool: its articles are fetched again when its lease has ended."""

import shutil
import sqlite3
from contextlib import closing, contextmanager

import pytest
from killing import SINCE, SLOW, WANTED, finished, judge, kill_all, killed, rows_so_far
from place import Place, wait_for
from test_recording_recovery import archived

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


def test_a_kill_before_lost_articles_are_requested_loses_none(machines, lost):
    _, two = machines
    with crawling(two, *ELSEWHEN[2:]) as process:
        wait_for(lambda: rows_so_far(two))
        kill_all(process)
    finished(two, *ELSEWHEN)
    assert lost <= {row["url"] for row in two.rows()}


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
