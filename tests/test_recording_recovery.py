"""Recovery: what a killed crawl left is mended, finished and extracted, and fetched once only."""

import fcntl
import json
import os
import signal
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from killing import (
    SLOW,
    WANTED,
    copied,
    finished,
    judge,
    kill_at_random,
    killed,
    known_runs,
    known_to_state,
    rows_so_far,
    start,
    whole,
)
from origin import Origin, answer
from place import Place, wait_for
from plain_warc import read_records


@pytest.fixture
def place(tmp_path, demo):
    return Place(tmp_path, demo.url)


@pytest.fixture(scope="module")
def left(tmp_path_factory, demo):
    """What a crawl that was killed left, once for all: its place and the records that it had acknowledged."""
    place = Place(tmp_path_factory.mktemp("killed"), demo.url)
    return place, killed(place, enough=lambda _: len(known_to_state(place)) >= 8)


@pytest.fixture
def dead(left, tmp_path):
    return copied(left, tmp_path)


def only(paths):
    (path,) = paths
    return path


def archived(place):
    warcs = place.files("warc/**/*.warc.gz")
    return {record.get("WARC-Record-ID") for path in warcs for record in read_records(path)}


def test_random_kills_lose_nothing_and_archive_nothing_twice(place):
    acknowledged = kill_at_random(place, [SLOW], 3, seed=os.getpid())
    finished(place)
    judge(place, acknowledged, WANTED)


def test_a_second_signal_of_the_parents_end_leaves_no_page(place):
    process = start(place)
    wait_for(lambda: len(rows_so_far(place)) >= 4)
    for _ in range(2):
        process.send_signal(signal.SIGHUP)
        time.sleep(0.02)
    assert process.wait(60) == 5
    assert not place.spool("*.open")
    assert only(place.runs())["stats"]["finish_reason"] == "shutdown", "a crawl that is stopped by force has none"


def test_a_torn_record_is_kept_aside_and_its_page_refetched(dead):
    place, _ = dead
    warc = only(place.spool("*.warc.gz.open"))
    last = read_records(warc)[-3]
    assert last.get("WARC-Type") == "response"
    torn = warc.read_bytes()[: last.offset + last.length // 2]
    warc.write_bytes(torn)
    answer = finished(place)
    assert "recovered 1 segment" in answer.stderr
    tail = only(place.spool("tails/*.warc.gz.*"))
    assert tail.name == f"{warc.name.removesuffix('.open')}.{last.offset}"
    assert tail.read_bytes() == torn[last.offset :]
    judge(place, set(), WANTED)


def test_a_torn_row_is_written_again_from_its_record(dead):
    place, acknowledged = dead
    rows = only(place.spool("*.jsonl.open"))
    lines = whole(rows)
    rows.write_bytes(b"".join(lines[:-1]) + lines[-1][: len(lines[-1]) // 2])
    finished(place)
    pages = judge(place, acknowledged, WANTED)
    assert pages[json.loads(lines[-1])["url"]] == 1


def test_a_killed_recovery_is_completed_by_the_next(dead):
    place, acknowledged = dead
    only(place.spool("*.jsonl.open")).unlink()
    process = start(place)
    wait_for(lambda: len(known_runs(place)) == 2)
    time.sleep(0.3)
    process.kill()
    process.wait()
    finished(place)
    judge(place, acknowledged, WANTED)


def test_files_of_a_living_run_are_left_alone(dead):
    place, acknowledged = dead
    warc = only(place.spool("*.warc.gz.open"))
    with warc.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        finished(place)
        assert only(place.spool("*.warc.gz.open")) == warc
    finished(place)
    assert acknowledged <= {
        record.get("WARC-Record-ID") for path in place.files("**/*.warc.gz") for record in read_records(path)
    }


def test_a_run_killed_before_recording_leaves_nothing(place):
    process = start(place)
    wait_for(lambda: known_runs(place))
    process.kill()
    process.wait()
    finished(place)
    judge(place, set(), WANTED)
    assert [run["reason"] for run in place.runs()] == ["finished"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_recovery_leaves_everything_to_the_next(dead, number):
    place, acknowledged = dead
    only(place.spool("*.jsonl.open")).unlink()
    process = start(place)
    wait_for(lambda: len(known_runs(place)) == 2)
    time.sleep(0.4)
    process.send_signal(number)
    assert process.wait(30) == 5
    for row in place.rows():
        assert (place.root / "archive" / row["warc"]["file"]).exists(), "a row went up before its record"
    finished(place)
    judge(place, acknowledged, WANTED)


def test_a_crawl_stopped_before_recording_leaves_no_trace(place):
    identity = place.root / "spool" / "identity"
    identity.parent.mkdir()
    # A claim is made and waits here, until somebody writes.
    os.mkfifo(identity)
    process = start(place)
    wait_for(lambda: known_runs(place))
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
    while process.poll() is None:
        with suppress(OSError), open(identity, "w", opener=without_waiting) as told:
            told.write("a-spool")
        time.sleep(0.05)
    assert process.returncode == 5
    assert not place.spool("khobor-*")
    assert not place.files("runs/**/*")
    with closing(sqlite3.connect(place.root / "spool" / "state.db")) as state:
        assert state.execute("select count(*) from segments").fetchone() == (0,)


def without_waiting(path, flags):
    """Open a pipe to write to; fail when nobody reads from it."""
    return os.open(path, flags | os.O_NONBLOCK)


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["gone", "emptied"])
def test_rows_of_a_lost_warc_are_kept_and_refetched(dead, harm):
    place, _ = dead
    harm(only(place.spool("*.warc.gz.open")))
    finished(place)
    assert only(place.spool("tails/*.lines")).read_bytes()
    judge(place, set(), WANTED)


def test_skipped_pages_give_no_row_after_a_kill(place):
    html = b"Content-Type: text/html; charset=utf-8"
    story = (
        "<html><body><article><h1>শিরোনাম এখানে আছে</h1><p>" + "ঢাকায় আজ বৃষ্টি হয়েছে। " * 30 + "</p></article></body></html>"
    )
    refresh = b'<html><head><meta http-equiv="refresh" content="0; url=/story"></head><body>' + story.encode()[12:]
    routes = {
        "/refresh": answer(refresh, html),
        "/broken": answer(story.encode(), html, b"Content-Encoding: gzip"),
        "/deflate": answer(story.encode(), html, b"Content-Encoding: deflate"),
        "/story": answer(story.encode(), html),
        "/slow": [5.0, *answer(story.encode(), html)],
    }
    with Origin(routes) as origin:
        addresses = place.root / "addresses"
        addresses.write_text("".join(f"{origin.base}{path}\n" for path in ("/refresh", "/broken", "/deflate", "/slow")))
        words = ["crawl", "urls", "-a", f"file={addresses}", "-s", "ROBOTSTXT_OBEY=False"]
        process = start(place, *words)
        wait_for(lambda: any(logged.target == "/slow" for logged in origin.log))
        time.sleep(1)
        process.kill()
        process.wait()
        for path in place.spool("*.jsonl.open"):
            path.unlink()
        for path in place.spool("state.db*"):
            path.unlink()
        # Two addresses can't be decoded.
        assert place.scrapy(*words).returncode == 3
    assert not place.spool("*.open")
    assert {row["url"].rpartition("/")[2] for row in place.rows()} == {"story", "slow"}
