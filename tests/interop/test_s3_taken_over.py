"""A machine returns after another took over its finished run: nothing is lost or archived twice."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from plain_warc import read_records
from sqlalchemy import update
from test_recording_recovery import WANTED, WORDS, rows_so_far, wait_for

from crawler.state import State
from crawler.state.facts import as_text
from crawler.state.tables import spooled_runs
from interop.test_s3_containers import (  # noqa: F401
    LEASE,
    PATIENT,
    SMALL,
    containers,
    database,
    news,
    query,
    state,
    uploaded_warcs,
    waits_from,
)

TAKEN = "taken over by another machine, or spool/identity was removed"


def records_here(paths):
    return {record.get("WARC-Record-ID") for path in paths for record in read_records(path)}


def assert_comes_back(first, *others):
    """Assert that a machine continues after a take-over with all its records, and so do the others."""
    kept = records_here(first.spool("khobor-*.warc.gz"))
    for words in ([*WORDS, *SMALL], ["push"]):
        done = first.run(*words)
        assert done.returncode == 0, done.stderr
    assert done.stdout == "nothing waits\n"
    assert not first.spool("khobor-*.open")
    for one in (*others, first):
        assert one.run(*WORDS, *SMALL).stderr == ""
    first.fetch()
    assert Counter(row["title"] for row in first.rows()) == Counter(WANTED)
    assert kept <= records_here(first.files("warc/**/*.warc.gz"))
    verified = first.run("verify")
    assert verified.returncode == 0, verified.stdout
    assert query(first, "SELECT * FROM spooled_runs") == []


@pytest.mark.parametrize(
    ("state", "cut", "pushed"),
    [
        ("postgresql", "/warc/", 75),
        ("sqlite", "/warc/", None),
        ("postgresql", "/index/", 75),
        ("postgresql", "/runs/", None),
        # Only the manifest is missing; two manifests may name the same files.
        ("postgresql", "/manifest/", 0),
    ],
    indirect=["state"],
)
def test_a_machine_recovers_its_run_that_another_closed(containers, cut, pushed):  # noqa: F811
    first, second = next(containers), next(containers)
    waits_from(first, cut)
    time.sleep(LEASE + 0.5)
    done = second.run(*WORDS, *SMALL)
    assert done.returncode == 0, done.stderr
    if pushed is not None:
        done = first.run("push")
        assert (done.returncode, TAKEN in done.stderr) == (pushed, pushed == 75), done.stderr
    assert_comes_back(first, second)


def test_a_run_that_another_machine_closes_is_left_to_it(containers):  # noqa: F811
    first, second = next(containers), next(containers)
    waits_from(first, "/index/")
    time.sleep(LEASE + 0.5)
    recovering = second.start(*PATIENT, *SMALL)
    wait_for(lambda: rows_so_far(second), 120)
    for words, code in ((["push"], 75), ([*WORDS, *SMALL], 0)):
        done = first.run(*words)
        assert (done.returncode, TAKEN in done.stderr) == (code, True), done.stderr
    _, said = recovering.communicate(timeout=120)
    assert recovering.returncode == 0, said
    assert_comes_back(first, second)


def test_a_run_is_taken_back_from_a_dead_machine(containers):  # noqa: F811
    first, second, third = next(containers), next(containers), next(containers)
    waits_from(first, "/warc/")
    time.sleep(LEASE + 0.5)
    recovering = second.start(*PATIENT, *SMALL)
    wait_for(lambda: len(rows_so_far(second)) > 2 and uploaded_warcs(second), 120)
    second.killed(recovering)
    assert_comes_back(first, third)


@pytest.mark.parametrize(
    ("cut", "theirs", "is_gone"),
    [("/warc/", "/runs/", True), ("/index/", "/runs/", False), ("/index/", "/articles/", True)],
)
def test_a_run_is_taken_back_from_a_waiting_machine(containers, cut, theirs, is_gone):  # noqa: F811
    first, second = next(containers), next(containers)
    for one, kind in ((first, cut), (second, theirs)):
        waits_from(one, kind)
        time.sleep(LEASE + 0.5)
    if is_gone:
        second.vanish()
    assert first.run(*WORDS, *SMALL).returncode == 0
    assert second.run(*WORDS, *SMALL).returncode == 0
    assert_comes_back(first, second)


def test_a_spool_without_identity_waits_for_its_old_lease(containers):  # noqa: F811
    first = next(containers)
    waits_from(first, "/runs/")
    (first.root / "spool" / "identity").unlink()
    ((run,),) = query(first, "SELECT run FROM spooled_runs")
    hold(first, timedelta(minutes=10))
    for words, code in ((["push"], 75), ([*WORDS, *SMALL], 0), (["push"], 75)):
        done = first.run(*words)
        assert (done.returncode, "nothing waits" in done.stdout) == (code, False)
        assert f"{run}: {TAKEN}; a crawl of the outlet after " in done.stderr
    hold(first, timedelta(0))
    assert_comes_back(first)


def hold(container, time_left):
    """Set the remaining time of all leases."""
    with closing(State(container.state)) as known, known.engine.begin() as connection:
        connection.execute(update(spooled_runs).values(held_until=as_text(datetime.now(UTC) + time_left)))
