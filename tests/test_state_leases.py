"""Leases: until when a spool counts as living, and what is forgotten of lost ones."""

from dataclasses import replace
from datetime import timedelta

import pytest
from test_state_store import ORIGINAL, SEEN, URL

from crawler.state import SpooledSegment
from crawler.state.leases import Leases

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


def test_a_forgotten_segment_leaves_no_original_for_revisits(state, mine):
    recorded(state, timedelta(0))
    mine.forget("samakal", SEEN.file)
    assert mine.lost("samakal") == []
    # Its machine returns and uploads it all the same.
    state.archived(SEEN.file)
    assert state.originals("samakal", [URL]) == {}


def test_a_spool_knows_how_far_its_open_segments_are_decided(state, mine):
    state.recorded([SEEN], [], [SpooledSegment(SEEN.file, "samakal", SEEN.run, "mine")])
    assert mine.decided("samakal") == {SEEN.file: 0}
    mine.left_open(SEEN.file, 700)
    # The next run notes the segment again.
    state.recorded([], [], [SpooledSegment(SEEN.file, "samakal", SEEN.run, "mine")])
    assert mine.decided("samakal") == {SEEN.file: 700}
