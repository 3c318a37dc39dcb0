"""Recording: what stands in the archive is what went over the wire, judged by the server's own log."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import resource
import socket
import ssl
import subprocess
import threading
import time
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import sandbox
import warm
from hypothesis import given
from hypothesis import strategies as st
from origin import CLOSE, CUT, READ, RESET, Logged, Origin, answer, chunked, server_context
from place import Place
from plain_warc import Record, is_sound, parse_record, read_records, sha1
from recorded_crawl import crawl
from verify_tools import Kept

from crawler.archive.cdxj import index_line
from crawler.archive.message import read
from crawler.archive.records import RecordWriter, target_uri
from crawler.archive.storage.base import MARK
from crawler.crawl.settings import PROJECT_ROOT
from crawler.model.capture import Place as RecordPlace
from crawler.model.listing import Listing
from crawler.recording.encoding import records
from crawler.recording.exchange import Exchange
from crawler.system import clock

PAGE = "<html><body><p>ঢাকার খবর, সব দিনের।</p></body></html>".encode() * 40
PACKED = gzip.compress(PAGE)
BIG = hashlib.shake_128(b"big").digest(3_000_000)
BIGGER = hashlib.shake_128(b"bigger").digest(5_000_000)
LONG = b"x" * 100_000
HTML = b"Content-Type: text/html; charset=utf-8"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n"
OLD = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n"

ROUTES = {
    "/robots.txt": answer(b"User-agent: *\nDisallow: /private\n", b"Content-Type: text/plain"),
    "/page": answer(PAGE, HTML),
    "/gzip": answer(PACKED, HTML, b"Content-Encoding: gzip"),
    "/chunked": [TE + b"\r\n" + chunked(PAGE[:700], PAGE[700:1500], PAGE[1500:])],
    "/chunk-extensions": [
        TE + b"Trailer: X-Sum\r\n\r\n",
        chunked(PAGE[:700], PAGE[700:], trailers=b"X-Sum: 12\r\nx-Other:  3\r\n", extension=b';a=b;c="d"'),
    ],
    "/gzip-chunked": [TE + b"content-encoding: gzip\r\n\r\n" + chunked(PACKED[:9], PACKED[9:])],
    "/headers": answer(
        b"odd",
        b"X-oDD: one",
        b"Set-Cookie: a=1",
        b"x-odd: two",
        b"Set-Cookie: b=2",
        b"X-ODD:three",
        b"Vary:\t Accept \t",
    ),
    "/no-space": answer(PAGE, b"Content-Type:text/html", b"X-A:1"),
    "/folded": answer(PAGE, b"X-Long: one,\r\n two,\r\n\tthree", HTML),
    "/latin": answer(PAGE, HTML, b"X-Place: caf\xe9", b"X-Bangla: " + "ঢাকা".encode()),
    "/colonless": answer(PAGE, b"this line has no colon", HTML),
    "/blank-line-of-spaces": answer(PAGE, b"X-Fold: a\r\n \t", HTML),
    "/reason": answer(PAGE, HTML, status=b"200 Alles Gut: \xe2\x9c\x93"),
    "/no-reason": answer(PAGE, HTML, status=b"200"),
    "/bare-lf": [b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: %d\n\n" % len(PAGE) + PAGE],
    "/redirect": answer(b"", b"Location: /page?from=redirect", status=b"302 Found"),
    "/gone": answer(b"gone", status=b"410 Gone"),
    "/heals": (answer(b"oops", status=b"500 Internal Server Error"), answer(PAGE, HTML)),
    "/head": [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n"],
    "/head-chunked": [TE + b"\r\n"],
    "/empty-204": [b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"],
    "/unchanged-304": [b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 77\r\n\r\n'],
    "/early-hints": [EARLY, 0.05, *answer(PAGE, HTML)],
    "/early-hints-at-once": [EARLY + CONTINUE + answer(PAGE, HTML)[0]],
    "/continue": [CONTINUE, *answer(b"posted")],
    "/until-close": [OLD + PAGE, CLOSE],
    "/until-close-with-length": [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfour",
        CLOSE,
    ],
    "/empty": answer(b"", HTML),
    "/surplus": [answer(b"right", HTML)[0] + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"],
    "/several-interims": [EARLY + CONTINUE + b"HTTP/1.1 102 Processing\r\n\r\n", 0.05, EARLY, *answer(PAGE, HTML)],
    "/long-line": answer(PAGE, HTML, b"X-Long: " + LONG),
    "/head-with-content": answer(b"four", HTML),
    "/absurd-chunks": [TE + b"\r\n" + b"0" * 60 + b"5;" + b"x" * 900 + b"\r\nhello\r\n0000\r\n\r\n"],
    "/old-keep-alive": [b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nfour"],
    "/length-and-chunks": [TE + b"Content-Length: 3\r\n\r\n" + chunked(PAGE)],
    "/gzip-cut": answer(PACKED[:-20], HTML, b"Content-Encoding: gzip"),
    "/unchanged-with-content": [b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 4\r\n\r\nfour'],
    "/authenticate": answer(b"who?", HTML, b'WWW-Authenticate: Basic realm="a, \xc3\xa9"', status=b"401 Unauthorized"),
    "/loop": answer(b"", b"Location: /loop-back", status=b"302 Found"),
    "/loop-back": answer(b"", b"Location: /loop", status=b"301 Moved Permanently"),
    "/bengali-location": answer(b"", "Location: /পাতা?খবর=১".encode(), status=b"302 Found"),
    "/big-chunked": [TE + b"\r\n" + chunked(*[BIGGER[n : n + 70000] for n in range(0, len(BIGGER), 70000)])],
    "/early-answer": [*answer(b"not interested"), 0.1, READ],
    "/status-999": answer(PAGE, HTML, status=b"999 Request denied"),
    "/empty-reason": answer(PAGE, HTML, status=b"200 "),
    "/lower-case-version": [answer(PAGE, HTML)[0].replace(b"HTTP", b"http")],
    "/big": answer(BIG, b"Content-Type: application/octet-stream"),
    "/byte-by-byte": [
        answer(b"slow but sure", HTML)[0][n : n + 1] for n in range(len(answer(b"slow but sure", HTML)[0]))
    ],
    "/dies-once": ([CLOSE], answer(PAGE, HTML)),
    "/never": [CLOSE],
    "/truncated": [b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + PAGE[:3000], CLOSE],
    "/truncated-chunks": [TE + b"\r\n" + b"1000\r\n" + PAGE[:500], CLOSE],
    "/reset": [b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + PAGE[:3000], 0.5, RESET],
    "/reset-until-close": [OLD + PAGE, 0.5, RESET],
    "/cut-in-head": [b"HTTP/1.1 200 OK\r\nContent-Type: te", CLOSE],
    "/only-hints": [EARLY, CLOSE],
    "/not-http": [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 0.2, CLOSE],
    "/absurd-chunk-size": [TE + b"\r\nffffffffffffffffffffffff\r\nhello", CLOSE],
    "/absurd-chunk-extension": [TE + b"\r\n5;" + b"x" * 5000 + b"\r\nhello\r\n0\r\n\r\n", 0.2, CLOSE],
    "/length-twice": answer(PAGE, HTML, b"Content-Length: %d" % len(PAGE)),
    "/two-lengths": answer(PAGE, HTML, b"Content-Length: 4"),
    "/unknown-coding": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n" + PACKED, 0.2, CLOSE],
    "/bad-chunk": [TE + b"\r\n" + b"5\r\nhello\r\nzz\r\n", 0.2, CLOSE],
    "/slow": [b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + PAGE[:200], 3.0, CLOSE],
    "/silent": [3.0, CLOSE],
    "/over-size": answer(BIG, HTML),
    "/over-size-chunks": [TE + b"\r\n" + chunked(*[BIG[n : n + 50000] for n in range(0, 1_000_000, 50000)])],
    "/stopped-at-head": answer(BIG, HTML),
    "/stopped-at-body": answer(BIG, HTML),
    "/endless-head": [b"HTTP/1.1 200 OK\r\n"] + [b"X-Filler: " + b"x" * 8000 + b"\r\n"] * 400,
}
# Cut off by us or by the server: how it ended and what WARC-Truncated says of it.
CUT_SHORT = {
    "/truncated": ("disconnected", "disconnect"),
    "/truncated-chunks": ("disconnected", "disconnect"),
    "/reset": ("disconnected", "disconnect"),
    "/reset-until-close": ("disconnected", "disconnect"),
    "/absurd-chunk-size": ("disconnected", "disconnect"),
    "/absurd-chunk-extension": ("malformed", "unspecified"),
    "/two-lengths": ("malformed", "unspecified"),
    "/unknown-coding": ("malformed", "unspecified"),
    "/bad-chunk": ("malformed", "unspecified"),
    "/slow": ("timeout", "time"),
    "/over-size": ("too-large", "length"),
    "/over-size-chunks": ("too-large", "length"),
    "/stopped-at-head": ("stopped", "unspecified"),
    "/stopped-at-body": ("stopped", "unspecified"),
}
# Readers do not agree with each other where these heads end.
AMBIGUOUS = {"/bare-lf", "/blank-line-of-spaces"}
NO_RESPONSE = {
    "/never": "disconnected",
    "/cut-in-head": "disconnected",
    "/only-hints": "disconnected",
    "/not-http": "malformed",
    "/silent": "timeout",
    "/endless-head": "malformed",
}

# What came with these after their message.
SURPLUS = {
    "/surplus": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong",
    "/head-with-content": b"four",
    "/unchanged-with-content": b"four",
}
# With these an exchange of ours may be shorter than what the server managed to send.
PREFIX = {*CUT_SHORT, *NO_RESPONSE}


@dataclass
class Crawl:
    """A finished crawl: what the spider saw, what the server logged, what was written."""

    seen: list[dict]
    stats: dict
    log: list[Logged]
    warcs: list[Path]
    records: list[Record]
    lines: list[str]
    connections: int
    secure: bool

    def of(self, target: str, kind: str) -> list[Record]:
        return [
            record
            for record in self.records
            if record.get("WARC-Type") == kind and (record.get("WARC-Target-URI") or "").endswith(target)
        ]


def requests_for(base: str, paths: list[str]) -> list[dict]:
    wanted = []
    for path in paths:
        meta = {"download_timeout": 0.5 if path in ("/slow", "/silent") else 15}
        meta["dont_retry"] = path not in ("/heals", "/never", "/dies-once")
        if path.startswith("/over-size"):
            meta["download_maxsize"] = 200_000
        if path.startswith("/stopped"):
            meta["stop"] = "headers" if path.endswith("head") else "bytes"
        one = {"url": base + path, "meta": meta}
        if path.startswith("/head"):
            one["method"] = "HEAD" if path != "/headers" else "GET"
        if path == "/loop":
            meta["redirect_ttl"] = 4
        if path in ("/continue", "/early-answer"):
            one |= {"method": "POST", "body": "ক=খ&a=b"}
        wanted.append(one)
    wanted += [
        {"url": base + "/page?b=2&a=1&a=0&q=%E0%A6%AC+x&%zz#fragment"},
        {"url": base + "/page?headers", "headers": [["X-Twice", "one"], ["X-Twice", "two"], ["x-low", "é"]]},
        {"url": base + "/private/page"},
        {"url": base + "/not-there"},
    ]
    return wanted


@pytest.fixture(
    scope="module",
    params=[(False, 1), (True, 16)],
    ids=["http-1", "https-16"],
)
def recorded(request, tmp_path_factory) -> Crawl:
    secure, concurrency = request.param
    folder = tmp_path_factory.mktemp("recorded")
    paths = [path for path in ROUTES if path != "/robots.txt"]
    if secure:
        paths.append("/until-close-unannounced")
    with Origin({**ROUTES, "/until-close-unannounced": [OLD + PAGE, CUT]}, tls=secure) as origin:
        seen, stats = crawl(
            folder,
            requests_for(origin.base, paths),
            CONCURRENT_REQUESTS_PER_DOMAIN=concurrency,
            CONCURRENT_REQUESTS=concurrency,
        )
        log, connections = list(origin.log), origin.connections
    warcs = sorted((folder / "archive").rglob("*.warc.gz"))
    lines = [line for path in (folder / "archive").rglob("*.cdxj") for line in path.read_text().splitlines()]
    records = [record for path in warcs for record in read_records(path)]
    return Crawl(seen, stats, log, warcs, records, lines, connections, secure)


def groups(crawl: Crawl) -> list[dict[str, Record]]:
    """Return the records of each capture by type."""
    found: dict[tuple, dict[str, Record]] = {}
    for record in crawl.records:
        if record.get("WARC-Type") != "warcinfo":
            key = (record.get("WARC-Date"), record.get("WARC-Target-URI"))
            assert record.get("WARC-Type") not in found.setdefault(key, {})
            found[key][record.get("WARC-Type")] = record
    return list(found.values())


def path_of(record: Record) -> str:
    return "/" + (record.get("WARC-Target-URI") or "").split("/", 3)[3].split("?")[0]


def as_received(group: dict[str, Record]) -> bytes:
    """Return all bytes that came back, put together from where they stand."""
    fields = group["metadata"].fields
    interim = base64.b64decode(fields.get("interimResponses", ""))
    fragment = base64.b64decode(fields.get("incompleteResponse", ""))
    return interim + (group["response"].block if "response" in group else fragment)


def test_every_exchange_is_recorded_byte_for_byte(recorded):
    pairs = [(group["request"].block, as_received(group), group) for group in groups(recorded)]
    assert len(pairs) == len(recorded.log)
    unmatched = list(recorded.log)
    for request, response, group in pairs:
        path = path_of(group["request"])
        surplus = SURPLUS.get(path, b"")
        assert group["metadata"].fields.get("surplusBytes", "0") == str(len(surplus))
        match = next(
            logged
            for logged in unmatched
            if logged.received == request
            and (
                logged.sent == response + surplus
                or (path in PREFIX and logged.sent.startswith(response) and len(response) >= len(logged.sent[:200]))
            )
        )
        unmatched.remove(match)
        # The request that stands there is the one for this address.
        assert match.target == "/" + group["request"].get("WARC-Target-URI").split("/", 3)[3]
    assert unmatched == []
    assert len({path_of(group["request"]) for _, _, group in pairs}) >= 55


def test_only_responses_that_were_cut_short_say_so(recorded):
    expected = dict(CUT_SHORT)
    if recorded.secure:
        expected["/until-close-unannounced"] = ("disconnected", "disconnect")
    for group in groups(recorded):
        path, fields = path_of(group["request"]), group["metadata"].fields
        if path in expected:
            found = (fields["outcome"], group["response"].get("WARC-Truncated"))
            assert found == expected[path], path
        elif path in NO_RESPONSE:
            assert "response" not in group, path
            assert fields["outcome"] == NO_RESPONSE[path], path
        elif "response" in group:
            assert group["response"].get("WARC-Truncated") is None, path
            assert fields["outcome"] == ("complete-at-close" if path == "/until-close" else "complete"), path
        else:
            # A kept connection that had died, or died at once.
            assert fields["outcome"] == "disconnected", path


def test_other_programs_find_nothing_wrong_with_the_files(recorded):
    assert recorded.warcs
    subprocess.run(["gzip", "-t", *map(str, recorded.warcs)], check=True)
    assert is_sound(*recorded.warcs)


def test_verification_finds_nothing_wrong_with_the_files(recorded):
    root = next(folder for folder in recorded.warcs[0].parents if folder.name == "archive").parent
    assert Kept(root).problems() == []


def test_odd_urls_are_verified_as_sent_to_servers_and_proxies(tmp_path):
    odd = ["", "?x=1", "//a//b?//", "/a?", "/a;?b", "/a;p?b;", "/a/../b?c=http://d.example/", "/খবর ১?ক=খ#গ", "/a?b#"]
    with Origin({"/page": answer(PAGE, HTML)}) as origin:
        wanted = [{"url": origin.base + address} for address in odd]
        proxied = {"proxy": origin.base}
        wanted += [{"url": "http://paper.example" + address, "meta": proxied} for address in odd]
        wanted += [{"url": "https://paper.example" + address, "meta": proxied} for address in odd]
        crawl(tmp_path, wanted, ROBOTSTXT_OBEY=False)
        targets = {logged.target for logged in origin.log}
    assert {"/", "/?x=1", "/a", "http://paper.example/?x=1"} <= targets
    assert Kept(tmp_path).problems() == []


def test_records_have_the_fields_of_the_standard_and_belong_together(recorded):
    first, *others = recorded.records
    assert first.get("WARC-Type") == "warcinfo"
    assert first.get("WARC-Filename") == recorded.warcs[0].name
    assert first.fields["format"] == "WARC File Format 1.1"
    identifiers = [record.get("WARC-Record-ID") for record in recorded.records]
    assert len(set(identifiers)) == len(identifiers)
    for record in others:
        assert record.get("WARC-Warcinfo-ID") == first.get("WARC-Record-ID")
        assert re.fullmatch(r"<urn:uuid:[0-9a-f-]{36}>", record.get("WARC-Record-ID"))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", record.get("WARC-Date"))
        assert record.get("WARC-IP-Address") == "127.0.0.1"
        assert record.get("WARC-Block-Digest") == sha1(record.block)
    for group in groups(recorded):
        for record in group.values():
            partners = {other.get("WARC-Record-ID") for other in group.values() if other is not record}
            assert set(record.all("WARC-Concurrent-To")) == partners


def test_protocol_cipher_and_unambiguous_payload_digests_are_recorded(recorded):
    for group in groups(recorded):
        request = group["request"]
        body = request.block.split(b"\r\n\r\n", 1)[1]
        assert request.get("WARC-Payload-Digest") == sha1(body)
        response = group.get("response")
        if response is None:
            assert request.all("WARC-Protocol") == ["http/1.1"] + (["tls/1.3"] if recorded.secure else [])
            assert (request.get("WARC-Cipher-Suite") or "").startswith("TLS_") == recorded.secure
            continue
        old = response.block.startswith(b"HTTP/1.0")
        known = [] if response.block.startswith(b"http") else ["http/1.0" if old else "http/1.1"]
        protocols = known + (["tls/1.3"] if recorded.secure else [])
        assert response.all("WARC-Protocol") == protocols
        assert (response.get("WARC-Cipher-Suite") or "").startswith("TLS_") == recorded.secure
        coded = b"transfer-encoding" in response.block.split(b"\r\n\r\n", 1)[0].lower()
        path = path_of(response)
        assert (response.get("WARC-Payload-Digest") is None) == (coded or path in AMBIGUOUS), path
        if path in ("/page", "/chunked", "/chunk-extensions", "/bare-lf", "/until-close"):
            assert group["metadata"].fields["entityDigest"] == sha1(PAGE), path
        if path in ("/gzip", "/gzip-chunked"):
            assert group["metadata"].fields["entityDigest"] == sha1(PACKED), path


def test_index_lines_point_at_the_members_of_their_responses(recorded):
    responses = {record.offset: record for record in recorded.records if record.get("WARC-Type") == "response"}
    assert recorded.lines == sorted(recorded.lines)
    assert len(recorded.lines) == len(responses)
    data = recorded.warcs[0].read_bytes()
    for line in recorded.lines:
        key, timestamp, text = line.split(" ", 2)
        fields = json.loads(text)
        start, length = int(fields["offset"]), int(fields["length"])
        record = parse_record(gzip.decompress(data[start : start + length]), start, length)
        assert record == responses[start]
        assert fields["url"] == record.get("WARC-Target-URI")
        assert fields["filename"] == recorded.warcs[0].name
        assert timestamp == re.sub(r"\D", "", record.get("WARC-Date"))[:14]
        assert fields["status"].encode() == record.block.split()[1]
        assert key.startswith("1,0,0,127:")


def test_a_download_points_to_its_response_record(recorded):
    by_id = {record.get("WARC-Record-ID"): record for record in recorded.records}
    for entry in recorded.seen:
        if entry.get("error") == "IgnoreRequest" and "capture" not in entry:
            assert entry["url"].endswith("/private/page")
            continue
        capture = entry["capture"]
        record = by_id[capture["record_id"]]
        assert (record.offset, record.length) == (capture["offset"], capture["length"])
        assert capture["file"].endswith(recorded.warcs[0].name)
        assert record.get("WARC-Target-URI") == entry["url"].split("#")[0]
        assert (record.get("WARC-Type") == "response") == (capture["http_status"] is not None)
        if "status" in entry:
            assert capture["http_status"] == entry["status"]


def test_a_dead_connection_and_its_silent_retry_are_both_recorded(recorded):
    requests = recorded.of("/dies-once", "request")
    responses = recorded.of("/dies-once", "response")
    assert (len(requests), len(responses)) == (2, 1)
    entry = next(entry for entry in recorded.seen if entry["url"].endswith("/dies-once"))
    assert entry["capture"]["record_id"] == responses[0].get("WARC-Record-ID")


def test_a_header_line_of_100_kb_reaches_the_spider(recorded):
    entry = next(entry for entry in recorded.seen if entry["url"].endswith("/long-line"))
    assert (entry["status"], entry["longest"]) == (200, len(LONG))


def test_connections_are_used_for_more_than_one_exchange(recorded):
    assert recorded.connections < len(recorded.log)


def test_late_surplus_bytes_are_not_the_next_response(tmp_path):
    routes = {"/surplus": [answer(b"right", HTML)[0] + b"\r\n", 0.2, *answer(b"late", HTML)]}
    routes |= {f"/page/{number}": [0.4, *answer(b"page %d" % number, HTML)] for number in range(4)}
    with Origin(routes) as origin:
        paths = ["/surplus", *list(routes)[1:]]
        wanted = [{"url": origin.base + path} for path in paths]
        crawl(tmp_path, wanted, CONCURRENT_REQUESTS_PER_DOMAIN=1, ROBOTSTXT_OBEY=False)
    (warc,) = (tmp_path / "archive").rglob("*.warc.gz")
    responses = [record for record in read_records(warc) if record.get("WARC-Type") == "response"]
    bodies = {path_of(record): record.block.split(b"\r\n\r\n", 1)[1] for record in responses}
    expected = [b"right", *(b"page %d" % number for number in range(4))]
    assert bodies == dict(zip(paths, expected, strict=True))


@pytest.mark.parametrize("tls", [False, True])
def test_a_connection_with_unsolicited_bytes_is_not_reused(tmp_path, tls):
    routes = {"/stray": [*answer(PAGE, HTML), 0.2, b"\r\n", 4.0], "/page": answer(PAGE, HTML)}
    with Origin(routes, tls=tls) as origin:
        wanted = [{"url": origin.base + path} for path in routes]
        crawl(tmp_path, wanted, ROBOTSTXT_OBEY=False, DOWNLOAD_DELAY=0.8, RANDOMIZE_DOWNLOAD_DELAY=False)
        assert [logged.target for logged in origin.log] == list(routes)
    (warc,) = (tmp_path / "archive").rglob("*.warc.gz")
    found = [record for record in read_records(warc) if record.get("WARC-Type") == "metadata"]
    assert [(path_of(record), record.fields["outcome"]) for record in found] == [(one, "complete") for one in routes]


def hello_only(connection):
    """Answer with the first message of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(connection.recv(5000))
    with pytest.raises(ssl.SSLWantReadError):
        server_context().wrap_bio(incoming, outgoing, server_side=True).do_handshake()
    flight = outgoing.read()
    connection.sendall(flight[: 5 + int.from_bytes(flight[3:5])])


@pytest.mark.parametrize(
    "reply",
    [
        lambda connection: connection.recv(5000),
        lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
        lambda connection: connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28"),
        lambda connection: (connection.recv(5000), connection.recv(1)),
        hello_only,
    ],
    ids=["closed", "no TLS", "alert", "silent", "cut short"],
)
def test_a_request_without_a_completed_handshake_is_not_recorded(tmp_path, reply):
    def serve(listener):
        with suppress(OSError):
            while True:
                with listener.accept()[0] as connection:
                    reply(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener, Origin({"/page": answer(PAGE, HTML)}, tls=True) as origin:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        broken = {"url": f"https://127.0.0.1:{listener.getsockname()[1]}/broken", "meta": {"download_timeout": 1}}
        crawl(tmp_path, [broken, {"url": origin.base + "/page"}], ROBOTSTXT_OBEY=False, RETRY_TIMES=1)
        listener.shutdown(socket.SHUT_RDWR)
    (warc,) = (tmp_path / "archive").rglob("*.warc.gz")
    found = [record for record in read_records(warc) if record.get("WARC-Type") != "warcinfo"]
    assert [path_of(record) for record in found] == ["/page"] * 3
    assert Kept(tmp_path).problems() == []


def test_metadata_records_how_a_page_was_found(tmp_path):
    listing = {"published": "2026-11-24T10:00:00+06:00", "title": "শিরোনাম\r\nWARC-Type: x", "national": True}
    routes = {"/start": answer(b"", b"Location: /page", status=b"302 Found"), "/page": answer(PAGE, HTML)}
    with Origin(routes) as origin:
        listing["url"] = origin.base + "/start"
        wanted = {"url": origin.base + "/start", "headers": [["Referer", "http://feed.example/rss"]]}
        crawl(tmp_path, [{**wanted, "meta": {"depth": 1}, "listing": listing}])
    (warc,) = (tmp_path / "archive").rglob("*.warc.gz")
    found = {path_of(record): record.fields for record in read_records(warc) if record.get("WARC-Type") == "metadata"}
    assert found["/robots.txt"]["hopsFromSeed"] == "P"
    assert (found["/start"]["via"], found["/start"]["hopsFromSeed"]) == ("http://feed.example/rss", "L")
    assert (found["/page"]["via"], found["/page"]["hopsFromSeed"]) == (listing["url"], "LR")
    for path in ("/start", "/page"):
        assert found[path]["listingUrl"] == listing["url"]
        assert found[path]["listing"] == "http://feed.example/rss"
        assert found[path]["listingPublished"] == listing["published"]
        assert found[path]["listingTitle"] == "শিরোনাম WARC-Type: x"
        assert found[path]["listingNational"] == "true"


def test_closing_a_spider_early_loses_no_exchange_in_progress(tmp_path):
    pieces = answer(PAGE, HTML)[0]
    routes = {"/fast": answer(PAGE, HTML), "/slow": [pieces[:500], 0.4, pieces[500:]]}
    with Origin(routes) as origin:
        wanted = [{"url": f"{origin.base}/{name}?{n}"} for n in range(20) for name in ("fast", "slow")]
        _, stats = crawl(
            tmp_path, wanted, CLOSESPIDER_PAGECOUNT=2, CONCURRENT_REQUESTS_PER_DOMAIN=8, ROBOTSTXT_OBEY=False
        )
        log = list(origin.log)
    assert stats["finish_reason"] == "closespider_pagecount"
    (warc,) = (tmp_path / "archive").rglob("*.warc.gz")
    records = read_records(warc)
    requests = [record.block for record in records if record.get("WARC-Type") == "request"]
    assert sorted(requests) == sorted(logged.received for logged in log)
    responses = [record for record in records if record.get("WARC-Type") == "response"]
    assert len(responses) == len(log) > 3
    assert all(record.block == pieces and record.get("WARC-Truncated") is None for record in responses)


def test_proxied_exchanges_are_recorded_without_the_proxy_password(tmp_path):
    with Origin({"/page": answer(PAGE, HTML)}) as origin:
        proxy = origin.base.replace("://", "://me:secret@")
        wanted = [
            {"url": "http://paper.example/page?plain", "meta": {"proxy": proxy}},
            {"url": "https://paper.example/page?tunnelled", "meta": {"proxy": proxy}},
        ]
        seen, _ = crawl(tmp_path, wanted, ROBOTSTXT_OBEY=False, ALLOW_PRIVATE_ADDRESSES=False)
        plain, tunnelled = origin.log
        connects = origin.connects
    assert [entry["status"] for entry in seen] == [200, 200]
    assert b"Proxy-Authorization: Basic " in plain.received
    assert len(connects) == 1
    (warc,) = (tmp_path / "archive").rglob("*.warc.gz")
    records = {(path_and_query(record), record.get("WARC-Type")): record for record in read_records(warc)[1:]}
    kept = records["page?plain", "request"].block
    assert kept == re.sub(rb"(Proxy-Authorization:)[^\r]*", rb"\1", plain.received)
    assert records["page?plain", "metadata"].fields["redacted"] == "Proxy-Authorization"
    assert {record.fields["proxied"] for (_, kind), record in records.items() if kind == "metadata"} == {"true"}
    assert records["page?tunnelled", "request"].block == tunnelled.received
    assert "redacted" not in records["page?tunnelled", "metadata"].fields
    assert records["page?tunnelled", "response"].block == tunnelled.sent
    assert records["page?tunnelled", "response"].all("WARC-Protocol") == ["http/1.1", "tls/1.3"]
    assert b"CONNECT" not in b"".join(record.block for record in read_records(warc))


def path_and_query(record: Record) -> str:
    return record.get("WARC-Target-URI").split("/", 3)[3]


FORGED = b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
# Control characters, line separators of Unicode (U+0085, U+2028, U+2029) and a lone CR, but no LF: that is a line.
HOSTILE = b'a\x00b\x0b\x0c\x1b[2J\x1c\x85\xe2\x80\xa8\xe2\x80\xa9\rWARC-Type: forged\xff "}, {" \\ '
HOSTILE_ROUTES = {
    "/headers": answer(FORGED, HTML, b"X-A: " + HOSTILE, b"ETag: " + HOSTILE, b"X-B: a\r\n\tWARC-Date: forged"),
    "/type": answer(PAGE, b"Content-Type: text/" + HOSTILE + LONG),
    "/type-quoted": answer(PAGE, b'Content-Type: text/html"}\xe2\x80\xa8{"status":"500";\r\n charset="utf-8'),
    "/reason": answer(PAGE, HTML, status=b"200 " + HOSTILE),
    "/opt-out": answer(PAGE, HTML, b"TDM-Reservation: 1", b"TDM-Policy: " + HOSTILE + LONG),
    "/location": answer(b"", b"Location: /page?" + HOSTILE + b"%0d%0aWARC-Type:%20forged", status=b"302 Found"),
    "/location-fold": answer(b"", b"Location: /page?x\r\n WARC-Type: forged", status=b"302 Found"),
    "/location-long": answer(b"", b"Location: /page?" + LONG, status=b"302 Found"),
    "/location-spaces": answer(b"", b"Location: /page/a b\tc/../%2e%2e/x y", status=b"302 Found"),
    "/interim": [b"HTTP/1.1 103 " + HOSTILE + b"\r\nX: " + HOSTILE + b"\r\n\r\n", *answer(PAGE, HTML)],
    "/no-http": [HOSTILE + FORGED, 0.2, CLOSE],
    "/page": answer(PAGE, HTML),
}
WARC_NAMES = {
    *("WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Filename", "WARC-Target-URI", "WARC-Warcinfo-ID"),
    *("WARC-IP-Address", "WARC-Concurrent-To", "WARC-Protocol", "WARC-Cipher-Suite", "WARC-Truncated"),
    *("WARC-Block-Digest", "WARC-Payload-Digest", "Content-Type", "Content-Length"),
}
METADATA_NAMES = {
    *("via", "hopsFromSeed", "fetchTimeMs", "firstByteTimeMs", "outcome", "entityDigest", "interimResponses"),
    *("incompleteResponse", "surplusBytes", "proxied", "redacted", "optOut", "listing", "listingUrl"),
    *("listingPublished", "listingTitle", "listingNational"),
}


def assert_unforged(record: Record) -> None:
    """Fail when a header or a field of a record is not one of ours, or leaves its line."""
    assert {name for name, _ in record.headers} <= WARC_NAMES
    assert all(value.isprintable() and value.isascii() for _, value in record.headers)
    if record.get("WARC-Type") == "metadata":
        lines = record.block.decode().split("\r\n")
        assert lines.pop() == ""
        assert {line.partition(": ")[0] for line in lines} <= METADATA_NAMES
        assert all(len(line.splitlines()) == 1 for line in lines)
        assert all(unicodedata.category(character) != "Cc" for line in lines for character in line)


def test_server_data_cannot_forge_records_index_lines_or_file_names(tmp_path):
    title = "শিরোনাম\r\n\r\nWARC/1.1\u2028\u2029\x00\x85" + "x" * 100_000
    with Origin(HOSTILE_ROUTES) as origin:
        wanted = [{"url": origin.base + path, "meta": {"dont_retry": True}} for path in HOSTILE_ROUTES]
        listing = {"url": f"{origin.base}/\r\n\u2028 a", "published": "2026-11-24T10:00:00+06:00", "title": title}
        referer = [["Referer", "http://feed.example/\r\nWARC-Type: forged\u2028"]]
        wanted.append({"url": origin.base + "/page?\u2028\x00 a\tb", "headers": referer, "listing": listing})
        crawl(tmp_path, wanted, ROBOTSTXT_OBEY=False)
        log = list(origin.log)
    (warc,) = (tmp_path / "archive").rglob("*.warc.gz")
    _, *found = read_records(warc)
    for record in found:
        assert_unforged(record)
    kinds = [record.get("WARC-Type") for record in found]
    assert kinds.count("request") == kinds.count("metadata") == len(log) > len(HOSTILE_ROUTES)
    blocks = [record.block for record in found if record.get("WARC-Type") == "response"]
    assert len(blocks) == len(log) - 1
    assert all(any(logged.sent.endswith(block) for logged in log) for block in blocks)
    (index,) = (tmp_path / "archive").rglob("*.cdxj")
    lines = index.read_bytes().split(b"\n")[:-1]
    assert len(lines) == len(blocks)
    for line in lines:
        assert re.fullmatch(rb"[!-~]+ \d{14} \{[ -~]+\}", line)
        assert json.loads(line.split(b" ", 2)[2])["filename"] == warc.name
    names = {path.name for path in (tmp_path / "archive").rglob("*") if path.is_file()} - {MARK}
    assert all(re.fullmatch(r"khobor-wire-\d{8}T\d{9}(-00001)?-[\w-]+\.[a-z.]+", name) for name in names)
    assert is_sound(warc)


hostile = st.text(max_size=40) | st.sampled_from(
    ["\r\n", "\u2028", "\x85", "\ud800", "\x00", "a\r\n\r\nWARC/1.1\r\n", "x" * 100_000]
)


@given(url=hostile, via=hostile, title=hostile, head=st.binary(max_size=60), value=st.binary(max_size=60))
def test_urls_titles_and_heads_cannot_break_a_record(url, via, title, head, value):
    exchange = Exchange("http://a.example/" + url, "GET", via=via, listing=Listing(via, None, title, source=url))
    exchange.receive(
        b"HTTP/1.1 200 "
        + head
        + b"\r\nX-Robots-Tag: noai,noarchive\r\nTDM-Reservation: 1\r\nTDM-Policy: "
        + value
        + b"\r\n\r\n"
    )
    exchange.end("complete")
    made = records(exchange, read(exchange.response, exchange.received), "<urn:uuid:1>")
    for member in RecordWriter().members(made):
        assert_unforged(parse_record(gzip.decompress(member), 0, 0))
    exchange.close()


@given(url=hostile, mime=hostile)
def test_urls_and_media_types_cannot_break_an_index_line(url, mime):
    address = target_uri("http://a.example/" + url)
    assert re.fullmatch("[!-~]+", address)
    line = index_line(RecordPlace(address, "", "warc/a/b.warc.gz", 1, 2), clock.now(), 200, mime, "d")
    key, moment, fields = line.split(" ", 2)
    assert re.fullmatch("[!-~]+", key)
    assert re.fullmatch("[ -~]+", fields)
    assert json.loads(fields) | {"url": address, "filename": "b.warc.gz"} == json.loads(fields)
    assert len(moment) == 14


# No file of the process grows over 2 MB, as on a disk that is full.
FULL = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))


def crawl_addresses(folder: Path, addresses: list[str], *options: str, **how) -> warm.Popen:
    """Start `scrapy crawl urls`."""
    (folder / "addresses").write_text("".join(f"{address}\n" for address in addresses))
    command = Place(folder, "").command("crawl", "urls", "-a", f"file={folder / 'addresses'}", *options)
    environment = sandbox.environment()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return warm.Popen(command, cwd=PROJECT_ROOT, env=environment, **pipes, **how)


@pytest.mark.parametrize("problem", ["full", "gone"])
def test_a_full_or_missing_spool_ends_the_crawl_quickly(tmp_path, problem):
    nothing = bytes(3_000_000)
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 6000000\r\n\r\n"
    with Origin({"/long": [first, 1.0, nothing, 0.1, nothing]}) as origin:
        how = {"preexec_fn": FULL} if problem == "full" else {}
        with crawl_addresses(
            tmp_path,
            [f"{origin.base}/long", f"{origin.base}/next"],
            "-s",
            "SPOOL_DIR=" + str(tmp_path / "spool"),
            **how,
        ) as process:
            while not any(logged.target == "/long" and logged.sent for logged in origin.log):
                time.sleep(0.02)
                assert process.poll() is None, process.stderr.read()
            if problem == "gone":
                (tmp_path / "spool").rename(tmp_path / "elsewhere")
            started = time.monotonic()
            output, errors = process.communicate(timeout=60)
    assert time.monotonic() - started < 30
    assert process.returncode == 1, errors
    assert ("File too large" if problem == "full" else "No such file or directory") in errors
    assert "Traceback" not in output + errors
    # Told while the crawl is under way or, when that was all it had to do, as it ends.
    assert errors.count("CRITICAL: ") == 1, errors


def test_a_failure_does_not_wait_for_slow_servers(tmp_path):
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 6000000\r\n\r\n"
    routes = {"/slow": [first, 100.0], "/long": [first, bytes(6_000_000)]}
    with Origin(routes, host="::1") as slow, Origin(routes) as origin:
        addresses = [f"{slow.base}/slow", f"{origin.base}/long", *(f"{origin.base}/{n}" for n in range(20))]
        started = time.monotonic()
        with crawl_addresses(tmp_path, addresses, "-s", "DOWNLOAD_TIMEOUT=120", preexec_fn=FULL) as process:
            output, errors = process.communicate(timeout=150)
        seconds = time.monotonic() - started
    assert (process.returncode, "Traceback" in output + errors) == (1, False), errors
    assert errors.count("CRITICAL: ") == 1, errors
    assert seconds < 60


def test_an_unwritable_spool_ends_the_crawl_before_any_request(tmp_path):
    with Origin({}) as origin:
        with crawl_addresses(tmp_path, [f"{origin.base}/page"], "-s", "SPOOL_DIR=/proc/spool") as process:
            _, errors = process.communicate(timeout=60)
        assert origin.connections == 0
    assert process.returncode == 1
    assert len(errors.strip().splitlines()) == 1
    assert "/proc/spool" in errors
