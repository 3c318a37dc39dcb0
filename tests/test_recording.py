"""Recording: what stands in the archive is what went over the wire, judged by the server's own log."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from origin import CLOSE, CUT, RESET, Logged, Origin, answer, chunked
from plain_warc import Record, parse_record, read_records, sha1
from recorded_crawl import crawl

PAGE = "<html><body><p>ঢাকার খবর, সব দিনের।</p></body></html>".encode() * 40
PACKED = gzip.compress(PAGE)
BIG = hashlib.shake_128(b"big").digest(3_000_000)
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
        if path == "/continue":
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
    params=[(False, 1), (False, 8), (True, 1), (True, 8)],
    ids=["http-1", "http-8", "https-1", "https-8"],
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


def test_every_exchange_stands_in_the_archive_byte_for_byte(recorded):
    pairs = [(group["request"].block, as_received(group), group) for group in groups(recorded)]
    assert len(pairs) == len(recorded.log)
    unmatched = list(recorded.log)
    for request, response, group in pairs:
        path = path_of(group["request"])
        surplus = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong" if path == "/surplus" else b""
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
    assert len(pairs) > 50


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
    for warc in recorded.warcs:
        subprocess.run(["gzip", "-t", str(warc)], check=True)
        warcio = Path(sys.executable).with_name("warcio")
        subprocess.run([str(warcio), "check", str(warc)], check=True)


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


def test_protocol_and_cipher_are_told_and_payload_digests_only_where_readers_agree(recorded):
    for group in groups(recorded):
        request = group["request"]
        body = request.block.split(b"\r\n\r\n", 1)[1]
        assert request.get("WARC-Payload-Digest") == sha1(body)
        response = group.get("response")
        if response is None:
            continue
        old = response.block.startswith(b"HTTP/1.0")
        protocols = ["http/1.0" if old else "http/1.1"] + (["tls/1.3"] if recorded.secure else [])
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


def test_a_download_tells_where_its_response_stands(recorded):
    by_id = {record.get("WARC-Record-ID"): record for record in recorded.records}
    for entry in recorded.seen:
        if entry.get("error") == "IgnoreRequest":
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


def test_a_dead_kept_connection_and_the_silent_second_try_are_both_recorded(recorded):
    requests = recorded.of("/dies-once", "request")
    responses = recorded.of("/dies-once", "response")
    assert (len(requests), len(responses)) == (2, 1)
    entry = next(entry for entry in recorded.seen if entry["url"].endswith("/dies-once"))
    assert entry["capture"]["record_id"] == responses[0].get("WARC-Record-ID")


def test_connections_are_used_for_more_than_one_exchange(recorded):
    assert recorded.connections < len(recorded.log)


def test_what_led_to_a_page_stands_beside_it(tmp_path):
    listing = {"url": "LISTED", "published": "2026-11-24T10:00:00+06:00", "title": "শিরোনাম\r\nWARC-Type: x"}
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


def test_a_spider_that_is_closed_early_loses_nothing_that_was_under_way(tmp_path):
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


def test_a_proxy_is_recorded_through_but_its_password_is_not_kept(tmp_path):
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
    assert records["page?tunnelled", "request"].block == tunnelled.received
    assert "redacted" not in records["page?tunnelled", "metadata"].fields
    assert records["page?tunnelled", "response"].block == tunnelled.sent
    assert records["page?tunnelled", "response"].all("WARC-Protocol") == ["http/1.1", "tls/1.3"]
    assert b"CONNECT" not in b"".join(record.block for record in read_records(warc))


def path_and_query(record: Record) -> str:
    return record.get("WARC-Target-URI").split("/", 3)[3]
