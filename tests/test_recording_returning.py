"""What dead runs of other spools have in the archive is fetched back, as far as archive and disk allow."""

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from conftest import ROOT
from test_state_store import ORIGINAL, SEEN

from crawler.archive.storage.directory import DirectoryStorage
from crawler.recording.claims import claim_dead, is_living, run_path
from crawler.recording.recovery.returning import Returning
from crawler.state.custody import Custody
from crawler.system.files import digest_of
from crawler.system.locks import push_lock

RUNS = [f"khobor-samakal-20261124T10150012{number}-host" for number in range(2)]
WARCS = [f"warc/samakal/2026/11/{run}.warc.gz" for run in RUNS]

# Gives up what other spools have had, and is killed before it changes a file for the so-manieth time.
KILLED = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from crawler.recording.recovery.taken_over import give_up
from crawler.state import State
from crawler.state.custody import Custody
from crawler.archive.storage.directory import DirectoryStorage
step = int(sys.argv[4])
def change(event, arguments):
    global step
    is_written = event == "open" and "/tails/" in str(arguments[0]) and arguments[1] == "w"
    if event in ("os.rename", "os.remove") or is_written:
        step -= 1
        if step < 0:
            os.kill(os.getpid(), signal.SIGKILL)
custody = Custody(State(sys.argv[1]).engine, "mine", timedelta(minutes=15))
sys.addaudithook(change)
give_up(custody, DirectoryStorage(Path(sys.argv[2])), Path(sys.argv[3]), "samakal")
"""


@pytest.fixture
def lost(state, tmp_path):
    """Two runs whose spool and lease are gone, and whose WARCs went up."""
    gone = Custody(state.engine, "gone", timedelta(seconds=-1))
    for run, warc in zip(RUNS, WARCS, strict=True):
        gone.begin(run, "samakal", "update", None)
        state.recorded([], "samakal", [ORIGINAL], {warc: run})
        keep(tmp_path / "archive" / warc, "records")
    spool, archive = tmp_path / "spool", DirectoryStorage(tmp_path / "archive")
    custody = Custody(state.engine, "mine", timedelta(minutes=15))
    returning = Returning(custody, archive, spool, "samakal", SEEN.run)
    return SimpleNamespace(custody=custody, returning=returning, spool=spool, archive=archive.root, engine=state.engine)


def keep(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def whose(custody):
    """Return by run whose spool it stands in."""
    return {run.run: run.spool for run in custody.of("samakal")}


@pytest.mark.parametrize("kind", ["manifest", "runs"])
def test_a_run_with_a_damaged_archived_report_is_named(lost, kind, caplog):
    keep(lost.archive / f"{kind}/2026/11/{RUNS[1]}.json", '{"files": [')
    lost.returning.bring_back()
    (damaged,) = (message for message in caplog.messages if RUNS[1] in message)
    assert f"{kind}/2026/11/{RUNS[1]}.json is damaged" in damaged
    assert whose(lost.custody) == {RUNS[0]: "mine", RUNS[1]: "gone"}
    assert [(lost.spool / warc).exists() for warc in WARCS] == [True, False]


def test_a_run_waits_until_the_disk_has_room_for_it(lost, caplog):
    huge = lost.archive / WARCS[1]
    os.truncate(huge, 2 * shutil.disk_usage(lost.archive).free)
    lost.returning.bring_back()
    (told,) = (message for message in caplog.messages if RUNS[1] in message)
    assert "is left to the next run: to fetch it back takes" in told
    assert [(lost.spool / warc).exists() for warc in WARCS] == [True, False]
    assert is_living(lost.spool, RUNS[1])
    assert {run.run: run.files for run in lost.custody.of("samakal")}[RUNS[1]] == {WARCS[1]}
    lost.returning.close()
    os.truncate(huge, 7)
    lost.returning.bring_back()
    assert [(lost.spool / warc).exists() for warc in WARCS] == [True, True]


def test_a_run_waits_while_another_machine_recovers_it(lost, caplog):
    claims = [claim_dead(lost.spool, run, {"outlet": "samakal"}) for run in RUNS]
    for claim in claims:
        os.close(claim)
    other = Custody(lost.engine, "other", timedelta(minutes=15))
    (first, _) = other.of("samakal")
    assert other.take_over(first)
    lost.returning.bring_back()
    assert f"{RUNS[0]} died and is left to the next run: another machine has taken it over" in caplog.messages
    assert [is_living(lost.spool, run) for run in RUNS] == [True, False]
    assert [(lost.spool / warc).exists() for warc in WARCS] == [False, True]
    assert whose(lost.custody)[RUNS[0]] == "other"


def test_no_other_machine_takes_over_a_spool_during_its_recovery(lost):
    silent = Custody(lost.engine, "mine", timedelta(seconds=-1))
    silent.begin("khobor-samakal-20261124T101500125-host", "samakal", "update", None)
    seen = lost.custody.of("samakal")[-1]
    lost.returning.bring_back()
    assert not Custody(lost.engine, "other", timedelta(minutes=15)).take_over(seen)


@pytest.fixture
def unknown(lost):
    """A run that died in this spool when its WARC had gone up, and of which state knows nothing: the WARC's path."""
    run = "khobor-samakal-20261124T101500126-host"
    os.close(claim_dead(lost.spool, run, {"outlet": "samakal"}))
    keep(lost.spool / f"index/samakal/2026/11/{run}.cdxj", "lines")
    keep(lost.archive / f"warc/samakal/2026/11/{run}.warc.gz", "records")
    return lost.spool / f"warc/samakal/2026/11/{run}.warc.gz"


def test_a_warc_of_an_unknown_run_waits_for_living_runs(lost, unknown, caplog):
    living = claim_dead(lost.spool, "khobor-samakal-20261124T101500127-host", {"outlet": "samakal"})
    lost.returning.bring_back()
    run = unknown.name.removesuffix(".warc.gz")
    (told,) = (message for message in caplog.messages if run in message)
    assert "died and is left to the next run: WARC files in the archive may be its own" in told
    assert not unknown.exists()
    assert is_living(lost.spool, run)
    os.close(living)
    lost.returning.close()
    lost.returning.bring_back()
    assert unknown.read_text() == "records"
    assert not is_living(lost.spool, run)


@pytest.mark.parametrize("is_known", [True, False])
def test_a_warc_that_no_manifest_names_is_fetched_back(lost, unknown, caplog, is_known):
    """State knew the run and not the WARC; or somebody has closed it."""
    run, other = unknown.name.removesuffix(".warc.gz"), "khobor-samakal-20261124T101500127-host"
    lost.custody.begin(other, "samakal", "update", None)
    if is_known:
        lost.custody.begin(run, "samakal", "update", None)
    else:
        run_path(lost.spool, run).unlink()
    living = claim_dead(lost.spool, other, {"outlet": "samakal"})
    lost.returning.bring_back()
    assert not unknown.exists()
    assert not [message for message in caplog.messages if "left to the next run" in message]
    os.close(living)
    lost.returning.bring_back()
    assert unknown.read_text() == "records"


def test_a_warc_with_an_archived_index_stays_in_the_archive(lost, unknown):
    """Another machine has taken the run over, and is done."""
    keep(lost.archive / f"index/samakal/2026/11/{unknown.name.removesuffix('.warc.gz')}.cdxj", "lines")
    lost.returning.bring_back()
    assert not unknown.exists()


CLOSED = "khobor-samakal-20261124T101500125-host"
REPORT, MANIFEST = (f"{kind}/2026/11/{CLOSED}.json" for kind in ("runs", "manifest"))
RECOVERED = json.dumps({"run": CLOSED, "recovered_by": RUNS[0], "files": []})


@pytest.fixture
def closed(lost):
    """A run that is closed in this spool, and what its run file and manifest say."""
    keep(lost.spool / REPORT, '{"files": ["mine"], "wanted": {"scope": "all"}}')
    keep(lost.spool / MANIFEST, json.dumps({"files": [{"file": REPORT, "sha256": digest_of(lost.spool / REPORT)}]}))
    return {key.replace("/2026/11/", "."): (lost.spool / key).read_bytes() for key in (REPORT, MANIFEST)}


def is_closed(lost):
    return [(lost.spool / key).exists() for key in (REPORT, MANIFEST)] == [True, True]


def is_given_up(lost, closed):
    """Tell whether a run is a dead one, of which nothing is lost."""
    tails = {path.name: path.read_bytes() for path in lost.spool.glob("tails/*")}
    claim = lost.spool / f"{REPORT}.open"
    is_dead = not any((lost.spool / key).exists() for key in (REPORT, MANIFEST)) and not is_living(lost.spool, CLOSED)
    return is_dead and claim.read_bytes() == closed[f"runs.{CLOSED}.json"] and closed.items() <= tails.items()


@pytest.mark.parametrize("archived", [None, '{"files": ["mine"], "wanted": {"scope": "all"}}', "{", RECOVERED])
@pytest.mark.parametrize("stands", [True, False])
def test_an_unknown_closed_run_recovered_elsewhere_is_given_up(lost, closed, archived, stands):
    if stands:
        lost.custody.begin(CLOSED, "samakal", "update", None)
    if archived:
        keep(lost.archive / REPORT, archived)
    lost.returning.bring_back()
    is_recovered = archived == RECOVERED and not stands
    assert is_given_up(lost, closed) == is_recovered
    assert is_closed(lost) == (not is_recovered)


def test_a_closed_run_with_a_silent_taker_is_given_up(lost, closed):
    other = Custody(lost.engine, "other", timedelta(minutes=15))
    other.begin(CLOSED, "samakal", "update", None)
    lost.returning.bring_back()
    assert is_closed(lost)
    Custody(lost.engine, "other", timedelta(0)).renew()
    with push_lock(lost.spool, "samakal"):
        lost.returning.bring_back()
    assert is_closed(lost)
    assert whose(lost.custody)[CLOSED] == "other"
    lost.returning.bring_back()
    assert is_given_up(lost, closed)
    assert whose(lost.custody)[CLOSED] == "mine"


def test_an_unreadable_archive_leaves_closed_runs_unchanged(lost, closed):
    keep(lost.archive / "runs", "no folder")
    lost.custody.confirm(RUNS)
    lost.returning.bring_back()
    assert is_closed(lost)


def test_a_closed_run_is_not_given_up_during_upload(lost):
    keep(lost.spool / REPORT, '{"files": []}')
    lost.custody.begin(CLOSED, "samakal", "update", None)

    class Raced(Custody):
        def holders(self, runs):
            (lost.spool / REPORT).unlink(missing_ok=True)
            self.confirm(runs)
            return super().holders(runs)

    custody = Raced(lost.engine, "mine", timedelta(minutes=15))
    Returning(custody, DirectoryStorage(lost.archive), lost.spool, "samakal", SEEN.run).bring_back()
    assert not list(lost.spool.glob("tails/*"))


@pytest.mark.parametrize("spool", ["mine", "other"])
def test_a_killed_give_up_is_resumed_without_overwriting_tails(lost, closed, tmp_path, spool):
    """Whoever goes on has the same identity, or that of the spool in whose name the run stands."""
    shutil.copytree(lost.spool, tmp_path / "whole")
    for step in count():
        shutil.rmtree(lost.spool)
        shutil.copytree(tmp_path / "whole", lost.spool)
        keep(lost.spool / f"tails/runs.{CLOSED}.json", "of an earlier one")
        Custody(lost.engine, "other", timedelta(0)).begin(CLOSED, "samakal", "update", None)
        words = map(str, (lost.engine.url, lost.archive, lost.spool, step))
        done = subprocess.run([sys.executable, "-c", KILLED, *words], cwd=ROOT, check=False)
        custody = Custody(lost.engine, spool, timedelta(minutes=15))
        Returning(custody, DirectoryStorage(lost.archive), lost.spool, "samakal", SEEN.run).bring_back()
        tails = {path.read_text() for path in lost.spool.glob("tails/runs.*")}
        assert "of an earlier one" in tails
        for path in [*lost.spool.glob("tails/*.2"), *lost.spool.glob("tails/*.3")]:
            path.replace(path.with_suffix(""))
        is_mine = spool == "other" and step < 2
        assert is_closed(lost) if is_mine else is_given_up(lost, closed)
        assert whose(custody)[CLOSED] == spool
        custody.confirm([CLOSED])
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert step == 4
