"""A response as it was sent: where interim heads, head and body lie in its bytes, and their digests."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from twisted.web.http import _ChunkedTransferDecoder, _MalformedChunkedDataError

from crawler.recording.exchange import Exchange

READ_BYTES = 1 << 16
# Line ends as Twisted's parser takes them: LF, with or without one CR before it.
HEAD_END = re.compile(rb"\n\r?\n")
MEDIA_TYPE_END = re.compile(r"[;\s]")


@dataclass(frozen=True, slots=True)
class Response:
    """The final response among the bytes received: its head from `start` to `body`, its body up to `end`.

    `ambiguous` means that readers of WARC may see the head end at another place than Twisted did.
    """

    start: int
    body: int
    end: int
    status: int
    version: str
    mime: str | None
    transfer_coded: bool
    ambiguous: bool
    block_digest: str
    entity_digest: str


@dataclass(frozen=True, slots=True)
class Received:
    """All that came back: heads of 1xx status, the response, or a fragment that never became one."""

    interim: bytes
    response: Response | None
    fragment: bytes


def read(exchange: Exchange) -> Received:
    """Take apart what an exchange received."""
    start = 0
    while (head := _head_at(exchange, start)) is not None:
        status = _status(head)
        if status is None or not 100 <= status < 200:
            break
        start += len(head)
    interim = b"".join(_pieces(exchange, 0, start))
    if head is None or status is None:
        return Received(interim, None, b"".join(_pieces(exchange, start, exchange.received)))
    return Received(interim, _response(exchange, head, status, start), b"")


def digest(pieces: Iterable[bytes]) -> str:
    """Return `sha1:` and the base32 SHA-1: the form on which indexes join."""
    hasher = hashlib.sha1(usedforsecurity=False)
    for piece in pieces:
        hasher.update(piece)
    return "sha1:" + base64.b32encode(hasher.digest()).decode("ascii")


def header_fields(head: bytes) -> list[tuple[str, str]]:
    """Return names in lower case and values; folded lines are joined, lines without a colon left out."""
    lines: list[bytes] = []
    for line in head.split(b"\n")[1:]:
        if line[:1] in (b" ", b"\t") and lines:
            lines[-1] += line.removesuffix(b"\r")
        else:
            lines.append(line.removesuffix(b"\r"))
    parts = (line.decode("latin-1").partition(":") for line in lines)
    return [(name.strip().lower(), value.strip()) for name, colon, value in parts if colon]


def _response(exchange: Exchange, head: bytes, status: int, start: int) -> Response:
    headers = header_fields(head)
    body, end = start + len(head), exchange.received
    transfer_coded = any(name == "transfer-encoding" for name, _ in headers)
    content_type = next((value for name, value in headers if name == "content-type"), "")
    entity = _pieces(exchange, body, end)
    return Response(
        start=start,
        body=body,
        end=end,
        status=status,
        version=head.partition(b" ")[0].decode("latin-1"),
        mime=MEDIA_TYPE_END.split(content_type, maxsplit=1)[0] or None,
        transfer_coded=transfer_coded,
        ambiguous=not head.endswith(b"\r\n\r\n") or any(map(_is_blank, head.split(b"\n")[:-2])),
        block_digest=digest(_pieces(exchange, start, end)),
        entity_digest=digest(_dechunked(entity) if transfer_coded else entity),
    )


def _head_at(exchange: Exchange, start: int) -> bytes | None:
    data = b""
    for piece in _pieces(exchange, start, exchange.received):
        data += piece
        if match := HEAD_END.search(data):
            return data[: match.end()]
    return None


def _status(head: bytes) -> int | None:
    # As Twisted reads it, so that whatever reached the spider has a response record.
    parts = head.partition(b"\n")[0].split(b" ", 2)
    try:
        return int(parts[1])
    except (IndexError, ValueError):
        return None


def _is_blank(line: bytes) -> bool:
    # warcio strips the decoded line, UTF-8 or else Latin-1, and takes an empty one for the end of the head.
    try:
        return not line.decode("utf-8").strip()
    except UnicodeDecodeError:
        return not line.decode("latin-1").strip()


def _dechunked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the entity out of a chunked body, as far as it came; the crawl itself uses this decoder."""
    decoded: list[bytes] = []
    decoder = _ChunkedTransferDecoder(decoded.append, lambda rest: None)
    for piece in pieces:
        try:
            decoder.dataReceived(piece)
        except _MalformedChunkedDataError:
            break
        finally:
            yield from decoded
            decoded.clear()


def _pieces(exchange: Exchange, start: int, end: int) -> Iterator[bytes]:
    file: IO[bytes] = exchange.response
    while start < end:
        file.seek(start)
        piece = file.read(min(READ_BYTES, end - start))
        if not piece:
            raise OSError("the spooled response is shorter than what was received")
        start += len(piece)
        yield piece
