"""A reader of WARC files that shares nothing with their writer: gzip members, split at an empty line."""

from __future__ import annotations

import base64
import hashlib
import zlib
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from warcio.checker import Checker


@dataclass
class Record:
    """A record as an independent reader finds it: gzip, then a split at the first empty line."""

    offset: int
    length: int
    headers: list[tuple[str, str]]
    block: bytes

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def fields(self) -> dict[str, str]:
        lines = self.block.decode().split("\r\n")
        return dict(line.split(": ", 1) for line in lines if line)


def read_records(path: Path) -> list[Record]:
    """Read a .warc.gz member by member."""
    data = path.read_bytes()
    records, offset = [], 0
    while offset < len(data):
        member = zlib.decompressobj(wbits=31)
        plain = member.decompress(data[offset:])
        assert member.eof
        end = len(data) - len(member.unused_data)
        records.append(parse_record(plain, offset, end - offset))
        offset = end
    return records


def parse_record(plain: bytes, offset: int, length: int) -> Record:
    head, block = plain.split(b"\r\n\r\n", 1)
    version, *lines = head.decode().split("\r\n")
    assert version == "WARC/1.1"
    assert block.endswith(b"\r\n\r\n")
    record = Record(offset, length, [tuple(line.split(": ", 1)) for line in lines], block[:-4])
    assert record.get("Content-Length") == str(len(record.block))
    return record


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def is_sound(*paths: Path) -> bool:
    """Return whether `warcio check` finds nothing wrong with the files; it prints what it finds."""
    return Checker(Namespace(inputs=[*map(str, paths)], verbose=False)).process_all() == 0
