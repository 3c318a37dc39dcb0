"""The growing WARC file, its records and index lines, without a network."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import io
import json
import os
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from place import full_disk
from plain_warc import parse_record, read_records, sha1
from verify_tools import Run, answer, row_of

from crawler.archive.cdxj import index_line, surt
from crawler.archive.message import header_fields, read
from crawler.archive.records import RecordWriter
from crawler.model.capture import Place
from crawler.model.span import rfc3339
from crawler.recording.encoding import records
from crawler.recording.exchange import Exchange
from crawler.recording.tap import cipher_suite
from crawler.recording.warc import WarcFile

NAME = "warc/outlet/2026/11/khobor-outlet-20261124T101500123-00001-host.warc.gz"
FIELDS = {
    "software": "khobor/1",
    "format": "WARC File Format 1.1",
    "operator": "desk@example.org\r\nWARC-Type: x",
}
BODY = "ঢাকা".encode()
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\n\r\n" + BODY


def exchange_of(response=RESPONSE, url="https://a.example/page", outcome="complete", **facts):
    exchange = Exchange(url, "GET", **facts)
    exchange.send(b"GET /page HTTP/1.1\r\nHost: a.example\r\n\r\n")
    exchange.receive(response)
    exchange.end(outcome)
    return exchange


@pytest.fixture
def warc(tmp_path):
    warc = WarcFile.create(tmp_path, NAME, FIELDS)
    yield warc
    warc.abandon()


def open_file(tmp_path):
    return tmp_path / (NAME + ".open")


def test_a_new_file_is_locked_and_begins_with_warcinfo(tmp_path, warc):
    with open_file(tmp_path).open("rb") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    (first,) = read_records(open_file(tmp_path))
    assert warc.size == open_file(tmp_path).stat().st_size == first.length
    assert first.get("WARC-Filename") == NAME.rpartition("/")[2]
    assert first.fields == {**FIELDS, "operator": "desk@example.org WARC-Type: x"}
    assert warc.created.tzinfo is not None
    entry = warc.finish()
    assert (entry.records, entry.first, entry.last) == ({"warcinfo": 1}, None, None)


def test_a_capture_points_at_its_response(tmp_path, warc):
    captures = [warc.write(exchange_of(url=f"https://a.example/page?{n}#part")) for n in range(3)]
    warc.sync()
    entry = warc.finish()
    assert not open_file(tmp_path).exists()
    data = (tmp_path / NAME).read_bytes()
    assert (entry.file, entry.bytes, entry.sha256) == (NAME, len(data), hashlib.sha256(data).hexdigest())
    assert entry.records == {"warcinfo": 1, "response": 3, "request": 3, "metadata": 3}
    assert (entry.first, entry.last) == (rfc3339(captures[0].date), rfc3339(captures[-1].date))
    for number, capture in enumerate(captures):
        member = data[capture.offset : capture.offset + capture.length]
        record = parse_record(gzip.decompress(member), capture.offset, capture.length)
        assert record.get("WARC-Record-ID") == capture.record_id
        assert record.get("WARC-Target-URI") == capture.url == f"https://a.example/page?{number}"
        assert record.block == RESPONSE
        assert capture.payload_digest == record.get("WARC-Payload-Digest") == sha1(BODY)
        assert (capture.file, capture.http_status, capture.mime) == (NAME, 200, "Text/HTML")
        assert json.loads(capture.index_line.split(" ", 2)[2])["offset"] == str(capture.offset)


def test_a_capture_without_a_response_points_to_the_request(tmp_path, warc):
    capture = warc.write(exchange_of(b"HTTP/1.1 20", outcome="disconnected"))
    warc.sync()
    _, request, metadata = read_records(open_file(tmp_path))
    assert (request.get("WARC-Type"), request.get("WARC-Record-ID")) == ("request", capture.record_id)
    assert (capture.offset, capture.length) == (request.offset, request.length)
    assert (capture.index_line, capture.http_status, capture.payload_digest) == ("", None, None)
    assert metadata.fields["incompleteResponse"] == "SFRUUC8xLjEgMjA="
    assert request.all("WARC-Concurrent-To") == [metadata.get("WARC-Record-ID")]


def test_names_of_growing_files_and_folders_are_synced_to_disk(tmp_path, monkeypatch):
    named = set()

    def noted(descriptor, sync=os.fsync):
        place = Path(f"/proc/self/fd/{descriptor}").readlink()
        if place.is_dir():
            named.update(place.iterdir())
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    run = Run(tmp_path / "spool")
    (capture,) = run.keep(answer("https://samakal.com/a/article/1"))
    run.rows(row_of(capture, "1")[0])
    assert set((tmp_path / "spool").rglob("*")) - named == set()
    run.segments.finish_all()
    assert set((tmp_path / "spool").rglob("*")) - named == set()


def test_no_name_is_used_twice(tmp_path, warc):
    with pytest.raises(FileExistsError):
        WarcFile.create(tmp_path, NAME, FIELDS)
    warc.finish()
    with pytest.raises(FileExistsError):
        WarcFile.create(tmp_path, NAME, FIELDS)


def test_a_full_disk_leaves_whole_exchanges_only(tmp_path, warc):
    warc.write(exchange_of())
    warc.sync()
    size = warc.size
    big = exchange_of(RESPONSE + os.urandom(2_000_000))
    with full_disk(size + 100_000), pytest.raises(OSError, match="File too large"):
        warc.write(big)
    assert open_file(tmp_path).stat().st_size == size
    assert big.response.closed
    assert len(read_records(open_file(tmp_path))) == 4
    with open_file(tmp_path).open("rb") as file:
        subprocess.run(["gzip", "-t"], stdin=file, check=True)


def test_a_response_that_could_not_be_spooled_fails_the_writer(warc):
    exchange = exchange_of()
    exchange.fault = OSError(28, "No space left on device")
    with pytest.raises(OSError, match="No space left"):
        warc.write(exchange)
    assert exchange.response.closed


def test_a_file_that_another_process_changed_is_not_written(tmp_path, warc):
    with open_file(tmp_path).open("ab") as other:
        other.write(b"x")
    warc.write(exchange_of())
    with pytest.raises(OSError, match="does not end where it was left"):
        warc.sync()


def test_a_file_that_another_process_removed_is_not_written(tmp_path, warc):
    open_file(tmp_path).unlink()
    warc.write(exchange_of())
    with pytest.raises(OSError, match="was removed while it grew"):
        warc.sync()


def test_long_responses_wait_on_disk_and_are_written_whole(tmp_path, warc):
    exchange = exchange_of(b"HTTP/1.1 200 OK\r\n\r\n")
    exchange.ended = None
    pieces = [os.urandom(300_000) for _ in range(10)]
    for piece in pieces:
        exchange.receive(piece)
    exchange.end("complete-at-close")
    assert not isinstance(exchange.response, io.BytesIO)
    warc.write(exchange)
    warc.sync()
    response = read_records(open_file(tmp_path))[1]
    assert response.block == b"HTTP/1.1 200 OK\r\n\r\n" + b"".join(pieces)


def test_folded_and_odd_header_lines_match_scrapys_reading():
    head = b"HTTP/1.1 200 OK\r\nX-A:1\r\nX-Long: one\r\n two\r\nno colon\r\nx-a :  2 \r\n\r\n"
    assert header_fields(head) == [("x-a", "1"), ("x-long", "one two"), ("x-a", "2")]


@pytest.mark.parametrize("line", [b"a:b\r\n", b" b\r\n"])
def test_a_head_with_repeated_lines_is_parsed_in_linear_time(line):
    began = time.process_time()
    [*_, (name, value)] = header_fields(b"HTTP/1.1 200 OK\r\na:b\r\n" + line * 200_000 + b"\r\n")
    assert (name, value[0]) == ("a", "b")
    # Seconds of a processor: copied for each line, they took it for more than a minute.
    assert time.process_time() - began < 20


def test_an_index_line_is_what_other_indexers_write():
    url = "https://www.samakal.com/Bangladesh/article/1?b=2&a=1"
    place = Place(url, "<urn:uuid:1>", "warc/samakal/2026/11/x.warc.gz", 12, 345)
    line = index_line(place, datetime(2026, 11, 24, 16, 15, 0, 123456, tzinfo=UTC), 200, "text/html", "sha1:ABC")
    assert line == (
        'com,samakal)/bangladesh/article/1?a=1&b=2 20261124161500 {"url": '
        '"https://www.samakal.com/Bangladesh/article/1?b=2&a=1", "mime": "text/html", "status": "200", '
        '"digest": "sha1:ABC", "length": "345", "offset": "12", "filename": "x.warc.gz"}'
    )


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://example.com", "com,example)/"),
        ("https://www2.Example.com:443/A//b/../C/?", "com,example)/a/c"),
        ("http://example.com:8080/%E0%A6%AC/?z&y=%2520#part", "com,example:8080)/%e0%a6%ac?y=%20&z"),
        ("http://127.0.0.1:8000/", "1,0,0,127:8000)/"),
        ("http://2130706433/x", "1,0,0,127)/x"),
        ("http://[2001:db8::1]/x", "2001:db8::1)/x"),
        ("http://a.com/?sid=0123456789abcdef0123456789abcdef&b=1", "com,a)/?b=1"),
        ("http://user:word@a.com/x/", "com,a)/x"),
        ("http://বাংলা.com/খবর", "com,xn--54b7fta0cc)/%e0%a6%96%e0%a6%ac%e0%a6%b0"),
        ("http://a.com/" + "%25" * 50_000, None),
        ("http://a.com/" + "(0123456789abcdef01234567)/" * 5_000, None),
        ("http://a.com/?" + "cfid=" * 20_000, None),
    ],
)
def test_index_keys_sort_by_site_like_the_wayback_machine(url, key):
    assert key is None or surt(url) == key
    assert " " not in surt(url)


def test_cipher_suites_have_their_registered_names():
    assert cipher_suite("TLS_AES_256_GCM_SHA384") == "TLS_AES_256_GCM_SHA384"
    assert cipher_suite("ECDHE-RSA-AES128-GCM-SHA256") == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert cipher_suite("ECDHE-ECDSA-CHACHA20-POLY1305") == "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
    assert cipher_suite("AES256-SHA") == "TLS_RSA_WITH_AES_256_CBC_SHA"
    assert cipher_suite("SOMETHING-ELSE") is None


def members_of(received):
    with closing(exchange_of(received)) as exchange:
        made = records(exchange, read(exchange.response, exchange.received), "<urn:uuid:0>")
        return RecordWriter().members(made)


@pytest.mark.parametrize("size", [0, 1, 65_000, 65_535, 65_536, 200_000, 1 << 18, 1_000_000])
def test_members_hold_what_was_received(tmp_path, size):
    body = os.urandom(size)
    received = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (size, body)
    members = members_of(received)
    for number, member in enumerate(members):
        (tmp_path / f"{number}.gz").write_bytes(member)
        subprocess.run(["gzip", "-t", f"{number}.gz"], cwd=tmp_path, check=True, capture_output=True)
    assert gzip.decompress(members[0]).endswith(b"\r\n\r\n" + received + b"\r\n\r\n")
    assert len(members[0]) < size * 1.001 + 1000
