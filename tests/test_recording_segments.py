"""Segments of real crawls: each is finished and uploaded whole, while the crawl goes on or in a later run."""

import json
import sqlite3
import time
from contextlib import closing, contextmanager

import pytest
from killing import SINCE, SLOW, WANTED, WORDS, copied, finished, judge, killed, start
from place import UNREACHABLE, Place, wait_for
from plain_warc import read_records
from test_recording_recovery import archived

from crawler.system.files import digest_of

SMALL = ["-s", "WARC_SIZE=20000"]


@pytest.fixture
def place(tmp_path, demo):
    return Place(tmp_path, demo.url)


def manifests(place):
    return [json.loads(path.read_text()) for path in place.files("manifest/**/*.json")]


@pytest.fixture(scope="module")
def left(tmp_path_factory, demo):
    """What a crawl that was killed left, once for all: its place and the records that it had acknowledged."""
    place = Place(tmp_path_factory.mktemp("killed"), demo.url)
    return place, killed(place)


@pytest.fixture
def dead(left, tmp_path):
    return copied(left, tmp_path)


@contextmanager
def crawling(place, *words):
    """Have a crawl run; end it with success."""
    with start(place, *words) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        assert process.wait(120) == 0


def assert_complete(place, acknowledged=frozenset()):
    judge(place, acknowledged, WANTED)
    for row in place.rows():
        (manifest,) = (one for one in manifests(place) if one["files"][0]["file"] == row["warc"]["file"])
        assert "articles" in [entry["file"].partition("/")[0] for entry in manifest["files"]]
    verified = place.scrapy("verify")
    assert verified.returncode == 0, verified.stdout


def test_a_segment_is_archived_whole_while_the_crawl_goes_on(place):
    with crawling(place, *SLOW, *SMALL) as process:
        wait_for(lambda: manifests(place))
        early = manifests(place)
        # The manifest comes last.
        for entry in early[0]["files"]:
            assert digest_of(place.root / "archive" / entry["file"]) == entry["sha256"]
        wait_for(lambda: not place.spool(f"{early[0]['segment']}.*"))
        assert process.poll() is None
    assert len(manifests(place)) > len(early)
    assert sorted(place.runs()[0]["segments"]) == [one["segment"] for one in manifests(place)]
    assert_complete(place)


def stem(path):
    return path.name.partition(".")[0]


def test_later_runs_continue_a_segment_until_it_is_due(place):
    hours = ["-s", "SEGMENT_HOURS=1"]
    finished(place, "crawl", "demo_tv", "-a", f"since={SINCE}", "-a", f"until={SINCE}", *hours)
    [growing] = place.spool("*.warc.gz.open")
    assert finished(place, *WORDS, *hours).stderr == ""
    assert place.spool("*.warc.gz.open") == [growing]
    assert (len(place.runs()), manifests(place)) == (2, [])
    assert finished(place, "push", *hours).stdout == "nothing waits\n"
    finished(place, "push", "-s", "SEGMENT_HOURS=0.0001")
    [manifest] = manifests(place)
    assert manifest["runs"] == [run["run"] for run in place.runs()]
    assert manifest["files"][0]["records"]["warcinfo"] == 2
    [warc] = place.files("warc/**/*.gz")
    infos = [record.fields["run"] for record in read_records(warc) if record.get("WARC-Type") == "warcinfo"]
    assert infos == manifest["runs"]
    assert_complete(place)


def test_a_run_after_the_due_time_finishes_the_segment(place):
    finished(place, *WORDS, "-s", "SEGMENT_HOURS=1")
    [growing] = place.spool("*.warc.gz.open")
    time.sleep(0.5)
    assert finished(place, *WORDS, "-s", "SEGMENT_HOURS=0.0001").stderr == ""
    manifest = manifests(place)[0]
    assert manifest["segment"] == stem(growing)
    assert manifest["runs"] == [place.runs()[0]["run"]]
    time.sleep(0.5)
    finished(place, "push", "-s", "SEGMENT_HOURS=0.0001")
    assert_complete(place)


@pytest.mark.parametrize("is_indexed", [True, False])
def test_a_kill_between_the_names_of_a_segment_is_recovered(dead, is_indexed):
    place, acknowledged = dead
    [growing] = place.spool("*.warc.gz.open")
    growing.rename(growing.with_suffix(""))
    if is_indexed:
        [index] = place.spool("*.cdxj.open")
        index.with_suffix("").write_bytes(b"".join(sorted(index.read_bytes().splitlines(keepends=True))))
    finished(place)
    assert_complete(place, acknowledged)


def test_segments_wait_whole_for_an_unreachable_store(place):
    bucket = ["-s", "ARCHIVE_URL=s3://bucket/kept", *SMALL]
    done = place.scrapy(*WORDS, *bucket, environment=UNREACHABLE)
    assert done.returncode == 0, done.stderr
    assert len(place.spool("warc/**/*.gz")) == len(place.spool("manifest/**/*.json")) > 1
    assert not place.files()
    finished(place, "push")
    assert_complete(place)


def test_push_completes_the_due_segment_of_a_killed_crawl(dead):
    place, acknowledged = dead
    [growing], [rows] = place.spool("*.warc.gz.open"), place.spool("*.jsonl.open")
    rows.unlink()
    with growing.open("ab") as stream:
        stream.write(b"torn")
    assert finished(place, "push").stdout == "nothing waits\n", "the segment is not due"
    time.sleep(1)
    assert "recovered 1 segment of dead crawls" in finished(place, "push", "-s", "WARC_AGE=1").stderr
    assert not place.spool("*.open")
    assert acknowledged <= archived(place)
    assert manifests(place)[0]["cut_bytes"] == len(b"torn")
    assert {row["title"] for row in place.rows()} < WANTED
    finished(place)
    judge(place, acknowledged, WANTED)


def test_push_finishes_a_due_segment_that_becomes_smaller(place):
    killed(place, *SLOW, "-s", "SEGMENT_HOURS=5")
    [growing] = place.spool("*.warc.gz.open")
    size = growing.stat().st_size
    with growing.open("ab") as stream:
        stream.write(b"\x1f\x8b\x08" + b"x" * 300)
    finished(place, "push", "-s", "SEGMENT_HOURS=5", "-s", f"WARC_SIZE={size + 100}")
    assert not place.spool("*.open")
    assert [len(manifest["runs"]) for manifest in manifests(place)] == [1]


# The project without the demo's outlets.
UNKNOWN = {"project": "cron"}
DUE = ["push", "-s", "SEGMENT_HOURS=1", "-s", "WARC_SIZE=100"]


def test_push_names_segments_of_killed_runs_of_an_unknown_outlet(dead):
    place, _ = dead
    growing = place.spool("*.warc.gz.open")
    pushed = place.scrapy(*DUE, **UNKNOWN)
    assert "1 segment of a killed run can't be completed: no such outlet" in pushed.stderr
    assert (pushed.returncode, place.spool("*.warc.gz.open")) == (1, growing)


ODD_OUTLETS = """
from crawler.demo.spiders.demo_daily import DemoDailySpider
from crawler.demo.spiders.demo_tv import DemoTvSpider


class DailySpider(DemoDailySpider):
    name = "demo_daily"


class OddSpider(DemoTvSpider):
    name = "demo_tv"

    @classmethod
    def key_of(cls, url):
        raise KeyError("odd")
"""


def test_an_outlet_with_an_error_stops_no_other_in_push_and_update(dead):
    place, _ = dead
    [rows] = place.spool("*.jsonl.open")
    rows.unlink()
    with closing(sqlite3.connect(place.root / "spool/state.db")) as state, state:
        state.execute("DELETE FROM articles")
    time.sleep(1)
    (place.root / "odd_outlets.py").write_text(ODD_OUTLETS)
    words, environment = ["-s", "WARC_AGE=1", "-s", "SPIDER_MODULES=odd_outlets"], {"PYTHONPATH": str(place.root)}
    pushed = place.scrapy("push", *words, environment=environment)
    assert (pushed.returncode, pushed.stderr.count("demo_tv: ")) == (1, 1), pushed.stderr
    updated = place.scrapy("update", "demo_daily", *words, environment=environment)
    assert updated.returncode == 0, updated.stderr
    assert [run["outlet"] for run in place.runs()] == ["demo_daily"]
    assert place.spool("*.warc.gz.open"), "the outlet's next crawl recovers it"
