"""A machine that is lost with its spool: what it had recorded is fetched again, once nobody speaks for it any more."""

import shutil
import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from killing import judge
from place import Place
from test_recovery import WANTED, archived, finished, killed


class Machine(Place):
    """A spool of its own; archive and state are those of all."""

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


def told(machine):
    """Return how many articles state has been told of."""
    with closing(sqlite3.connect(f"file:{machine.root}/state.db?mode=ro", uri=True)) as state:
        return state.execute("SELECT count(*) FROM articles WHERE outcome = 'article'").fetchone()[0]


def test_what_a_lost_machine_had_recorded_is_fetched_again_when_its_lease_is_over(machines):
    one, two = machines
    recorded = killed(one, enough=lambda rows: len(rows) >= 4 and told(one))
    shutil.rmtree(one.root / "spool/one")
    assert finished(two).stderr == ""
    assert {row["title"] for row in two.rows()} < WANTED
    with closing(sqlite3.connect(two.root / "state.db")) as state, state:
        assert state.execute("UPDATE spooled_runs SET held_until = '2026-01-01T00:00:00.000000+00:00'").rowcount == 1
    done = finished(two)
    assert "what these held is fetched again" in done.stderr
    assert done.stderr.count(" died: ") == 1
    judge(two, set(), WANTED)
    assert recorded
    assert finished(two).stderr == ""


def test_a_machine_that_comes_back_with_its_spool_in_time_recovers_its_own(machines):
    one, two = machines
    acknowledged = killed(one)
    assert finished(two).stderr == ""
    assert "recovered 1 WARC files of dead runs" in finished(one).stderr
    assert acknowledged <= archived(one)
    assert Counter(row["title"] for row in one.rows()) == Counter(WANTED)
