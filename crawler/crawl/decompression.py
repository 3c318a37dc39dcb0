"""Content coding off, as Scrapy takes it off, in less time."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from isal import isal_zlib
from isal.igzip_lib import IsalError
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import TextResponse
from scrapy.responsetypes import responsetypes

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

GZIP = 16 + 15
RAW = -15

# RFC 1950 §2.2: what deflate comes in, where its server follows the standard.
ZLIB_BYTES, ZLIB_METHOD, ZLIB_CHECK = 2, 8, 31

# RFC 1952 §2.3: what each member begins with, the size of that and of its end, flags for what stands between.
MEMBER = b"\x1f\x8b\x08"
HEAD_BYTES, TRAILER_BYTES = 10, 8
CHECKED, EXTRA, NAME, COMMENT = 2, 4, 8, 16

# Of so many bytes at a time is looked whether a stream goes on after them.
PIECE_BYTES = 1 << 16

# By which Scrapy tells what a response is.
TELLING = (b"Content-Type", b"Content-Disposition")


class Decompression(HttpCompressionMiddleware):
    """Scrapy's own, but whole bodies in gzip, as nearly all pages come, are inflated by ISA-L: in a third of the time.

    Whatever is unusual (other codings, damage, more than DOWNLOAD_WARNSIZE or DOWNLOAD_MAXSIZE) goes Scrapy's way, but
    one whose stream does not come to its end is asked for again: Scrapy takes the part that came for the whole.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler=crawler)
        self.crawler = crawler
        settings = crawler.settings
        self._limits = {name: settings.getint(name.upper()) for name in ("download_maxsize", "download_warnsize")}

    def process_response(self, request: Request, response: Response, spider: object = None) -> Request | Response:
        """Return the response with its content, or the request once more.

        Raises ResponseDataLossError when it was asked for often enough, IgnoreRequest as Scrapy's does.
        """
        body = None
        if request.method != "HEAD" and response.headers.getlist("Content-Encoding") == [b"gzip"]:
            body = inflate(response.body, self._limit(request))
        if body is not None:
            return self._decoded(response, body)
        try:
            return super().process_response(request, response)
        except ResponseDataLossError as error:
            # What is raised here does not come to the middleware that asks again.
            return self._again(request, error)

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """Return what a body of one coding holds. Raises ResponseDataLossError when it is cut short."""
        try:
            content = HttpCompressionMiddleware._decode(body, encoding, max_size)
        except EOFError as error:
            raise ResponseDataLossError("cut short before its content begins") from error
        if not is_whole(body, encoding):
            raise ResponseDataLossError(f"cut short in its {encoding.decode()}")
        return content

    def _again(self, request: Request, error: ResponseDataLossError) -> Request:
        spider = self.crawler.spider
        if spider is not None and not request.meta.get("dont_retry"):
            again = get_retry_request(request, spider=spider, reason=error)
            if again is not None:
                return again
        raise error

    def _limit(self, request: Request) -> int:
        """Return from how many bytes on Scrapy has something to say, 0 for never."""
        limits = (request.meta.get(name, limit) for name, limit in self._limits.items())
        return min((int(limit) for limit in limits if limit > 0), default=0)

    def _decoded(self, response: Response, body: bytes) -> Response:
        if self.stats:
            self.stats.inc_value("httpcompression/response_bytes", len(body))
            self.stats.inc_value("httpcompression/response_count")
        # Without the coding, because of which it would be taken for something else.
        headers = {name: value for name in TELLING if (value := response.headers.get(name)) is not None}
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        # The encoding is to be worked out anew: what came was no text.
        anew = {"encoding": None} if issubclass(kind, TextResponse) else {}
        decoded = response.replace(cls=kind, headers=None, body=body, **anew)
        # Taken over, not copied: a copy has each of them made anew, and the response that came is not seen again.
        decoded.headers = response.headers
        del decoded.headers["Content-Encoding"]
        return decoded


def inflate(data: bytes, limit: int) -> bytes | None:
    """Return what a single whole gzip member holds; None when it is none, or holds `limit` bytes or more."""
    decoder = isal_zlib.decompressobj(GZIP)
    # A member ends with its content's size: room for more is made for nothing. Where that lies, the end is not reached.
    size = int.from_bytes(data[-4:], "little") + 1
    try:
        content = decoder.decompress(data, min(size, limit or size))
    except IsalError:  # type: ignore[misc]  # its stub calls it an instance
        return None
    return content if decoder.eof and not decoder.unused_data and (not limit or len(content) < limit) else None


def is_whole(body: bytes, coding: bytes) -> bool:
    """Tell whether a body's stream comes to its end, as far as browsers care; what cannot be told is whole.

    They look at no checksum, nor at what follows the end. Of gzip, each member is to be whole.
    """
    if not body:
        return True
    if coding == b"deflate":
        return rest_of(body[zlib_head_bytes(body) :]) is not None
    if coding not in (b"gzip", b"x-gzip"):
        return True
    rest: bytes | None = body
    while rest and rest.startswith(MEMBER):
        rest = rest_of(rest[head_bytes(rest) :])
        rest = rest and rest[TRAILER_BYTES:].lstrip(b"\0")
    return rest is not None


def rest_of(data: bytes) -> bytes | None:
    """Return what follows the end of a deflated stream; None where it does not come to its end."""
    decoder = zlib.decompressobj(RAW)
    try:
        while data and not decoder.eof:
            decoder.decompress(data, PIECE_BYTES)
            data = decoder.unconsumed_tail
    except zlib.error:
        return None
    return decoder.unused_data if decoder.eof else None


def zlib_head_bytes(body: bytes) -> int:
    """Return the size of the head of a body in deflate: some servers send none."""
    is_zlib = body[0] & 15 == ZLIB_METHOD and int.from_bytes(body[:ZLIB_BYTES]) % ZLIB_CHECK == 0
    return ZLIB_BYTES if is_zlib else 0


def head_bytes(member: bytes) -> int:
    """Return the size of a gzip member's head, at least: one that is cut short is followed by nothing."""
    flags, end = member[3:4], HEAD_BYTES
    kind = flags[0] if flags else 0
    if kind & EXTRA:
        end += 2 + int.from_bytes(member[end : end + 2], "little")
    for text in (NAME, COMMENT):
        if kind & text:
            end = member.find(b"\0", end) + 1 or len(member)
    return end + 2 * bool(kind & CHECKED)
