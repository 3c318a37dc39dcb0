"""Recovery of what a disk has damaged: whatever is whole is kept, what is not is named and lies in tails/."""

from __future__ import annotations

import fcntl
import json
import shutil
import threading
import time
from collections import Counter
from contextlib import suppress

import pytest
from conftest import running_demo
from killing import WANTED, WORDS, copied, judge, killed, known_to_state, whole
from place import Place
from plain_warc import read_records
from test_recording_recovery import only

from crawler.recording.recovery.segments import left_segments


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What a crawl that was killed left, once for all: its place and the records it had acknowledged."""
    with running_demo() as demo:
        place = Place(tmp_path_factory.mktemp("killed"), demo.url)
        # A kill between a row and state would have the page fetched again beside a run that is left.
        yield place, killed(place, enough=lambda _: len(known_to_state(place)) >= 6)


@pytest.fixture
def dead(kept, tmp_path):
    return copied(kept, tmp_path)


def warc_of(place):
    return only(place.spool("*.warc.gz.open"))


def recovered(place):
    answer = place.scrapy(*WORDS)
    assert answer.returncode == 0, answer.stderr
    assert "Traceback" not in answer.stderr
    verified = place.scrapy("verify", "--json")
    assert verified.returncode == 0, verified.stdout
    return answer.stderr


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)


def ids(records):
    return {record.get("WARC-Record-ID") for record in records}


CHANGES = [
    lambda row: row | {"text": row["text"].replace("া", "ি", 1)},
    lambda row: row | {"version": [1]},
    lambda row: row | {"id": 7},
    lambda row: row | {"warc": row["warc"] | {"file": "."}},
    lambda row: row | {"warc": row["warc"] | {"file": "warc/\0"}},
    lambda row: row | {"warc": row["warc"] | {"file": "warc/" + "x" * 300 + ".warc.gz"}},
    lambda row: {key: value for key, value in row.items() if key != "title"},
    lambda row: "[" * 100_000,
    lambda row: row | {"title": "\udcff"},
]


@pytest.mark.parametrize("changes", [CHANGES[:3], CHANGES[3:6], CHANGES[6:]], ids=["values", "files", "lines"])
def test_a_damaged_row_is_extracted_again_from_its_record(dead, changes):
    place, acknowledged = dead
    rows = only(place.spool("*.jsonl.open"))
    lines = whole(rows)
    assert len(lines) > len(changes) + 1
    for number, change in enumerate(changes, start=2):
        changed = change(json.loads(lines[number]))
        lines[number] = (changed if isinstance(changed, str) else json.dumps(changed)).encode() + b"\n"
    rows.write_bytes(b"".join(lines))
    recovered(place)
    judge(place, acknowledged, WANTED)


def test_rows_point_to_where_their_records_stand(dead):
    place, acknowledged = dead
    rows = only(place.spool("*.jsonl.open"))
    moved = [json.loads(line) for line in whole(rows)]
    for row in moved:
        row["warc"]["offset"] += 1
    rows.write_bytes(b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in [*moved, moved[0]]))
    recovered(place)
    judge(place, acknowledged, WANTED)


def test_a_check_of_locks_does_not_hinder_recovery(dead):
    place, acknowledged = dead
    ended = threading.Event()

    def look():
        while not ended.is_set():
            for path in place.spool("*.open"):
                with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    time.sleep(0.01)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        answer = place.scrapy(*WORDS)
    finally:
        ended.set()
        looking.join()
    assert answer.returncode == 0, answer.stderr
    judge(place, acknowledged, WANTED)


def test_a_damaged_manifest_in_the_spool_is_named(dead):
    place, _ = dead
    manifest = place.root / "spool/manifest/demo_tv/2026/11/khobor-demo_tv-20261124T101500123-00001-vm.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"files": [1]}')
    answer = place.scrapy(*WORDS)
    assert answer.returncode == 1
    assert f"{manifest} is damaged" in answer.stderr.splitlines()[-1]
    assert "Traceback" not in answer.stderr


def test_a_file_that_lies_in_anothers_place_stops_the_recovery(dead):
    place, _ = dead
    path = warc_of(place)
    path.rename(path.with_name(path.name.replace("-00001-", "-00002-")))
    answer = place.scrapy(*WORDS)
    assert answer.returncode == 1
    assert "says that it is" in answer.stderr.splitlines()[-1]


def test_a_file_with_both_names_is_finished_once(dead):
    place, acknowledged = dead
    path = warc_of(place)
    shutil.copy(path, path.with_suffix(""))
    recovered(place)
    judge(place, acknowledged, WANTED)


@pytest.mark.parametrize("kind", ["response", "request", "metadata", "warcinfo"])
def test_a_damaged_record_ends_the_segment_and_the_rest_is_refetched(dead, kind):
    place, acknowledged = dead
    path = warc_of(place)
    records = read_records(path)
    uri = [record for record in records if record.get("WARC-Record-ID") in acknowledged][1].get("WARC-Target-URI")
    of_kind = (one for one in records if one.get("WARC-Type") == kind)
    harmed = next(one for one in of_kind if kind == "warcinfo" or one.get("WARC-Target-URI") == uri)
    before = path.read_bytes()
    flip(path, harmed.offset + harmed.length // 2)
    assert "are in" in recovered(place) or kind == "warcinfo"
    tail = only(place.spool(f"tails/*.warc.gz.{harmed.offset}")).read_bytes()
    assert len(tail) == len(before) - harmed.offset
    name = path.name.removesuffix(".open")
    kept = ids(one for file in place.files(f"warc/**/{name}") for one in read_records(file))
    assert kept == ids(one for one in records if kind != "warcinfo" and one.offset < harmed.offset)
    assert Counter(row["title"] for row in place.rows()) == Counter(WANTED)


def test_a_record_that_is_there_twice_ends_the_segment(dead):
    place, acknowledged = dead
    path = warc_of(place)
    records = read_records(path)
    path.write_bytes(path.read_bytes() * 2)
    recovered(place)
    judge(place, acknowledged, WANTED)
    kept = [one.get("WARC-Record-ID") for one in read_records(only(place.files(f"warc/**/{path.stem}")))]
    assert kept == [one.get("WARC-Record-ID") for one in records]


def test_the_cuts_of_an_interrupted_recovery_are_reported_later(dead):
    place, _ = dead
    path = warc_of(place)
    response = [one for one in read_records(path) if one.get("WARC-Type") == "response"][-1]
    flip(path, response.offset + response.length // 2)
    for _ in range(2):
        (left,) = left_segments(place.root / "spool", "demo_tv")
        left.open().abandon()
    recovered(place)
    manifest = json.loads(only(place.files(f"manifest/**/{path.name.partition('.')[0]}.json")).read_text())
    assert manifest["cut_bytes"] == left.cut_bytes == sum(tail.stat().st_size for tail in place.spool("tails/*")) > 0


def test_an_empty_warc_is_removed(dead):
    place, acknowledged = dead
    path = warc_of(place)
    empty = path.with_name(path.name.replace("-00001-", "-00009-"))
    empty.write_bytes(b"")
    recovered(place)
    assert not empty.exists()
    judge(place, acknowledged, WANTED)
