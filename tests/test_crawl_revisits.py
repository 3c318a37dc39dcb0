"""Revisits and conditional requests: references to archived captures, and never wrong ones."""

from __future__ import annotations

import base64
import gzip
import re
import subprocess
from pathlib import Path

import pytest
from origin import Origin, answer, chunked
from plain_warc import is_sound, read_records, sha1
from recorded_crawl import crawl

PAGE = "<html><body><p>ঢাকার খবর, সব দিনের।</p></body></html>".encode() * 40
PACKED = gzip.compress(PAGE, mtime=0)
HTML = b"Content-Type: text/html; charset=utf-8"
CODED = b"HTTP/1.1 200 OK\r\n" + HTML + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
TAGGED = answer(PAGE, HTML, b'ETag: "a-1"', b"Last-Modified: Tue, 24 Nov 2026 10:00:00 GMT")
NOT_MODIFIED = [b'HTTP/1.1 304 Not Modified\r\nETag: "a-1"\r\nX-Served: twice\r\n\r\n']
ROUTES = {
    "/robots.txt": answer(b"User-agent: *\nDisallow: /private\n", b'ETag: "robots"', b"Content-Type: text/plain"),
    "/same": answer(PAGE, HTML),
    "/same-gzip": answer(PACKED, HTML, b"Content-Encoding: gzip"),
    "/same-chunked": ([CODED + chunked(PAGE)], [CODED + chunked(PAGE[:9], PAGE[9:])]),
    "/tagged": (TAGGED, NOT_MODIFIED),
    "/tagged-gzip": (
        answer(PACKED, HTML, b"Content-Encoding: gzip", b'ETag: W/"g"'),
        [b'HTTP/1.1 304 Not Modified\r\nETag: W/"g"\r\n\r\n'],
    ),
    "/dated-chunked": (
        [CODED.replace(b"\r\n\r\n", b"\r\nLast-Modified: Tue, 24 Nov 2026 10:00:00 GMT\r\n\r\n") + chunked(PAGE)],
        [b"HTTP/1.1 304 Not Modified\r\n\r\n"],
    ),
    "/tagged-but-sent-again": TAGGED,
    "/changed": (answer(PAGE, HTML), answer(PAGE + b"!", HTML)),
    "/now-chunked": (answer(PAGE, HTML), [CODED + chunked(PAGE)]),
    "/now-gzip": (answer(PAGE, HTML), answer(PACKED, HTML, b"Content-Encoding: gzip")),
    "/now-plain": (answer(PAGE, HTML), answer(PAGE, b"Content-Type: text/plain")),
    "/empty": answer(b"", HTML),
    "/gone": answer(PAGE, HTML, status=b"410 Gone"),
    "/always-304": NOT_MODIFIED,
}
IDENTICAL = {"/same", "/same-gzip", "/same-chunked", "/tagged-but-sent-again", "/robots.txt"}
CONFIRMED = {"/tagged", "/tagged-gzip", "/dated-chunked"}
PATHS = [path for path in ROUTES if path != "/robots.txt"]
REVISIT = "http://netpreserve.org/warc/1.1/revisit/"


def visit(folder: Path, origin: Origin, paths=PATHS, **request):
    """Crawl the paths; return the responses by path, and the records of this crawl."""
    before = set(folder.glob("archive/warc/**/*.warc.gz"))
    seen, _ = crawl(folder, [{"url": origin.base + path, **request} for path in paths], ROBOTSTXT_OBEY=True)
    new = sorted(set(folder.glob("archive/warc/**/*.warc.gz")) - before)
    return dict(zip(paths, seen, strict=True)), [record for path in new for record in read_records(path)]


def path_of(origin, record):
    return (record.get("WARC-Target-URI") or "").removeprefix(origin.base)


def by_path(origin, records, *kinds):
    return {path_of(origin, record): record for record in records if record.get("WARC-Type") in kinds}


@pytest.fixture(scope="module", params=[False, True], ids=["http", "https"])
def twice(request, tmp_path_factory):
    """The same addresses crawled twice into one archive."""
    folder = tmp_path_factory.mktemp("twice")
    with Origin(ROUTES, tls=request.param) as origin:
        first = visit(folder, origin)
        asked = len(origin.log)
        second = visit(folder, origin)
        yield origin, folder, first, second, origin.log[asked:]


def test_only_an_identical_response_becomes_a_revisit(twice):
    origin, _, (_, first), (_, second), _ = twice
    assert not by_path(origin, first, "revisit")
    profiles = {path: record.get("WARC-Profile") for path, record in by_path(origin, second, "revisit").items()}
    assert profiles == {
        **dict.fromkeys(IDENTICAL, REVISIT + "identical-payload-digest"),
        **dict.fromkeys(CONFIRMED, REVISIT + "server-not-modified"),
    }
    assert set(by_path(origin, second, "response")) == set(ROUTES) - IDENTICAL - CONFIRMED


def test_a_revisit_refers_to_its_original_exactly(twice):
    origin, _, (_, first), (_, second), _ = twice
    originals = by_path(origin, first, "response")
    for path, revisit in by_path(origin, second, "revisit").items():
        original = originals[path]
        assert revisit.get("WARC-Refers-To") == original.get("WARC-Record-ID")
        assert revisit.get("WARC-Refers-To-Target-URI") == original.get("WARC-Target-URI")
        assert revisit.get("WARC-Refers-To-Date") == original.get("WARC-Date")
        assert revisit.get("WARC-Date") > original.get("WARC-Date")


def test_a_revisit_has_new_headers_and_the_original_payload_digest(twice):
    origin, _, (_, first), (_, second), log = twice
    sent = {logged.target: logged.sent for logged in log}
    originals = by_path(origin, first, "response")
    for path in IDENTICAL:
        revisit = by_path(origin, second, "revisit")[path]
        assert revisit.block == sent[path].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        assert revisit.get("WARC-Truncated") == "length"
        assert revisit.get("WARC-Payload-Digest") == sha1(originals[path].block.partition(b"\r\n\r\n")[2])


def test_a_304_has_an_empty_block_and_headers_in_metadata(twice):
    origin, _, _, (_, second), log = twice
    sent = {logged.target: logged.sent for logged in log}
    for path in CONFIRMED:
        revisit, metadata = (by_path(origin, second, kind)[path] for kind in ("revisit", "metadata"))
        assert revisit.block == b""
        assert (revisit.get("Content-Length"), revisit.get("Content-Type")) == ("0", None)
        assert base64.b64decode(metadata.fields["notModifiedResponse"]) == sent[path]


def test_the_spider_gets_the_archived_content_for_a_304(twice):
    _, _, _, (seen, _), _ = twice
    for path in CONFIRMED:
        assert (seen[path]["status"], seen[path]["length"]) == (200, len(PAGE))
        assert "not-modified" in seen[path]["flags"]


def test_an_unconditional_304_stays_a_304(twice):
    origin, _, _, (seen, second), _ = twice
    assert seen["/always-304"].get("status") == 304 or seen["/always-304"]["error"] == "HttpError"
    assert by_path(origin, second, "response")["/always-304"].block.startswith(b"HTTP/1.1 304")


def test_conditions_are_the_archived_validators_but_for_robots_txt(twice):
    asked = {logged.target: logged.received for logged in twice[4]}
    assert b'\r\nIf-None-Match: "a-1"\r\n' in asked["/tagged"]
    assert b"\r\nIf-Modified-Since: Tue, 24 Nov 2026 10:00:00 GMT\r\n" in asked["/tagged"]
    assert b'\r\nIf-None-Match: W/"g"\r\n' in asked["/tagged-gzip"]
    assert {path for path, request in asked.items() if re.search(rb"(?i)\r\nif-", request)} == {
        *CONFIRMED,
        "/tagged-but-sent-again",
    }


def test_index_lines_of_revisits_have_the_entity_digest(twice):
    folder = twice[1]
    lines = "".join(path.read_text() for path in folder.glob("archive/index/**/*.cdxj")).splitlines()
    entity = {path: sha1(PAGE) for path in IDENTICAL | CONFIRMED}
    for path in ("/same", "/same-chunked", "/tagged", "/dated-chunked"):
        revisits = [line for line in lines if f'{path}"' in line and '"mime": "warc/revisit"' in line]
        assert len(revisits) == 1
        assert entity[path] in revisits[0]


def test_other_programs_find_nothing_wrong(twice):
    warcs = sorted(twice[1].glob("archive/warc/**/*.warc.gz"))
    subprocess.run(["gzip", "-t", *map(str, warcs)], check=True)
    assert is_sound(*warcs)


def test_no_revisit_refers_to_a_missing_original(tmp_path):
    with Origin(ROUTES) as origin:
        visit(tmp_path, origin, ["/same", "/tagged"])
        (tmp_path / "archive/warc").rename(tmp_path / "elsewhere")
        seen, records = visit(tmp_path, origin, ["/same", "/tagged-but-sent-again"])
        assert not by_path(origin, records, "revisit")
        assert seen["/same"]["status"] == 200


@pytest.mark.parametrize("harm", ["flipped", "cut"])
def test_a_damaged_original_is_requested_without_condition_and_kept_anew(tmp_path, harm):
    with Origin({**ROUTES, "/tagged": TAGGED}) as origin:
        visit(tmp_path, origin, ["/same", "/tagged"])
        (warc,) = tmp_path.glob("archive/warc/**/*.warc.gz")
        first, other = (by_path(origin, read_records(warc), "response")[path] for path in ("/same", "/tagged"))
        data = bytearray(warc.read_bytes())
        data[first.offset + first.length // 2] ^= 1
        warc.write_bytes(data if harm == "flipped" else data[: first.offset + first.length - 1])
        seen, records = visit(tmp_path, origin, ["/same"])
        assert (seen["/same"]["status"], seen["/same"]["length"]) == (200, len(PAGE))
        assert by_path(origin, records, "response")["/same"].block.endswith(PAGE)
        _, records = visit(tmp_path, origin, ["/tagged"])
        assert (b"If-None-Match" in origin.log[-1].received) == (harm == "flipped" or other.offset < first.offset)


def test_posts_and_conditions_of_other_origin_are_left_alone(tmp_path):
    with Origin(ROUTES) as origin:
        visit(tmp_path, origin, ["/tagged-but-sent-again", "/same"])
        own = [["If-None-Match", '"mine"']]
        _, records = visit(tmp_path, origin, ["/tagged-but-sent-again"], headers=own)
        assert b'If-None-Match: "mine"\r\n' in origin.log[-1].received
        assert b"If-Modified-Since" not in origin.log[-1].received
        _, records = visit(tmp_path, origin, ["/same"], method="POST", body="a=b")
        assert set(by_path(origin, records, "response")) == {"/same"}


def test_a_redirect_takes_no_condition_along(tmp_path):
    moved = answer(b"", b"Location: /same", b'ETag: "moved"', status=b"302 Found")
    with Origin({**ROUTES, "/tagged": (TAGGED, moved)}) as origin:
        visit(tmp_path, origin, ["/tagged"])
        visit(tmp_path, origin, ["/tagged"])
        assert origin.log[-1].target == "/same"
        assert b"If-" not in origin.log[-1].received


def test_a_redirected_robots_txt_is_requested_without_condition(tmp_path):
    moved = answer(b"", b"Location: /rules", status=b"301 Moved Permanently")
    with Origin({**ROUTES, "/robots.txt": moved, "/rules": ROUTES["/robots.txt"]}) as origin:
        visit(tmp_path, origin, ["/same"])
        visit(tmp_path, origin, ["/same"])
        asked = [logged.received for logged in origin.log if logged.target == "/rules"]
        assert len(asked) == 2
        assert not any(b"\r\nIf-" in request for request in asked)
