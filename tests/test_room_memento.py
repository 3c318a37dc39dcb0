"""Memento (RFC 7089): TimeGate, TimeMap and archived responses, as a server of our own sent them."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from open_room import client_of, room_of
from origin import Origin, answer, chunked
from plain_warc import sha1
from recorded_crawl import crawl
from starlette.routing import Route
from starlette.testclient import TestClient
from test_recording_exchanges import BIGGER, HTML, PACKED, PAGE, TE

from crawler.room.app import make_app
from crawler.room.index.captures import find
from crawler.room.index.database import open_to_fill
from crawler.room.interfaces.memento import memento, timegate, timemap

ROUTES = [
    Route("/timegate/{url:path}", timegate),
    Route("/timemap/link/{url:path}", timemap),
    Route("/web/{stamp}/{url:path}", memento),
]
TAGGED = b'ETag: "one"'
UNCHANGED = [b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\n\r\n']
# Crawled twice; a tuple has the answers of both crawls.
PAGES = {
    "/page": answer(PAGE, HTML),
    "/gzip": answer(PACKED, HTML, b"Content-Encoding: gzip"),
    "/chunked": [TE + b"\r\n" + chunked(PAGE[:700], PAGE[700:1500], PAGE[1500:])],
    "/gzip-chunked": [TE + b"content-encoding: gzip\r\n\r\n" + chunked(PACKED[:9], PACKED[9:])],
    "/changes": (answer(PAGE, HTML), answer(PAGE + b"<!-- again -->", HTML)),
    "/tagged": (answer(PAGE, HTML, TAGGED), UNCHANGED),
    "/tagged-gzip": (answer(PACKED, HTML, TAGGED, b"Content-Encoding: gzip"), UNCHANGED),
    "/query": answer(b"asked", HTML),
    "/redirect": answer(b"", b"Location: /page?from=redirect", status=b"302 Found"),
    "/redirect-script": answer(b"", b"Location: javascript:alert(1)", status=b"302 Found"),
    "/bengali-location": answer(b"", "Location: /পাতা?খবর=১".encode(), status=b"301 Moved"),
    "/gone": answer(b"gone", status=b"410 Gone"),
    "/empty-204": [b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"],
    "/status-999": answer(PAGE, HTML, status=b"999 Request denied"),
    "/big": [TE + b"\r\n" + chunked(*[BIGGER[n : n + 70000] for n in range(0, len(BIGGER), 70000)])],
    "/evil": answer(
        b"<script>alert(1)</script>",
        b"Content-Type: text/html",
        b"Set-Cookie: session=stolen",
        b"Content-Security-Policy: script-src *",
        b"Clear-Site-Data: *",
        b"Refresh: 0; url=https://evil.example",
        b"Service-Worker-Allowed: /",
        b"Access-Control-Allow-Origin: *",
        b"X-Long: " + b"x" * 50_000,
    ),
    "/untyped": answer(b"<b>what am I</b>"),
}
ASKED = "/query?q=a+b&x=%E0%A6%96"
PATHS = [*PAGES, ASKED]
NO_REDIRECT = {"meta": {"dont_redirect": True, "handle_httpstatus_all": True}}


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """The archive of two crawls of PAGES in different seconds, and the address of their server."""
    folder = tmp_path_factory.mktemp("twice")
    with Origin(PAGES) as origin:
        for _ in range(2):
            crawl(folder, [{"url": origin.base + path, **NO_REDIRECT} for path in PATHS])
            time.sleep(1.1)
        return folder / "archive", origin.base


@pytest.fixture(scope="module")
def room(twice, tmp_path_factory):
    return room_of(twice[0], tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def client(room):
    return client_of(room, *ROUTES)


@pytest.fixture(scope="module")
def base(twice):
    return twice[1]


@pytest.fixture(scope="module")
def visits(room, base):
    """The captures of each path, oldest first."""
    with room.reading() as connection:
        return {path: list(find(connection, base + path)) for path in PATHS}


def web(one):
    return f"/web/{one.timestamp}id_/{one.url}"


def links(answer):
    """Return the links of an answer by relation."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"(?:; datetime="([^"]*)")?', answer.headers["link"])
    return {relation: (url, moment) for url, relation, moment in found}


def test_every_capture_is_sent_as_the_server_sent_it(client, visits):
    bodies = {"/page": PAGE, "/gzip": PAGE, "/chunked": PAGE, "/gzip-chunked": PAGE, "/big": BIGGER, "/gone": b"gone"}
    for path, body in bodies.items():
        assert len(visits[path]) == 2
        for one in visits[path]:
            answer = client.get(web(one))
            assert (answer.status_code, answer.content == body) == (410 if path == "/gone" else 200, True), path
            moment = parsedate_to_datetime(answer.headers["memento-datetime"])
            assert moment == one.moment


def test_digests_are_those_of_what_is_sent(client, visits):
    one = visits["/gzip-chunked"][0]
    with client.stream("GET", web(one)) as answer:
        assert sha1(b"".join(answer.iter_raw())) == one.digest


def test_a_page_is_data_and_never_a_page_of_ours(client, visits):
    headers = client.get(web(visits["/evil"][0])).headers
    assert headers["content-security-policy"].split(";")[0] == "sandbox"
    assert headers.get_list("content-security-policy") == [headers["content-security-policy"]]
    assert headers["x-content-type-options"] == "nosniff"
    for name in ("set-cookie", "clear-site-data", "refresh", "service-worker-allowed", "access-control-allow-origin"):
        assert name not in headers
        assert f"x-archive-orig-{name}" in headers
    assert "x-archive-orig-x-long" not in headers
    assert headers["content-type"] == "text/html"
    assert client.get(web(visits["/untyped"][0])).headers["content-type"] == "application/octet-stream"


def test_redirects_lead_into_the_archive(client, visits, base):
    one = visits["/redirect"][0]
    answer = client.get(web(one))
    assert answer.status_code == 302
    target = f"{base}/page?from=redirect"
    assert answer.headers["location"] == f"http://room.example/web/{one.timestamp}id_/{target}"
    assert "location" not in client.get(web(visits["/redirect-script"][0])).headers
    encoded = client.get(web(visits["/bengali-location"][0])).headers["location"]
    assert encoded.isascii()
    assert encoded.endswith("/%E0%A6%AA%E0%A6%BE%E0%A6%A4%E0%A6%BE?%E0%A6%96%E0%A6%AC%E0%A6%B0=%E0%A7%A7")


@pytest.mark.parametrize(("path", "status"), [("/empty-204", 204), ("/status-999", 999), ("/gone", 410)])
def test_statuses_are_those_of_the_archive(client, visits, path, status):
    answer = client.get(web(visits[path][0]))
    assert (answer.status_code, "memento-datetime" in answer.headers) == (status, True)


def test_queries_and_escapes_of_addresses_are_kept(client, visits, base):
    one = visits[ASKED][0]
    assert client.get(web(one)).content == b"asked"
    escaped = f"/web/{one.timestamp}id_/{one.url.replace('%', '%25').replace(':', '%3A').replace('?', '%3F')}"
    assert client.get(escaped).content == b"asked"
    assert client.get(web(one).replace("http://127", "http:/127")).content == b"asked"
    assert links(client.get(web(one)))["original"][0] == one.url


def test_another_second_leads_to_the_nearest_capture(client, visits):
    first, second = visits["/changes"]
    early = client.get(f"/web/20010101000000id_/{first.url}")
    assert (early.status_code, early.headers["location"]) == (302, f"http://room.example{web(first)}")
    assert "memento-datetime" not in early.headers
    late = client.get(f"/web/20990101000000id_/{first.url}")
    assert late.headers["location"] == f"http://room.example{web(second)}"


def test_a_timegate_leads_to_the_moment_that_is_wanted(client, visits):
    first, second = visits["/changes"]
    for moment, one in ((first.moment, first), (second.moment, second), (datetime(1999, 1, 1, tzinfo=UTC), first)):
        wanted = {"Accept-Datetime": format_datetime(moment, usegmt=True)}
        answer = client.get(f"/timegate/{first.url}", headers=wanted)
        assert (answer.status_code, answer.headers["vary"]) == (302, "accept-datetime")
        assert answer.headers["location"] == f"http://room.example{web(one)}"
        assert "memento-datetime" not in answer.headers
    assert client.get(f"/timegate/{first.url}").headers["location"].endswith(web(second))


def test_a_timemap_lists_every_capture(client, visits):
    first, second = visits["/changes"]
    answer = client.get(f"/timemap/link/{first.url}")
    assert answer.headers["content-type"].split(";")[0] == "application/link-format"
    lines = answer.text.split(",\n")
    assert [re.search('rel="([^"]*)"', line)[1] for line in lines] == [
        "original",
        "timegate",
        "self",
        "first memento",
        "last memento",
    ]
    assert lines[3].startswith(f"<http://room.example{web(first)}>")
    assert f'from="{format_datetime(first.moment, usegmt=True)}"' in lines[2]
    assert f'until="{format_datetime(second.moment, usegmt=True)}"' in lines[2]


@pytest.mark.parametrize("sent", ["/news", ""])
def test_addresses_below_a_prefix_are_those_of_the_prefix(room, visits, sent):
    # A reverse proxy may remove the prefix.
    client = TestClient(make_app(replace(room, prefix="/news")), "http://room.example", follow_redirects=False)
    first, last = visits["/changes"]
    answer = client.get(f"{sent}/timegate/{first.url}")
    assert answer.headers["location"] == f"http://room.example/news{web(last)}"
    assert client.get(f"{sent}{web(first)}").content == PAGE
    assert client.get(f"{sent}{web(visits[ASKED][0])}").content == b"asked"


@pytest.mark.parametrize("place", ["/timegate/{}", "/timemap/link/{}", "/web/20261124101500id_/{}"])
@pytest.mark.parametrize("url", ["http://unknown.example/", "..%2f..%2fetc%2fpasswd", "%00", "http://[", "x" * 5000])
def test_unknown_addresses_are_not_found(client, place, url):
    answer = client.get(place.format(url))
    assert (answer.status_code, answer.text[:26]) == (404, "The archive has no capture")


@pytest.mark.parametrize(
    "stamp", ["2026", "20261124101500", "20261324101500id_", "00000000000000id_", "x" * 17, "২" * 14]
)
def test_malformed_timestamps_are_mistakes(client, base, stamp):
    assert client.get(f"/web/{stamp}/{base}/page").status_code == 400


@pytest.mark.parametrize("date", ["yesterday", "2026-11-24", "Tue, 99 Nov 2026 10:15:00 GMT", "0", "\x01"])
def test_malformed_dates_are_mistakes(client, base, date):
    assert client.get(f"/timegate/{base}/page", headers={"Accept-Datetime": date}).status_code == 400


def test_a_damaged_record_has_one_clear_line(kept, tmp_path):
    room = room_of(kept.archive, tmp_path)
    with room.reading() as connection:
        one = next(find(connection, "samakal.com", "host"))
    kept.flip(one.key, one.offset + one.length // 2)
    answer = client_of(room, *ROUTES).get(web(one))
    assert (answer.status_code, answer.text.count("\n")) == (502, 1)
    assert "is damaged at" in answer.text


def test_a_revisit_without_its_original_has_one_clear_line(kept, tmp_path):
    room = room_of(kept.archive, tmp_path)
    with open_to_fill(room.database) as connection:
        connection.execute("DELETE FROM captures WHERE mime <> 'warc/revisit'")
    connection.close()
    with room.reading() as connection:
        one = next(one for one in find(connection, "samakal.com", "host") if one.is_revisit)
    answer = client_of(room, *ROUTES).get(web(one))
    assert (answer.status_code, "its original is not in the archive" in answer.text) == (404, True)
