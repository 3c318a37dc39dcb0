"""Leases: until when a spool counts as living, and what is forgotten of lost ones."""

from dataclasses import replace
from datetime import timedelta

import pytest
from test_state_store import ORIGINAL, SEEN, URL

from crawler.state import SpooledSegment
from crawler.state.leases import Leases
from crawler.system import clock

OTHER = "warc/samakal/2026/11/y.warc.gz"


@pytest.fixture
def mine(state):
    return Leases(state.engine, "mine", timedelta(minutes=15))


def recorded(state, lease, file=SEEN.file):
    """Have a spool record an article in a segment; return its leases."""
    leases = Leases(state.engine, "theirs", lease)
    leases.renew()
    state.run_started(SEEN.run, "samakal", "update", '{"scope": "all"}')
    seen, original = replace(SEEN, file=file), ORIGINAL._replace(file=file)
    state.recorded([seen], [original], [SpooledSegment(file, "samakal", SEEN.run, "theirs")])
    return leases


def test_a_spool_is_lost_once_its_lease_has_ended(state, mine):
    theirs = recorded(state, timedelta(0))
    assert mine.lost("samakal") == [SpooledSegment(SEEN.file, "samakal", SEEN.run, "theirs")]
    assert mine.lost("ittefaq") == theirs.lost("samakal") == []
    Leases(state.engine, "theirs", timedelta(minutes=15)).renew()
    assert mine.lost("samakal") == []


def test_a_spool_without_a_lease_is_lost(state, mine):
    spooled = SpooledSegment(SEEN.file, "samakal", SEEN.run, "unknown")
    state.recorded([SEEN], [], [spooled])
    assert mine.lost("samakal") == [spooled]


def test_a_lease_is_never_shortened(state, mine):
    theirs = recorded(state, timedelta(0))
    theirs.renew(clock.now() + timedelta(hours=6))
    theirs.renew()
    assert mine.lost("samakal") == []


def test_an_archived_segment_is_not_lost_with_its_spool(state, mine):
    recorded(state, timedelta(0))
    recorded(state, timedelta(0), OTHER)
    state.archived(SEEN.file)
    assert [one.file for one in mine.lost("samakal")] == [OTHER]


def test_a_forgotten_segment_leaves_no_original_for_revisits(state, mine):
    recorded(state, timedelta(0))
    mine.forget("samakal", SEEN.file)
    assert mine.lost("samakal") == []
    # Its machine returns and uploads it all the same.
    state.archived(SEEN.file)
    assert state.originals("samakal", [URL]) == {}


def test_a_spool_knows_its_own_segments(state, mine):
    state.recorded([SEEN], [], [SpooledSegment(SEEN.file, "samakal", SEEN.run, "mine")])
    assert [one.file for one in mine.own("samakal")] == [SEEN.file]
    state.archived(SEEN.file)
    assert mine.own("samakal") == []


def test_a_spool_knows_how_far_its_open_segments_are_decided(state, mine):
    state.recorded([SEEN], [], [SpooledSegment(SEEN.file, "samakal", SEEN.run, "mine")])
    assert mine.decided("samakal") == {SEEN.file: 0}
    mine.left_open(SEEN.file, 700)
    # The next run notes the segment again.
    state.recorded([], [], [SpooledSegment(SEEN.file, "samakal", SEEN.run, "mine")])
    assert mine.decided("samakal") == {SEEN.file: 700}
