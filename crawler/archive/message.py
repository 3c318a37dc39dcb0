"""A response as it was sent: where interim heads, head and body lie in its bytes, and their digests."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, NamedTuple

from twisted.web.http import _ChunkedTransferDecoder, _MalformedChunkedDataError

READ_BYTES = 1 << 16

# Most heads are no longer; all that is looked through is copied.
HEAD_PIECE_BYTES = 1 << 11

# Twice what the tap lets come before it gives up on a head.
HEAD_BYTES = 1 << 21

# Base32 of a SHA-1, two characters at a time: six digests a page take a tenth of what recording costs otherwise.
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
SHIFTS = range(150, -1, -10)

# Line ends as Twisted's parser takes them: LF, with or without one CR before it.
HEAD_END = re.compile(rb"\n\r?\n")
MEDIA_TYPE_END = re.compile(r"[;\s]")


class Response(NamedTuple):
    """The final response among the bytes received: its head from `start` to `body`, its body up to `end`.

    `fields` are its header fields, named in lower case, `values` all values of each; `mime` has no parameters.
    `body_digest` is that of the body as it was sent, `entity_digest` that without transfer coding. `ambiguous`
    means that readers of WARC may see the head end at another place than Twisted did.
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
        """Return the values of a header field, named in lower case, joined by commas; empty without any."""
        return self.values.get(name, "")

    @property
    def transfer_coded(self) -> bool:
        """Whether the body on the wire is not the entity itself."""
        return "transfer-encoding" in self.values


class Received(NamedTuple):
    """All that came back: heads of 1xx status, the response, or a fragment that never became one."""

    interim: bytes
    response: Response | None
    fragment: bytes


def read(file: IO[bytes], size: int) -> Received:
    """Take apart the first `size` bytes of a file: what one exchange received."""
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
    """Return `sha1:` and the base32 SHA-1: the form on which indexes join."""
    hasher = _hasher()
    for piece in pieces:
        hasher.update(piece)
    return _written(hasher)


def header_fields(head: bytes) -> list[tuple[str, str]]:
    """Return names in lower case and values; folded lines are joined, lines without a colon left out."""
    # In lists: a head of 1 MiB may be one line that is folded, or one name, a hundred thousand times.
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
        mime=_mime(fields),
        ambiguous=not head.endswith(b"\r\n\r\n") or any(map(_is_blank, head.split(b"\n")[:-2])),
        block_digest=block_digest,
        body_digest=body_digest,
        entity_digest=entity_digest,
    )


def _joined(fields: list[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    return {name: ", ".join(told) for name, told in values.items()}


def _mime(fields: list[tuple[str, str]]) -> str | None:
    first = next((value for name, value in fields if name == "content-type"), "")
    return MEDIA_TYPE_END.split(first, maxsplit=1)[0] or None


def _digests(file: IO[bytes], head: bytes, body: int, end: int, coded: bool) -> tuple[str, str, str]:
    """Return the digests of the block, of the body as sent and of the entity, reading the body once."""
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
        # The end may have begun with the piece before.
        searched = max(0, len(data) - 2)
        data += piece
        if match := HEAD_END.search(data, searched):
            return bytes(data[: match.end()])
    return None


def _status(head: bytes) -> int | None:
    # As Twisted reads it, so that whatever reached the spider has a response record.
    parts = head.partition(b"\n")[0].split(b" ", 2)
    try:
        return int(parts[1])
    except (IndexError, ValueError):
        return None


def _is_blank(line: bytes) -> bool:
    if line[:1].isalpha():
        return False
    # warcio strips the decoded line, UTF-8 or else Latin-1, and takes an empty one for the end of the head.
    try:
        return not line.decode("utf-8").strip()
    except UnicodeDecodeError:
        return not line.decode("latin-1").strip()


class _Dechunker:
    """Takes chunked transfer coding off, as far as the body came; the crawl itself uses this decoder."""

    def __init__(self) -> None:
        self._decoded: list[bytes] = []
        self._decoder = _ChunkedTransferDecoder(self._decoded.append, lambda rest: None)
        self._broken = False

    def feed(self, piece: bytes) -> list[bytes]:
        """Return what a piece of the body adds to the entity."""
        self._decoded.clear()
        if not self._broken and self._decoder.state != "FINISHED":
            try:
                self._decoder.dataReceived(piece)
            except _MalformedChunkedDataError:
                self._broken = True
        return list(self._decoded)


def dechunked(body: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a chunked body without its transfer coding, as far as it came."""
    decoder = _Dechunker()
    for piece in body:
        yield from decoder.feed(piece)


def pieces(file: IO[bytes], start: int, end: int, size: int = READ_BYTES) -> Iterator[bytes]:
    """Yield the bytes of a file from start to end, `size` at a time. Raises OSError when it is shorter."""
    file.seek(start)
    while start < end:
        piece = file.read(min(size, end - start))
        if not piece:
            raise OSError("the spooled response is shorter than what was received")
        start += len(piece)
        yield piece


def _hasher() -> hashlib._Hash:
    return hashlib.sha1(usedforsecurity=False)


def _written(hasher: hashlib._Hash) -> str:
    number = int.from_bytes(hasher.digest(), "big")
    return "sha1:" + "".join([PAIRS[number >> shift & 1023] for shift in SHIFTS])
