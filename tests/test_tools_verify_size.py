"""Verification of very much: each file costs the same, however many there are, and memory stays flat."""

from __future__ import annotations

import tracemalloc

import pytest
from many_runs import make_runs
from verify_tools import Kept

DAY = 86400
STEPS = 100


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Two archives of small runs, the second of four times as many files."""
    few, many = (Kept(tmp_path_factory.mktemp(name)) for name in ("few", "many"))
    return (few, make_runs(few.archive, 100)), (many, make_runs(many.archive, 400))


def memory_peak(kept, verify):
    """Return the most bytes that Python's objects took."""
    tracemalloc.start()
    try:
        assert verify(kept).sound
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("verify", [Kept.verify, Kept.verify_quickly])
def test_memory_does_not_grow_with_the_files(archives, verify):
    (few, _), (many, _) = archives
    memory_peak(few, verify)  # what is imported and compiled once
    assert memory_peak(many, verify) < memory_peak(few, verify) + (64 << 10)
