"""Pace: when the next request to a host may begin, over simulated clocks."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from crawler.crawl.politeness.pace import OVERLOADED, HostPace, retry_after
from crawler.state import tables
from crawler.state.standings import Hosts

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
LEASE = 120.0
ANSWERS = st.tuples(
    st.floats(0.0, 30.0),
    st.sampled_from([200, 200, 200, 304, 404, 429, 503, None]),
    st.none() | st.floats(0.0, 1000.0),
)


def asked(answers, processes, least, wish):
    """Simulate the requests of several processes to one host; return them."""
    engine = create_engine("sqlite://")
    tables.hosts.create(engine)
    hosts = Hosts(engine)
    paces = [HostPace(least, wish) for _ in range(processes)]
    waiting = [(float(number) / 7, number) for number in range(processes)]
    made = []
    heapq.heapify(waiting)
    while waiting and answers:
        now, number = heapq.heappop(waiting)
        free_at = hosts.claim_host("n.example", now, now + LEASE)
        if free_at:
            heapq.heappush(waiting, (max(free_at, now + 0.001), number))
            continue
        took, status, wanted = answers.pop()
        heapq.heappush(waiting, (now + took, number))
        # The host is claimed meanwhile.
        for other in range(processes):
            assert hosts.claim_host("n.example", now + took / 2, now + LEASE) > now, other
        hosts.free_host("n.example", paces[number].answered(now, now + took, status, wanted))
        made.append((now, now + took, status, wanted))
    return made


@settings(max_examples=60)
@given(
    st.lists(ANSWERS, min_size=2, max_size=25), st.integers(1, 4), st.sampled_from([0.2, 1.0]), st.sampled_from([0, 5])
)
def test_requests_of_all_processes_keep_delay_and_retry_after(answers, processes, least, wish):
    made = asked(list(answers), processes, least, wish)
    assert len(made) == len(answers)
    for (_, ended, status, wanted), (following, *_) in pairwise(made):
        assert following >= ended + max(least, wish) - 1e-6
        if wanted:
            assert following >= ended + wanted - 1e-6
        if status in OVERLOADED:
            assert following >= ended + 2 * max(least, wish) - 1e-6


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300.0),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), 0.0),
        ("Thursday, 26-Nov-26 10:01:00 GMT", 60.0),
        ("Thu Nov 26 10:02:00 2026", 120.0),
        ("", None),
        ("soon", None),
        ("১২০", None),
        ("-5", None),
        ("1.5", None),
        ("9" * 400, float("9" * 10)),
        ("Thu, 99 Nov 2026 10:00:00 GMT", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_parsed_in_both_forms(text, seconds):
    assert retry_after(text, NOW) == seconds
