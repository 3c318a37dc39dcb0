"""Custody: in which spool whose files stand, until when nobody else may take them, what is forgotten of lost ones."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from test_state_store import ORIGINAL, SEEN, URL

from crawler.archive.spool import identity_of
from crawler.state.custody import Custody
from crawler.state.tables import articles

RUN, OTHER = SEEN.run, "warc/samakal/2026/11/y.warc.gz"


@pytest.fixture
def mine(state):
    return Custody(state.engine, "mine", timedelta(minutes=15))


@pytest.fixture
def theirs(state):
    custody = Custody(state.engine, "theirs", timedelta(minutes=15))
    custody.begin(RUN, "samakal", "update", '{"scope": "all"}')
    state.recorded([SEEN], "samakal", [ORIGINAL], {SEEN.file: RUN, OTHER: RUN})
    return custody


def told(state):
    """Return by key the run, file and status of articles."""
    with state.engine.connect() as connection:
        rows = connection.execute(select(articles.c.key, articles.c.run, articles.c.file, articles.c.status))
        return {key: tuple(rest) for key, *rest in rows}


def test_a_spool_has_a_run_and_its_files_until_confirmation(mine, theirs):
    (run,) = mine.of("samakal")
    assert (run.run, run.command, run.wanted, run.spool) == (RUN, "update", '{"scope": "all"}', "theirs")
    assert run.files == {SEEN.file, OTHER}
    assert mine.of("ittefaq") == []
    theirs.confirm([RUN])
    assert mine.of("samakal") == []


def test_one_lease_covers_all_runs_of_a_spool(mine, theirs):
    (before,) = mine.of("samakal")
    mine.renew()
    assert mine.of("samakal") == [before]
    theirs.renew()
    assert mine.of("samakal")[0].held_until > before.held_until


def test_of_several_that_take_a_run_over_one_does(state, theirs):
    state.archived(SEEN.file)
    (run,) = theirs.of("samakal")
    takers = [Custody(state.engine, f"spool-{number}", timedelta(minutes=15)) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda one: one.take_over(run), takers))
    assert sorted(taken) == [False] * 5 + [True]
    assert theirs.of("samakal")[0].spool == takers[taken.index(True)].spool
    # Whether its row went up as well is not known yet.
    assert told(state)[SEEN.key] == (RUN, SEEN.file, "recorded")


def test_a_run_whose_lease_was_renewed_meanwhile_is_not_taken(mine, theirs):
    (run,) = mine.of("samakal")
    theirs.renew()
    assert not mine.take_over(run)


def test_a_spool_loses_a_run_by_take_over_or_confirmation(mine, theirs):
    (run,) = mine.of("samakal")
    assert (theirs.has(RUN), mine.has(RUN)) == (True, False)
    mine.take_over(run)
    assert (theirs.has(RUN), mine.has(RUN)) == (False, True)
    mine.confirm([RUN])
    assert not mine.has(RUN)


def test_lost_files_lose_their_captures_but_not_other_runs_articles(state, mine, theirs):
    (run,) = mine.of("samakal")
    # Captured again by the lost run, and still as an earlier one had it.
    state.recorded([replace(SEEN, key="2", run="khobor-samakal-20261123T101500123-host")])
    mine.forget(run, [SEEN.file])
    state.archived(SEEN.file)
    assert state.originals("samakal", [URL]) == {}
    assert told(state)["2"] == ("khobor-samakal-20261123T101500123-host", None, "archived")
    assert mine.of("samakal")[0].files == {OTHER}


def test_recovered_articles_of_a_lost_run_wait_for_its_files(
    state,
    mine,
    theirs,
):
    recovering = "khobor-samakal-20261125T101500123-host"
    theirs.begin(recovering, "samakal", "update", None)
    state.recorded([replace(SEEN, run=recovering)])
    first, second = theirs.of("samakal")
    assert mine.take_over(second)
    assert mine.take_over(first)
    mine.forget(first, [SEEN.file])
    assert told(state)[SEEN.key] == (recovering, SEEN.file, "recorded")
    assert [entry.key for entry in state.entries_of(recovering)] == [SEEN.key]


def test_a_spool_has_one_identity_whoever_asks_first(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        (identity,) = set(pool.map(lambda _: identity_of(tmp_path / "spool"), range(32)))
    assert identity != identity_of(tmp_path / "other")
    assert [path.name for path in (tmp_path / "spool").iterdir()] == ["identity"]
