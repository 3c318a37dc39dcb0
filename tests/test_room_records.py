"""The records of an archive, by name and range: only what its index names."""

from __future__ import annotations

import gzip
from urllib.parse import quote

import pytest
from open_room import client_of, room_of
from starlette.routing import Route

from crawler.room.index.captures import find, withhold_captures
from crawler.room.index.database import open_to_fill
from crawler.room.interfaces.records import records

ROUTE = Route("/records/{name}", records)


@pytest.fixture(scope="module")
def room(two_runs, tmp_path_factory):
    return room_of(two_runs.archive, tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def client(room):
    return client_of(room, ROUTE)


@pytest.fixture(scope="module")
def captures(room):
    with room.reading() as connection:
        return list(find(connection, "samakal.com", "host"))


def address_of(one):
    return f"records/{one.name}?offset={one.offset}"


def test_each_record_is_sent_byte_for_byte(client, captures, two_runs):
    for one in captures:
        answer = client.get(address_of(one))
        assert answer.status_code == 200
        assert answer.content == two_runs.read(one.key)[one.offset : one.offset + one.length]
        assert gzip.decompress(answer.content).startswith(b"WARC/1.1\r\n")
        assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == (
            "application/gzip",
            "nosniff",
        )
        assert answer.headers["content-security-policy"].startswith("sandbox")
        assert answer.headers["content-disposition"].endswith(f"-{one.offset}.warc.gz")


@pytest.mark.parametrize(("skip", "size"), [(0, None), (0, 10), (5, 5), (7, None), (0, 10**9)])
def test_a_range_within_a_record_is_sent(client, captures, two_runs, skip, size):
    one = captures[1]
    first = one.offset + skip
    last = "" if size is None else first + size - 1
    answer = client.get(f"/records/{one.name}", headers={"Range": f"bytes={first}-{last}"})
    end = min(one.offset + one.length, one.offset + one.length if size is None else first + size)
    assert (answer.status_code, answer.content) == (206, two_runs.read(one.key)[first:end])
    assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/*"


def test_no_byte_outside_of_an_indexed_record_is_sent(client, captures):
    one = captures[0]
    outside = [0, one.offset + one.length, 10**17]
    for offset in outside:
        assert client.get(f"/records/{one.name}?offset={offset}").status_code == 404
        assert client.get(f"/records/{one.name}", headers={"Range": f"bytes={offset}-"}).status_code == 404
    # A record begins where the index says.
    assert client.get(f"/records/{one.name}?offset={one.offset + 1}").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "../../etc/passwd",
        "%2e%2e%2fmanifest",
        "..%2f..%2f..%2fetc%2fpasswd",
        "/etc/passwd",
        ".khobor",
        "x.warc.gz",
        "%00",
        quote("khobor-samakal-20221124T101500123-00001-h.warc.gz\0"),
    ],
)
def test_no_path_leaves_the_archive(client, name):
    for wanted in ({"params": {"offset": "0"}}, {"headers": {"Range": "bytes=0-10"}}):
        assert client.get(f"/records/{name}", **wanted).status_code == 404


@pytest.mark.parametrize(
    "headers", [{}, {"Range": "bytes=-500"}, {"Range": "bytes=9-3"}, {"Range": "lines=0-3"}, {"Range": "bytes=0-1,4-5"}]
)
def test_a_request_without_a_place_is_a_mistake(client, captures, headers):
    assert client.get(f"/records/{captures[0].name}", headers=headers).status_code == 400


@pytest.mark.parametrize("offset", ["", "x", "-1", "9" * 30, "০"])
def test_malformed_offsets_are_mistakes(client, captures, offset):
    assert client.get(f"/records/{captures[0].name}", params={"offset": offset}).status_code == 400


def test_a_file_that_is_gone_is_said_to_be_so(kept, tmp_path):
    room = room_of(kept.archive, tmp_path)
    with room.reading() as connection:
        one = next(find(connection, "samakal.com", "host"))
    (kept.archive / one.key).unlink()
    answer = client_of(room, ROUTE).get(address_of(one))
    assert (answer.status_code, "is not in the archive" in answer.text) == (404, True)
    (kept.archive / one.key).mkdir()
    answer = client_of(room, ROUTE).get(address_of(one))
    assert (answer.status_code, "cannot be read at the moment" in answer.text) == (502, True)
    assert str(kept.archive) not in answer.text


def test_records_of_withheld_articles_are_not_sent(kept, tmp_path):
    room = room_of(kept.archive, tmp_path)
    with room.reading() as connection:
        one = next(find(connection, "samakal.com", "host"))
    with open_to_fill(room.database) as connection:
        withhold_captures(connection, b"", [one.url])
    connection.close()
    assert client_of(room, ROUTE).get(address_of(one)).status_code == 404
