"""Records of WARC files, with their gzip members: callers need their places, copy them, or continue after damage.

warcio can't serve: it accepts a member without its end, and after a corrupt piece of a file it prints an error for
every other piece to its end, and raises none.
"""

import re
import shutil
import zlib
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO

from crawler.system.files import Measured

READ_BYTES = 1 << 18
MEMORY_BYTES = 1 << 20
HEAD_BYTES = 1 << 20
MEMBER_HEAD_BYTES = 10
VERSION_LINE = re.compile(rb"WARC/1\.[01]\r\n")
RECORD_END = b"\r\n\r\n"


class DamagedRecord(Exception):
    """There is no whole record at an offset; the message says why."""

    def __init__(self, offset: int, problem: str) -> None:
        super().__init__(f"at {offset}: {problem}")
        self.offset = offset
        self.problem = problem


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record in a file: the offset and length of its gzip member, its fields, and its block.

    `block` is a temporary file at its start, open until the next record is read; `size` its bytes; `version` the
    record's first line; `begin` the member's first bytes, as many as a gzip head without a name has.
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
        for name, value in self.fields:
            self._values.setdefault(name.lower(), []).append(value)

    def get(self, name: str) -> str:
        """Return a field's first value, in any case of its name; "" without the field."""
        values = self._values.get(name.lower())
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        return list(self._values.get(name.lower(), ()))

    @property
    def kind(self) -> str:
        return self.get("WARC-Type")

    def warc_fields(self) -> dict[str, str]:
        """Return the fields in a warcinfo or metadata record; for a repeated name, the last value."""
        return dict(self.warc_field_list())

    def warc_field_list(self) -> list[tuple[str, str]]:
        """Return the names and values in a warcinfo or metadata record."""
        self.block.seek(0)
        lines = self.block.read().decode("utf-8", "replace").split("\r\n")
        return [(name, value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon]


def walk(stream: BinaryIO | Measured, offset: int = 0) -> Generator[StoredRecord]:
    """Yield the records of a .warc.gz, one gzip member each, from `offset` on. Raises DamagedRecord for any other."""
    rest = b""
    while rest := rest or stream.read(READ_BYTES):
        with SpooledTemporaryFile(MEMORY_BYTES) as plain, SpooledTemporaryFile(MEMORY_BYTES) as block:
            length, rest, begin = _inflate(stream, rest, plain, offset)
            yield _record(plain, block, offset, length, begin)
        offset += length


def walk_past_damage(
    open_at: Callable[[int], AbstractContextManager[BinaryIO | Measured]],
    offset_after: Callable[[DamagedRecord], int | None],
) -> Generator[StoredRecord]:
    """Yield the records of a file; after each damage go on at the offset that `offset_after` returns, if any."""
    offset: int | None = 0
    while offset is not None:
        try:
            with open_at(offset) as stream, closing(walk(stream, offset)) as records:
                yield from records
            return
        except DamagedRecord as damage:
            offset = offset_after(damage)


def _inflate(stream: BinaryIO | Measured, data: bytes, plain: IO[bytes], offset: int) -> tuple[int, bytes, bytes]:
    """Write a member's content to `plain`; return the member's length, the bytes read past it, and its first bytes."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    taken, begin = 0, b""
    while True:
        begin += data[: MEMBER_HEAD_BYTES - len(begin)]
        try:
            plain.write(member.decompress(data, MEMORY_BYTES))
            # A member may expand a thousandfold.
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


def _record(plain: IO[bytes], block: IO[bytes], offset: int, length: int, begin: bytes) -> StoredRecord:
    total = plain.tell()
    plain.seek(0)
    head, end, _ = plain.read(HEAD_BYTES).partition(RECORD_END)
    if not end or not VERSION_LINE.match(head + b"\r\n"):
        raise DamagedRecord(offset, "the gzip member does not begin with a WARC record")
    fields = _fields(head, offset)
    start = len(head) + len(end)
    stated = next((value for name, value in fields if name.lower() == "content-length"), "")
    size = total - start - len(RECORD_END)
    plain.seek(max(0, total - len(RECORD_END)))
    if stated != str(size) or plain.read() != RECORD_END:
        raise DamagedRecord(offset, f"not exactly one record in the member: Content-Length is {stated or 'missing'}")
    plain.seek(start)
    shutil.copyfileobj(plain, block, READ_BYTES)
    block.truncate(size)
    block.seek(0)
    return StoredRecord(offset, length, fields, block, size, head[:8].decode("ascii"), begin)


def _fields(head: bytes, offset: int) -> list[tuple[str, str]]:
    fields = []
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if not colon:
            raise DamagedRecord(offset, "a line of the record's head has no colon")
        fields.append((name, value.strip()))
    return fields
