"""Decompression: our middleware returns what Scrapy's own returns for the same response."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from origin import Origin, Step
from recorded_crawl import crawl
from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest, ResponseDataLossError
from scrapy.http import HtmlResponse, Response
from scrapy.utils.test import get_crawler

from crawler.crawl.decompression import Decompression

PAGE = "<html><head><meta charset='utf-8'></head><body>র‍্যাব ও পুলিশ</body></html>".encode()
PACKED = gzip.compress(PAGE, mtime=0)
LARGE = gzip.compress(PAGE * 1000, mtime=0)
BOMB = gzip.compress(b"\0" * (30 << 20), mtime=0)
RAW = zlib.compress(PAGE)[2:-4]
# A member whose head has all that a head may have.
NAMED = b"\x1f\x8b\x08\x1e\0\0\0\0\0\xff\x02\0ab" + b"page.html\0" + b"a page\0" + b"\0\0" + PACKED[10:]
HTML = {"Content-Type": "text/html"}


def answers(body: bytes, headers: dict[str, str], meta: dict[str, int] | None = None, method: str = "GET") -> list:
    """Return the results of Scrapy's middleware and of ours."""
    found = []
    for kind in (HttpCompressionMiddleware, Decompression):
        crawler = get_crawler(settings_dict={"DOWNLOAD_MAXSIZE": 20 << 20, "DOWNLOAD_WARNSIZE": 0})
        request = Request("https://example.org/", method=method, meta=meta or {})
        response = Response("https://example.org/", headers={**HTML, **headers}, body=body, request=request)
        try:
            made = kind.from_crawler(crawler).process_response(request, response)
        except (IgnoreRequest, ResponseDataLossError, OSError, EOFError, zlib.error) as error:
            found.append(type(error))
        else:
            encoding = made.encoding if isinstance(made, HtmlResponse) else None
            stats = {name: value for name, value in crawler.stats.get_stats().items() if "compression" in name}
            found.append((type(made), made.body, made.headers.to_unicode_dict(), encoding, stats))
    return found


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (PACKED, "gzip"),
        (PACKED, "x-gzip"),
        (PACKED, "GZIP"),
        (PACKED, "identity"),
        (gzip.compress(PACKED, mtime=0), "gzip, gzip"),
        (zlib.compress(PAGE), "deflate"),
        (PACKED + PACKED, "gzip"),
        (PACKED + b"\r\n", "gzip"),
        (PACKED + b"\0\0\0", "gzip"),
        (PACKED + b"\0\0\0" + PACKED, "gzip"),
        (PACKED + b"<!-- cached -->", "gzip"),
        (PACKED + bytes(8192), "gzip"),
        (PACKED[:-4], "gzip"),
        (PACKED[:-8], "gzip"),
        (NAMED, "gzip"),
        (NAMED + NAMED, "x-gzip"),
        (zlib.compress(PAGE)[:-4], "deflate"),
        (zlib.compress(PAGE)[:-4] + bytes(4), "deflate"),
        (zlib.compress(PAGE)[2:-4], "deflate"),
        (zlib.compress(PAGE) + b"\r\n", "deflate"),
        (b"", "deflate"),
        (PAGE, "deflate"),
        (PACKED[:-8] + bytes(8), "gzip"),
        (PAGE, "gzip"),
        (b"", "gzip"),
        (gzip.compress(b"", mtime=0), "gzip"),
        (BOMB, "gzip"),
    ],
)
def test_content_is_that_of_scrapys_own_middleware(body: bytes, coding: str) -> None:
    theirs, ours = answers(body, {"Content-Encoding": coding})
    assert ours == theirs


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (LARGE, "gzip"),
        (LARGE, "x-gzip"),
        (NAMED, "gzip"),
        (PACKED + LARGE, "gzip"),
        (gzip.compress(PACKED, mtime=0), "gzip, gzip"),
        (zlib.compress(PAGE * 1000), "deflate"),
        (zlib.compress(PAGE * 1000)[2:], "deflate"),
    ],
)
def test_a_body_cut_short_anywhere_is_a_loss(body: bytes, coding: str) -> None:
    trailer = 8 if "gzip" in coding else 4
    whole = len(PACKED) if body.startswith(PACKED) else 0
    cuts = {whole + 3, whole + 12, whole + 40, (whole + len(body)) // 2, len(body) - trailer - 1}
    assert {answers(body[:cut], {"Content-Encoding": coding})[1] for cut in cuts} == {ResponseDataLossError}


def test_a_truncated_body_is_retried_before_it_counts_as_lost(tmp_path: Path) -> None:
    def route(body: bytes) -> list[Step]:
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: "
        return [f"{head}{len(body)}\r\n\r\n".encode(), body]

    with Origin({"/cut": route(LARGE[:-20]), "/mended": (route(LARGE[:-20]), route(LARGE))}) as origin:
        requests = [{"url": origin.base + path} for path in ("/cut", "/mended")]
        (cut, mended), stats = crawl(tmp_path, requests)
        assert origin.visits == {"/cut": 2, "/mended": 2, "/robots.txt": 1}
    assert cut["error"] == "ResponseDataLossError"
    assert mended["length"] == len(PAGE) * 1000
    assert stats["retry/count"] == 2
