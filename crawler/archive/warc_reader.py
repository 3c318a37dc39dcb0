"""Reading WARC files back, member by member, taking nothing on trust."""

from __future__ import annotations

import re
import zlib
from collections.abc import Generator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO

READ_BYTES = 1 << 18
MEMORY_BYTES = 1 << 20
HEAD_BYTES = 1 << 20
MEMBER_HEAD_BYTES = 10
VERSION_LINE = re.compile(rb"WARC/1\.[01]\r\n")
RECORD_END = b"\r\n\r\n"


class DamagedRecord(Exception):
    """What stands at an offset is no whole record; the message tells why."""

    def __init__(self, offset: int, problem: str) -> None:
        super().__init__(f"at {offset}: {problem}")
        self.offset = offset
        self.problem = problem


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it stands in a file: the gzip member's place in bytes, its fields, and its block.

    `block` is a temporary file at its start, closed when the next record is asked for; `size` its bytes; `version`
    the record's first line; `begin` the member's first bytes, as many as a head of gzip without a name has.
    """

    offset: int
    length: int
    fields: list[tuple[str, str]]
    block: IO[bytes]
    size: int
    version: str = "WARC/1.1"
    begin: bytes = b""
    _values: dict[str, list[str]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Gather the values of each field: they are asked for often."""
        for name, value in self.fields:
            self._values.setdefault(name.lower(), []).append(value)

    def get(self, name: str) -> str:
        """Return a field's first value, whatever the case of its name; empty without it."""
        values = self._values.get(name.lower())
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return list(self._values.get(name.lower(), ()))

    @property
    def kind(self) -> str:
        """The WARC-Type."""
        return self.get("WARC-Type")

    def warc_fields(self) -> dict[str, str]:
        """Return the block of a warcinfo or metadata record; of a repeated name, the last value."""
        return dict(self.warc_field_list())

    def warc_field_list(self) -> list[tuple[str, str]]:
        """Return the names and values in the block of a warcinfo or metadata record."""
        self.block.seek(0)
        lines = self.block.read().decode("utf-8", "replace").split("\r\n")
        return [(name, value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon]


def walk(stream: BinaryIO, offset: int = 0) -> Generator[StoredRecord]:
    """Yield the records of a .warc.gz whose bytes from `offset` on are read from a stream, one gzip member each.

    Raises Damaged at the first member that is no whole record: cut off, corrupt, or more or less than one record.
    """
    rest = b""
    while rest := rest or stream.read(READ_BYTES):
        with SpooledTemporaryFile(max_size=MEMORY_BYTES) as plain:
            length, rest, begin = _inflate(stream, rest, plain, offset)
            yield _record(plain, offset, length, begin)
        offset += length


def _inflate(stream: BinaryIO, data: bytes, plain: IO[bytes], offset: int) -> tuple[int, bytes, bytes]:
    """Write a member's content to `plain`; return the member's length, what was read past it, and its first bytes."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    taken, begin = 0, b""
    while True:
        begin += data[: MEMBER_HEAD_BYTES - len(begin)]
        try:
            plain.write(member.decompress(data, MEMORY_BYTES))
            # What expands a thousandfold is written in steps.
            while member.unconsumed_tail and not member.eof:
                plain.write(member.decompress(member.unconsumed_tail, MEMORY_BYTES))
        except zlib.error as error:
            raise DamagedRecord(offset, f"the gzip member is corrupt ({error})") from error
        taken += len(data)
        if member.eof:
            return taken - len(member.unused_data), member.unused_data, begin
        data = stream.read(READ_BYTES)
        if not data:
            raise DamagedRecord(offset, "the file ends within a gzip member")


def _record(plain: IO[bytes], offset: int, length: int, begin: bytes) -> StoredRecord:
    total = plain.tell()
    plain.seek(0)
    head, end, _ = plain.read(HEAD_BYTES).partition(RECORD_END)
    if not end or not VERSION_LINE.match(head + b"\r\n"):
        raise DamagedRecord(offset, "the gzip member does not begin with a WARC record")
    fields = _fields(head, offset)
    start, stated = (
        len(head) + len(end),
        next((value for name, value in fields if name.lower() == "content-length"), ""),
    )
    size = total - start - len(RECORD_END)
    plain.seek(max(0, total - len(RECORD_END)))
    if stated != str(size) or plain.read() != RECORD_END:
        raise DamagedRecord(offset, f"not exactly one record in the gzip member: Content-Length {stated or 'missing'}")
    return StoredRecord(offset, length, fields, _block(plain, start, size), size, head[:8].decode("ascii"), begin)


def _fields(head: bytes, offset: int) -> list[tuple[str, str]]:
    fields = []
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if not colon:
            raise DamagedRecord(offset, "a line of the record's head has no colon")
        fields.append((name, value.strip()))
    return fields


def _block(plain: IO[bytes], start: int, size: int) -> IO[bytes]:
    """Move a block to the beginning of its file."""
    at = 0
    while at < size:
        plain.seek(start + at)
        piece = plain.read(min(READ_BYTES, size - at))
        plain.seek(at)
        plain.write(piece)
        at += len(piece)
    plain.truncate(size)
    plain.seek(0)
    return plain
