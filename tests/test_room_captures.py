"""The captures of an archive in the room's database."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from indexed_rows import article_row

from crawler.archive.cdxj import index_line
from crawler.model.capture import Place
from crawler.room.index.captures import (
    SCHEMA,
    Position,
    add_captures,
    at_place,
    count,
    find,
    last_of,
    nearest,
    release_captures,
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


def test_captures_of_withheld_articles_are_not_found(captures):
    add_captures(captures, lines("https://a.example/1", "https://a.example/2"))
    withhold_captures(captures, b"1", ["http://www.a.example/1/"])
    assert urls(find(captures, "a.example", "host")) == ["https://a.example/2"]
    assert count(captures, "a.example", "host") == 1
    assert nearest(captures, "https://a.example/1", NOON) is None
    assert at_place(captures, NAME, 50) is None
    release_captures(captures, b"1")
    assert count(captures, "a.example", "host") == 2


def test_the_picture_of_a_withheld_article_is_not_found(tmp_path):
    row = article_row(1, "খবর", image="/photo/1.png#small")
    with closing(open_to_fill(tmp_path / "index.sqlite")) as index:
        add_captures(index, lines("https://samakal.example/photo/1.png", "https://samakal.example/photo/2.png"))
        Withheld(index).note(id_of(row["id"]), 1, row)
        assert urls(find(index, "samakal.example", "host")) == ["https://samakal.example/photo/2.png"]
