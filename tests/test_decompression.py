"""Content coding off: what comes out is what Scrapy's own middleware gives, which is asked beside it."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest
from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.utils.test import get_crawler

from crawler.decompression import Decompression

PAGE = "<html><head><meta charset='utf-8'></head><body>র‍্যাব ও পুলিশ</body></html>".encode()
PACKED = gzip.compress(PAGE, mtime=0)
LARGE = gzip.compress(PAGE * 1000, mtime=0)
BOMB = gzip.compress(b"\0" * (30 << 20), mtime=0)
HTML = {"Content-Type": "text/html"}


def answers(body: bytes, headers: dict[str, str], meta: dict[str, int] | None = None, method: str = "GET") -> list:
    """Return what Scrapy's middleware makes of a response, and what ours does."""
    found = []
    for kind in (HttpCompressionMiddleware, Decompression):
        crawler = get_crawler(settings_dict={"DOWNLOAD_MAXSIZE": 20 << 20, "DOWNLOAD_WARNSIZE": 0})
        request = Request("https://example.org/", method=method, meta=meta or {})
        response = Response("https://example.org/", headers={**HTML, **headers}, body=body, request=request)
        try:
            made = kind.from_crawler(crawler).process_response(request, response)
        except (IgnoreRequest, OSError, EOFError, zlib.error) as error:
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
        (LARGE[:-30], "gzip"),
        (PACKED[:-4], "gzip"),
        (PACKED[:-8] + bytes(8), "gzip"),
        (PAGE, "gzip"),
        (b"", "gzip"),
        (gzip.compress(b"", mtime=0), "gzip"),
        (BOMB, "gzip"),
    ],
)
def test_content_comes_out_as_from_scrapys_own(body: bytes, coding: str) -> None:
    theirs, ours = answers(body, {"Content-Encoding": coding})
    assert ours == theirs


@pytest.mark.parametrize("limit", [len(PAGE) - 1, len(PAGE), len(PAGE) + 1])
@pytest.mark.parametrize("name", ["download_maxsize", "download_warnsize"])
def test_a_requests_own_limits_hold(name: str, limit: int) -> None:
    theirs, ours = answers(PACKED, {"Content-Encoding": "gzip"}, {name: limit})
    assert ours == theirs


def test_the_answer_to_head_stays_as_it_is() -> None:
    theirs, ours = answers(b"", {"Content-Encoding": "gzip"}, method="HEAD")
    assert ours == theirs


def test_damage_anywhere_is_met_as_scrapy_meets_it() -> None:
    chance = random.Random(1)
    packed = gzip.compress(chance.randbytes(300) + PAGE * 3, mtime=0)
    for _ in range(60):
        damaged = bytearray(packed)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        theirs, ours = answers(bytes(damaged), {"Content-Encoding": "gzip"})
        assert ours == theirs
