"""Verification of very much: each file costs the same, however many there are, and memory stays flat."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta

import pytest
from many_runs import make_runs
from verify_tools import STARTED, Kept, Run, answer

DAY = 86400
STEPS = 100


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Two archives of small runs, the second of four times as many files."""
    few, many = (Kept(tmp_path_factory.mktemp(name)) for name in ("few", "many"))
    return (few, make_runs(few.archive, 100)), (many, make_runs(many.archive, 400))


def database_steps(kept, since=None):
    """Return how much work the scratch database had with an archive, in hundreds of its instructions."""
    counted = []
    with kept.verification() as verification:
        verification._facts._connection.set_progress_handler(lambda: counted.append(1), STEPS)
        verification.survey()
        assert verification.check([], since).sound
    return len(counted)


def memory_peak(kept, verify):
    """Return the most bytes that Python's objects took."""
    tracemalloc.start()
    try:
        assert verify(kept).sound
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def make_revisits(kept, count):
    """Make a WARC of pages, and one in which the server said of each that it has not changed."""
    run = Run(kept.archive)
    urls = [f"https://samakal.com/a/article/{number}" for number in range(count)]
    captures = run.keep(*(answer(url, moment=number) for number, url in enumerate(urls)))
    run.end()
    run = Run(kept.archive, started=STARTED + timedelta(seconds=DAY))
    for number, (url, capture) in enumerate(zip(urls, captures, strict=True)):
        run.keep(answer(url, status=b"304 Not Modified", moment=DAY + number, original=capture.original))
    run.end()


def test_every_file_of_many_small_runs_is_verified(archives):
    for kept, files in archives:
        assert kept.verify().files == files


def test_work_grows_linearly_with_the_files(archives):
    (few, _), (many, _) = archives
    assert database_steps(many) < 4.5 * database_steps(few)


def test_work_grows_linearly_with_the_revisits_in_a_warc(tmp_path):
    few, many = Kept(tmp_path / "few"), Kept(tmp_path / "many")
    make_revisits(few, 50)
    make_revisits(many, 200)
    assert database_steps(many) < 4.5 * database_steps(few)


@pytest.mark.parametrize("verify", [Kept.verify, Kept.verify_quickly])
def test_memory_does_not_grow_with_the_files(archives, verify):
    (few, _), (many, _) = archives
    memory_peak(few, verify)  # what is imported and compiled once
    assert memory_peak(many, verify) < memory_peak(few, verify) + (64 << 10)
