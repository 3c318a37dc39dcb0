"""The captures of an archive in the room's database."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from indexed_rows import article_row

from crawler.archive.cdxj import index_line, surt
from crawler.model.capture import Place
from crawler.room.index.captures import (
    SCHEMA,
    Position,
    add_captures,
    at_place,
    count,
    find,
    keys_of,
    last_of,
    nearest,
    release_captures,
    timestamp_of,
    withhold_captures,
)
from crawler.room.index.database import open_to_fill
from crawler.room.index.decisions import Withheld
from crawler.room.index.indexing import id_of

NAME = "khobor-samakal-20221124T101500123-00001-host.warc.gz"
NOON = datetime(2022, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def captures():
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        yield connection


def line(url, moment=NOON, offset=0, status=200, mime="text/html"):
    """Return a line of an index as the recorder writes it."""
    place = Place(url, "<urn:uuid:1>", f"warc/samakal/2022/11/{NAME}", offset, 100)
    return index_line(place, moment, status, mime, "sha1:AAAA").encode() + b"\n"


def lines(*urls, **facts):
    return [line(url, offset=number * 100, **facts) for number, url in enumerate(urls)]


def position_of(capture):
    return Position(capture.surt, capture.timestamp, capture.number)


def urls(found):
    return [one.url for one in found]


def test_every_line_of_an_archive_is_found_by_its_address(captures, two_runs):
    files = two_runs.keys("index/**/*.cdxj")
    kept = [one for key in files for one in two_runs.read(key).splitlines(keepends=True)]
    assert add_captures(captures, kept) == 0
    assert len(kept) > 5
    for one in kept:
        key, stamp, fields = one.decode().split(" ", 2)
        entry = json.loads(fields)
        found = [capture for capture in find(captures, entry["url"]) if str(capture.offset) == entry["offset"]]
        assert (stamp, entry["filename"], entry["digest"], key) in [
            (str(capture.timestamp), capture.name, capture.digest, capture.surt) for capture in found
        ]


def test_lines_that_are_added_again_are_there_once(captures):
    for _ in range(2):
        assert add_captures(captures, lines("https://a.example/1", "https://a.example/2")) == 0
    assert count(captures, "a.example", "host") == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"filename": "../../etc/passwd"},
        {"filename": "khobor-../x-20221124T101500123-1-h.warc.gz"},
        {"filename": "khobor-samakal-20221124T101500123-00001-host.json"},
        {"filename": None},
        {"offset": "-1"},
        {"offset": "9" * 30},
        {"length": "x"},
        {"url": 7},
    ],
)
def test_malformed_lines_are_counted_and_left_out(captures, changed):
    key, stamp, fields = line("https://a.example/1").decode().split(" ", 2)
    damaged = f"{key} {stamp} {json.dumps(json.loads(fields) | changed)}\n".encode()
    assert add_captures(captures, [damaged, line("https://a.example/2")]) == 1
    assert urls(find(captures, "a.example", "host")) == ["https://a.example/2"]


@pytest.mark.parametrize("stamp", ["2022", "20221324101500", "twentytwentytwo", "99991231235959"])
def test_lines_with_impossible_times_are_left_out(captures, stamp):
    key, _, fields = line("https://a.example/1").decode().split(" ", 2)
    assert add_captures(captures, [f"{key} {stamp} {fields}".encode(), b"", b"\xff\xfe", b"x y {}"]) == 4


@pytest.mark.parametrize(
    ("url", "match_type", "expected"),
    [
        ("http://a.example/news/", "prefix", ["/news/1", "/news/2"]),
        ("http://a.example/news", "prefix", ["/news", "/news/1", "/news/2", "/newspaper"]),
        ("http://a.example/news", "exact", ["/news"]),
        ("a.example", "exact", []),
        ("a.example/news/1", "exact", ["/news/1"]),
        ("https://www.a.example/NEWS/1/", "exact", ["/news/1"]),
    ],
)
def test_addresses_match_by_their_keys(captures, url, match_type, expected):
    paths = ("/newspaper", "/news/1", "/news", "/news/2", "/nest")
    add_captures(captures, lines(*(f"https://a.example{path}" for path in paths)))
    assert [one.removeprefix("https://a.example") for one in urls(find(captures, url, match_type))] == expected


def test_hosts_and_domains_match_whole_labels(captures):
    hosts = ("a.example", "news.a.example", "ba.example", "a.example.org", "x.news.a.example", "a-b.example")
    add_captures(captures, lines(*(f"https://{host}/" for host in hosts), "http://a.example:8080/"))
    assert urls(find(captures, "https://a.example/x", "host")) == ["https://a.example/"]
    found = urls(find(captures, "a.example", "domain"))
    assert found == ["https://a.example/", "https://news.a.example/", "https://x.news.a.example/"]
    assert urls(find(captures, "http://a.example:8080", "host")) == ["http://a.example:8080/"]


def test_times_limits_and_positions_bound_what_is_found(captures):
    kept = [line("https://a.example/", NOON.replace(day=day), day * 100) for day in range(1, 29)]
    add_captures(captures, kept)
    found = list(find(captures, "a.example", since=20221110000000, until=20221112235959))
    assert [one.moment.day for one in found] == [10, 11, 12]
    assert [one.moment.day for one in find(captures, "a.example", limit=2, is_reversed=True)] == [28, 27]
    assert list(find(captures, "a.example", limit=0)) == []
    after = position_of(found[0])
    assert [one.moment.day for one in find(captures, "a.example", after=after, limit=2)] == [11, 12]
    assert count(captures, "a.example", since=20221110000000) == 19
    place = ("a.example", "exact", 20221110000000, 20221112235959)
    assert [last_of(captures, *place, number) for number in range(4)] == [None, *map(position_of, found)]


@pytest.mark.parametrize(("hour", "expected"), [(0, 1), (6, 6), (7, 6), (11, 12), (23, 12)])
def test_the_nearest_capture_is_before_or_after(captures, hour, expected):
    kept = (line("https://a.example/", NOON.replace(hour=at), at * 100) for at in (1, 6, 12))
    add_captures(captures, kept)
    assert nearest(captures, "a.example", NOON.replace(hour=hour)).moment.hour == expected


def test_of_one_visit_the_page_is_nearer_than_its_redirect(captures):
    redirect = line("http://a.example/", NOON, 0, 301)
    page = line("https://www.a.example/", NOON.replace(second=2), 100)
    later = line("https://a.example/", NOON.replace(hour=13), 200)
    add_captures(captures, [redirect, page, later])
    assert nearest(captures, "https://www.a.example/", NOON).status == "200"
    assert nearest(captures, "http://a.example/", NOON).status == "301"
    assert nearest(captures, "https://a.example/", NOON).moment == NOON
    assert nearest(captures, "https://b.example/", NOON) is None


def test_a_byte_is_found_in_the_record_that_holds_it(captures):
    add_captures(captures, [line("https://a.example/1", offset=0), line("https://a.example/2", offset=500)])
    found = [at_place(captures, NAME, offset) for offset in (0, 99, 100, 499, 500, 600)]
    assert [one and one.url[-1] for one in found] == ["1", "1", None, None, "2", None]
    assert at_place(captures, "../x.warc.gz", 0) is None


def test_captures_of_withheld_articles_are_not_found(captures):
    add_captures(captures, lines("https://a.example/1", "https://a.example/2"))
    withhold_captures(captures, b"1", ["http://www.a.example/1/"])
    assert urls(find(captures, "a.example", "host")) == ["https://a.example/2"]
    assert count(captures, "a.example", "host") == 1
    assert nearest(captures, "https://a.example/1", NOON) is None
    assert at_place(captures, NAME, 50) is None
    release_captures(captures, b"1")
    assert count(captures, "a.example", "host") == 2


def test_every_address_is_within_its_own_keys():
    for url in (
        "http://a.example",
        "a.example/x?b=1&a=2",
        "javascript:alert(1)",
        "http://[::1]:80/",
        "../..",
        "x" * 9000,
    ):
        for match_type in ("exact", "prefix", "host", "domain"):
            low, high = keys_of(url, match_type)
            assert low < high
            assert match_type != "exact" or low <= surt(url if "://" in url else f"http://{url}") < high


def test_searches_use_the_index_of_addresses(captures):
    add_captures(captures, (line(f"https://a.example/{number}", offset=number * 100) for number in range(1000)))
    captures.execute("ANALYZE")
    plans = []
    captures.set_trace_callback(plans.append)
    list(find(captures, "a.example/1", "prefix", after=Position("example,a)/1", 0, 0), limit=2))
    nearest(captures, "a.example/1", NOON)
    at_place(captures, NAME, 5)
    captures.set_trace_callback(None)
    assert plans
    for statement in plans:
        steps = [row[3] for row in captures.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert not any(step.startswith(("SCAN captures", "USE TEMP")) for step in steps), steps


def test_timestamps_are_in_utc():
    assert timestamp_of(datetime.fromisoformat("2022-11-24T16:15:00+06:00")) == 20221124101500


def test_the_picture_of_a_withheld_article_is_not_found(tmp_path):
    row = article_row(1, "খবর", image="/photo/1.png#small")
    with closing(open_to_fill(tmp_path / "index.sqlite")) as index:
        add_captures(index, lines("https://samakal.example/photo/1.png", "https://samakal.example/photo/2.png"))
        Withheld(index).note(id_of(row["id"]), 1, row)
        assert urls(find(index, "samakal.example", "host")) == ["https://samakal.example/photo/2.png"]
