"""The parts of a received response: interim heads, head and body, and their digests."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, NamedTuple

from twisted.web.http import _ChunkedTransferDecoder, _MalformedChunkedDataError

READ_BYTES = 1 << 16

# Most heads are shorter; every searched piece is copied.
HEAD_PIECE_BYTES = 1 << 11

# Twice the length at which the tap gives up on a head.
HEAD_BYTES = 1 << 21

# Twisted's line ends: LF, with or without one CR before it.
HEAD_END = re.compile(rb"\n\r?\n")
MEDIA_TYPE_END = re.compile(r"[;\s]")


class Response(NamedTuple):
    """The final response among the bytes received: its head from `start` to `body`, its body up to `end`.

    `fields` are its header fields, named in lower case, `values` all values of each; `mime` has no parameters.
    `body_digest` is of the body as sent, `entity_digest` of the body without transfer coding. If `ambiguous`,
    readers of WARC may find another end of the head than Twisted did.
    """

    start: int
    body: int
    end: int
    status: int
    version: str
    fields: list[tuple[str, str]]
    values: Mapping[str, str]
    mime: str | None
    ambiguous: bool
    block_digest: str
    body_digest: str
    entity_digest: str

    def value(self, name: str) -> str:
        """Return the values of a header field, named in lower case, joined by commas; "" without any."""
        return self.values.get(name, "")

    @property
    def transfer_coded(self) -> bool:
        return "transfer-encoding" in self.values


class Received(NamedTuple):
    """All received bytes: heads of 1xx status, and the response or an incomplete head."""

    interim: bytes
    response: Response | None
    fragment: bytes


def read(file: IO[bytes], size: int) -> Received:
    """Parse the first `size` bytes of a file, which one exchange received."""
    start = 0
    while (head := _head_at(file, start, size)) is not None:
        status = _status(head)
        if status is None or not 100 <= status < 200:
            break
        start += len(head)
    interim = b"".join(pieces(file, 0, start))
    if head is None or status is None:
        return Received(interim, None, b"".join(pieces(file, start, min(size, start + HEAD_BYTES))))
    return Received(interim, _response(file, size, head, status, start), b"")


def entity_of(file: IO[bytes], response: Response) -> bytes:
    """Return the entity of a response: transfer coding removed, content coding kept."""
    body = pieces(file, response.body, response.end)
    return b"".join(dechunked(body) if response.transfer_coded else body)


def digest(pieces: Iterable[bytes]) -> str:
    """Return `sha1:` and the base32 SHA-1, the form in WARC files and indexes."""
    hasher = _hasher()
    for piece in pieces:
        hasher.update(piece)
    return _written(hasher)


def header_fields(head: bytes) -> list[tuple[str, str]]:
    """Return names in lower case and values; folded lines are joined, lines without a colon skipped."""
    # A head of 1 MiB may fold one line, or repeat one name, a hundred thousand times: no text is extended.
    lines: list[list[str]] = []
    for line in head.decode("latin-1").split("\n")[1:]:
        if line[:1] in (" ", "\t") and lines:
            lines[-1].append(line.removesuffix("\r"))
        else:
            lines.append([line.removesuffix("\r")])
    parts = ["".join(line).partition(":") for line in lines]
    return [(name.strip().lower(), value.strip()) for name, colon, value in parts if colon]


def _response(file: IO[bytes], size: int, head: bytes, status: int, start: int) -> Response:
    fields = header_fields(head)
    values = _joined(fields)
    media_type = next((value for name, value in fields if name == "content-type"), "")
    body = start + len(head)
    coded = "transfer-encoding" in values
    block_digest, body_digest, entity_digest = _digests(file, head, body, size, coded)
    return Response(
        start=start,
        body=body,
        end=size,
        status=status,
        version=head.partition(b" ")[0].decode("latin-1"),
        fields=fields,
        values=values,
        mime=MEDIA_TYPE_END.split(media_type, maxsplit=1)[0] or None,
        ambiguous=not head.endswith(b"\r\n\r\n") or any(map(_is_blank, head.split(b"\n")[:-2])),
        block_digest=block_digest,
        body_digest=body_digest,
        entity_digest=entity_digest,
    )


def _joined(fields: list[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    return {name: ", ".join(several) for name, several in values.items()}


def _digests(file: IO[bytes], head: bytes, body: int, end: int, coded: bool) -> tuple[str, str, str]:
    block, sent = _hasher(), _hasher()
    decoder, entity = (_Dechunker(), _hasher()) if coded else (None, sent)
    block.update(head)
    for piece in pieces(file, body, end):
        block.update(piece)
        sent.update(piece)
        for part in decoder.feed(piece) if decoder else ():
            entity.update(part)
    body_digest = _written(sent)
    return _written(block), body_digest, _written(entity) if coded else body_digest


def _head_at(file: IO[bytes], start: int, end: int) -> bytes | None:
    data = bytearray()
    for piece in pieces(file, start, min(end, start + HEAD_BYTES), HEAD_PIECE_BYTES):
        # The end may begin in the piece before.
        searched = max(0, len(data) - 2)
        data += piece
        if match := HEAD_END.search(data, searched):
            return bytes(data[: match.end()])
    return None


def _status(head: bytes) -> int | None:
    # Twisted's own way, so that every response that reaches the spider has a record.
    parts = head.partition(b"\n")[0].split(b" ", 2)
    try:
        return int(parts[1])
    except (IndexError, ValueError):
        return None


def _is_blank(line: bytes) -> bool:
    if line[:1].isalpha():
        return False
    # warcio decodes a line as UTF-8, else Latin-1; if nothing but space is in it, the head ends there.
    try:
        return not line.decode("utf-8").strip()
    except UnicodeDecodeError:
        return not line.decode("latin-1").strip()


class _Dechunker:
    """Removes chunked transfer coding from a body, complete or not; the crawl itself uses this decoder."""

    def __init__(self) -> None:
        self._decoded: list[bytes] = []
        self._decoder = _ChunkedTransferDecoder(self._decoded.append, lambda rest: None)
        self._broken = False

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the parts of the entity in the next piece of the body."""
        self._decoded.clear()
        if not self._broken and self._decoder.state != "FINISHED":
            try:
                self._decoder.dataReceived(piece)
            except _MalformedChunkedDataError:
                self._broken = True
        return list(self._decoded)


def dechunked(body: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a chunked body without its transfer coding, up to its end or the first error."""
    decoder = _Dechunker()
    for piece in body:
        yield from decoder.feed(piece)


def pieces(file: IO[bytes], start: int, end: int, size: int = READ_BYTES) -> Iterator[bytes]:
    """Yield the bytes of a file from start to end, `size` at a time. Raises OSError if it is shorter."""
    file.seek(start)
    while start < end:
        piece = file.read(min(size, end - start))
        if not piece:
            raise OSError("the spooled response is shorter than the received one")
        start += len(piece)
        yield piece


def _hasher() -> hashlib._Hash:
    return hashlib.sha1(usedforsecurity=False)


def _written(hasher: hashlib._Hash) -> str:
    return "sha1:" + base64.b32encode(hasher.digest()).decode()
