"""Revisits and conditional requests: references to archived captures, and never wrong ones."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from origin import Origin, answer, chunked
from plain_warc import read_records
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
PATHS = [path for path in ROUTES if path != "/robots.txt"]


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


def test_a_redirected_robots_txt_is_requested_without_condition(tmp_path):
    moved = answer(b"", b"Location: /rules", status=b"301 Moved Permanently")
    with Origin({**ROUTES, "/robots.txt": moved, "/rules": ROUTES["/robots.txt"]}) as origin:
        visit(tmp_path, origin, ["/same"])
        visit(tmp_path, origin, ["/same"])
        asked = [logged.received for logged in origin.log if logged.target == "/rules"]
        assert len(asked) == 2
        assert not any(b"\r\nIf-" in request for request in asked)
