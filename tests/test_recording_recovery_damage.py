"""Recovery of what a disk has damaged: whatever is whole is kept, what is not is named and lies in tails/."""

from __future__ import annotations

from collections import Counter

import pytest
from conftest import running_demo
from killing import WANTED, WORDS, copied, judge, killed, known_to_state
from place import Place
from plain_warc import read_records
from test_recording_recovery import only


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


def test_a_file_that_lies_in_anothers_place_stops_the_recovery(dead):
    place, _ = dead
    path = warc_of(place)
    path.rename(path.with_name(path.name.replace("-00001-", "-00002-")))
    answer = place.scrapy(*WORDS)
    assert answer.returncode == 1
    assert "says that it is" in answer.stderr.splitlines()[-1]


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
