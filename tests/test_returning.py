"""What dead runs of other spools have in the archive is fetched back, as far as archive and disk allow."""

import os
import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest
from test_state import ORIGINAL, SEEN, state, state_url  # noqa: F401

from crawler.recording.claims import claim_dead, is_living, run_path
from crawler.recording.recovery.returning import Returning
from crawler.state.custody import Custody
from crawler.storage import DirectoryStorage

RUNS = [f"khobor-samakal-20261124T10150012{number}-host" for number in range(2)]
WARCS = [f"warc/samakal/2026/11/{run}.warc.gz" for run in RUNS]


@pytest.fixture
def lost(state, tmp_path):  # noqa: F811
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
def test_a_run_whose_manifest_or_run_file_is_damaged_in_the_archive_is_named_and_the_others_go_on(lost, kind, caplog):
    keep(lost.archive / f"{kind}/2026/11/{RUNS[1]}.json", '{"files": [')
    lost.returning.bring_back()
    (damaged,) = (message for message in caplog.messages if RUNS[1] in message)
    assert f"{kind}/2026/11/{RUNS[1]}.json is damaged" in damaged
    assert whose(lost.custody) == {RUNS[0]: "mine", RUNS[1]: "gone"}
    assert [(lost.spool / warc).exists() for warc in WARCS] == [True, False]


def test_a_run_that_the_disk_has_no_room_for_lives_on_for_recovery_until_there_is_room(lost, caplog):
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


def test_a_run_of_this_spool_that_another_machine_recovers_lives_on_for_recovery_until_that_is_done(lost, caplog):
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


def test_what_this_spool_has_is_taken_over_by_nobody_while_it_is_recovered(lost):
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


def test_a_warc_of_a_run_that_state_does_not_know_is_fetched_back_once_no_other_run_lives_whose_it_may_be(
    lost, unknown, caplog
):
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
def test_a_warc_that_no_manifest_names_is_fetched_back_whatever_has_become_of_its_run_once_none_lives(
    lost, unknown, caplog, is_known
):
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


def test_a_warc_of_a_run_that_state_does_not_know_stays_in_the_archive_when_its_index_has_gone_up_too(lost, unknown):
    """Another machine has taken the run over, and is done."""
    keep(lost.archive / f"index/samakal/2026/11/{unknown.name.removesuffix('.warc.gz')}.cdxj", "lines")
    lost.returning.bring_back()
    assert not unknown.exists()
