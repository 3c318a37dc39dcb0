"""Recovery of what a disk has damaged: whatever is whole is kept, what is not is named and lies in tails/."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import threading
import time
import zipfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from conftest import TODAY, running_demo
from killing import judge, known_to_state, whole
from place import Place, touch
from plain_warc import read_records
from test_recording_recovery import SINCE, WANTED, WORDS, killed, only

from crawler.recording.claims import claim_run
from crawler.recording.recovery.finding import find_remains
from crawler.recording.recovery.tails import keep_aside


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What a crawl that was killed left, once for all: its place and the records it had acknowledged."""
    with running_demo() as demo:
        place = Place(tmp_path_factory.mktemp("killed"), demo.url)
        # A kill between a row and state would have the page fetched again beside a run that is left.
        yield place, killed(place, enough=lambda _: len(known_to_state(place)) >= 6)


@pytest.fixture
def dead(kept, tmp_path):
    """A copy of it, to be damaged."""
    place, acknowledged = kept
    shutil.copytree(place.root / "spool", tmp_path / "spool")
    return Place(tmp_path, place.url), acknowledged


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


@pytest.mark.parametrize("kind", ["response", "request", "metadata", "warcinfo"])
def test_one_damaged_record_costs_no_other_exchange(dead, kind):
    place, acknowledged = dead
    path = warc_of(place)
    records = read_records(path)
    pages = [record for record in records if record.get("WARC-Record-ID") in acknowledged]
    uri, start = pages[1].get("WARC-Target-URI"), records[0].get("WARC-Record-ID")
    harmed = next(
        one
        for one in records
        if one.get("WARC-Type") == kind and (kind == "warcinfo" or one.get("WARC-Target-URI") == uri)
    )
    flip(path, harmed.offset + harmed.length // 2)
    told = recovered(place)
    assert f"at {harmed.offset}: " in told
    assert place.spool(f"tails/*.{harmed.offset}")
    name = path.name.removesuffix(".open")
    there = ids(read_records(only(place.files(f"warc/**/{name}"))))
    assert acknowledged - there <= ({harmed.get("WARC-Record-ID")} if kind == "response" else set())
    assert ids(records) - there <= {harmed.get("WARC-Record-ID")}
    assert start in there, "the file's own identifier is kept, by which all records name it"
    assert {row["title"] for row in place.rows()} == WANTED
    assert len(place.rows()) == len(WANTED)
    days = ["--since", str(SINCE), "--until", str(TODAY)]
    told = place.scrapy("wacz", "--outlet", "demo_tv", *days, "--to", str(place.root / "tv.wacz"))
    assert (told.returncode, told.stderr) == (0, "")
    with zipfile.ZipFile(place.root / "tv.wacz") as package:
        assert len(package.read("pages/pages.jsonl").splitlines()) == 1 + len(WANTED)


def doubled(data, records):
    return data + data


def moved(data, records):
    at = records[5].offset + 9
    return data[:at] + b"\0" * 13 + data[at:]


def zeroed(data, records):
    start, end = records[0].offset, records[1].offset + 20
    return data[:start] + bytes(end - start) + data[end:]


@pytest.mark.parametrize(("harm", "lost"), [(doubled, 0), (moved, 1), (zeroed, 2)])
@pytest.mark.parametrize("indexed", [True, False])
def test_what_stands_behind_damage_is_found_each_record_once(dead, harm, lost, indexed):
    place, _ = dead
    path = warc_of(place)
    records = read_records(path)
    path.write_bytes(harm(path.read_bytes(), records))
    if not indexed:
        only(place.spool("*.cdxj.open")).unlink()
    remains = find_remains(place.root / "spool", "demo_tv", "khobor-next", lambda file: False)
    remains.release()
    if not indexed and harm is zeroed:
        return  # nothing is left that tells whose the records are
    identifiers = [one.get("WARC-Record-ID") for one in read_records(path)]
    assert len(set(identifiers)) == len(identifiers)
    assert len(ids(records) - set(identifiers)) == lost - (harm is zeroed)  # the warcinfo is made again


@pytest.mark.parametrize(("is_archived", "stays"), [(True, False), (False, False), (None, True)])
def test_an_index_without_its_warc_stays_during_an_outage(tmp_path, is_archived, stays):
    index = tmp_path / "index/demo_tv/2026/11/khobor-demo_tv-20261124T101500120-host.cdxj"
    index.parent.mkdir(parents=True)
    index.write_text("of a WARC that is not here")
    find_remains(tmp_path, "demo_tv", "khobor-next", lambda file: is_archived).release()
    assert index.exists() is stays


def test_a_run_waits_until_its_archived_warc_is_whole(dead):
    place, acknowledged = dead
    growing = warc_of(place)
    whole_one, path = growing.read_bytes(), growing.rename(growing.with_suffix(""))
    flip(path, len(whole_one) // 2)
    archived = place.root / "archive" / path.relative_to(place.root / "spool")
    archived.parent.mkdir(parents=True)
    shutil.copy(path, archived)
    answer = place.scrapy(*WORDS)
    assert answer.returncode == 0, answer.stderr
    (told,) = answer.stderr.splitlines()
    assert f"{path} is damaged, and its run is left to the next one: " in told
    archived.write_bytes(whole_one)
    assert "replaced by the whole copy in the archive" in recovered(place)
    judge(place, acknowledged, WANTED, beside=1)


def test_the_cuts_of_an_interrupted_recovery_are_reported_later(dead):
    place, _ = dead
    spool, path = place.root / "spool", warc_of(place)
    response = next(one for one in read_records(path) if one.get("WARC-Type") == "response")
    flip(path, response.offset + response.length // 2)
    find_remains(spool, "demo_tv", "khobor-first", lambda file: False).release()
    assert len(read_records(path)) > 10, "it is whole by now"
    remains = find_remains(spool, "demo_tv", "khobor-second", lambda file: False)
    (warc,) = remains.warcs
    remains.release()
    assert (warc.is_mended, warc.cut_bytes) == (True, sum(tail.stat().st_size for tail in place.spool("tails/*")))
    recovered(place)
    manifest = json.loads(only(place.files("manifest/**/*.json")).read_text())
    (entry,) = [one for one in manifest["files"] if one["file"].endswith(path.name.removesuffix(".open"))]
    assert entry["recovered"]["mended"]


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row | {"text": row["text"].replace("া", "ি", 1)},
        lambda row: row | {"version": [1]},
        lambda row: row | {"id": 7},
        lambda row: row | {"warc": row["warc"] | {"file": "."}},
        lambda row: row | {"warc": row["warc"] | {"file": "warc/\0"}},
        lambda row: row | {"warc": row["warc"] | {"file": "warc/" + "x" * 300 + ".warc.gz"}},
        lambda row: {key: value for key, value in row.items() if key != "title"},
        lambda row: "[" * 100_000,
        lambda row: row | {"title": "\udcff"},
    ],
)
def test_a_damaged_row_is_extracted_again_from_its_record(dead, change):
    place, acknowledged = dead
    rows = only(place.spool("*.jsonl.open"))
    lines = whole(rows)
    changed = change(json.loads(lines[2]))
    lines[2] = (changed if isinstance(changed, str) else json.dumps(changed)).encode() + b"\n"
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


@pytest.mark.parametrize("wanted", [[], "all", 7, {"scope": "all"}, {"since": "2026-13-99", "until": "2026-01-01"}])
def test_what_a_dead_run_wanted_is_not_taken_on_trust(dead, wanted):
    place, acknowledged = dead
    claim = only(place.spool("*.json.open"))
    claim.write_text(json.dumps(json.loads(claim.read_text()) | {"wanted": wanted}))
    only(place.spool("*.jsonl.open")).unlink()
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
    run = only(place.spool("*.json.open")).name.removesuffix(".json.open")
    manifest = place.root / "spool/manifest/2026/11" / f"{run}.json"
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


def test_an_empty_unfinished_file_of_a_dead_run_is_removed(dead):
    place, _ = dead
    dead_run = only(place.spool("*.json.open")).name.removesuffix(".json.open")
    folder = place.root / "spool/manifest/2026/11"
    folder.mkdir(parents=True)
    left, young = (folder / f"{run}.json.partial.open" for run in (dead_run, re.sub(r"-20\d\d", "-2099", dead_run)))
    left.touch()
    touch(young)
    other = claim_run(place.root / "spool", "demo_tv", datetime.now(UTC), {})
    find_remains(place.root / "spool", "demo_tv", "khobor-next", lambda file: False).release()
    assert (left.exists(), young.exists()) == (False, True)
    other.close()
    find_remains(place.root / "spool", "demo_tv", "khobor-next", lambda file: False).release()
    assert not young.exists()


@pytest.mark.parametrize("outlet", ["demo_tv", "urls"])
def test_an_empty_warc_is_taken_at_once_without_living_runs(tmp_path, outlet):
    claim_run(tmp_path, outlet, datetime.now(UTC), {}).release()
    path = tmp_path / f"warc/{outlet}/2026/11/khobor-{outlet}-20261124T101500123-00001-vm.warc.gz.open"
    path.parent.mkdir(parents=True)
    touch(path)
    mine = claim_run(tmp_path, outlet, datetime.now(UTC), {})
    other = claim_run(tmp_path, outlet, datetime.now(UTC), {})
    assert find(tmp_path, outlet, mine.run) == []
    other.close()
    assert find(tmp_path, outlet, mine.run) == [path]
    mine.release()


def find(spool, outlet, run):
    """Return the WARCs that a run finds left."""
    remains = find_remains(spool, outlet, run, lambda file: False)
    remains.release()
    return [warc.path for warc in remains.warcs]


def test_a_file_with_both_names_is_finished_once(dead):
    place, acknowledged = dead
    path = warc_of(place)
    shutil.copy(path, path.with_suffix(""))
    recovered(place)
    judge(place, acknowledged, WANTED)


def test_the_tails_of_two_months_of_rows_are_both_kept(tmp_path):
    for month in ("10", "11"):
        rows = tmp_path / f"articles/outlet=samakal/crawl_month=2026-{month}/run.jsonl.open"
        rows.parent.mkdir(parents=True)
        rows.write_text(f"whole\ncut {month}")
        keep_aside(tmp_path, rows, len("whole\n"))
    assert sorted(tail.read_text() for tail in (tmp_path / "tails").iterdir()) == ["cut 10", "cut 11"]
