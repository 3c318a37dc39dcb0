"""Repair of a WARC file with damage in its middle."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crawler.archive.members import RecordWriter
from crawler.archive.records import software, warcinfo
from crawler.archive.warc_reader import DamagedRecord, walk
from crawler.recording.recovery.copies import COPY_BYTES, copy, replace
from crawler.recording.recovery.tails import keep_range

# The gzip header that our writer uses, without name and time.
MEMBER_START = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"

# More than twice the longest address.
HEAD_BYTES = 1 << 16
DESCRIPTION = "The first record of this file was damaged. This one was made in its stead when the file was recovered."


def mend(spool: Path, path: Path, name: str, index: Path) -> tuple[int, int] | None:
    """Remove the damaged members of a file and keep them in `tails/`.

    Whole members are found by the warcinfo ID that they name, which no body can contain, or by the offsets of `index`,
    CDXJ lines in any order. `name` is the file's final name. Returns the descriptor with the new file's flock and the
    number of removed bytes, or None, with nothing done, if no whole record follows the damage. Raises OSError.
    """
    whole = list(_whole(path, sorted(_offsets(index))))
    if len(whole) < 2 and not (whole and whole[0][0]):
        return None
    size = path.stat().st_size
    left_out = list(_between(whole, size))
    for start, end in left_out:
        keep_range(spool, path, start, end)

    def write(target: BinaryIO) -> None:
        if whole[0][0]:
            target.write(_first_member(source, whole[0][0], name))
        for start, end in whole:
            source.seek(start)
            copy(source, target, end - start)

    with path.open("rb") as source:
        return replace(path, write), sum(end - start for start, end in left_out)


def _whole(path: Path, offsets: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of consecutive whole records; a repeated record ends a range."""
    start: int | None = 0
    seen: set[str] = set()
    with path.open("rb") as stream:
        warcinfo_id = _warcinfo_id(stream, offsets)
        while start is not None:
            end, following = start, None
            stream.seek(start)
            try:
                for record in walk(stream, start):
                    following = record.offset + record.length
                    if record.get("WARC-Record-ID") in seen:
                        break
                    seen.add(record.get("WARC-Record-ID"))
                    end, following = following, None
            except DamagedRecord as error:
                known = next((offset for offset in offsets if offset > error.offset), None)
                following = _found(stream, error.offset + 1, known, warcinfo_id) or known
            if end > start:
                yield start, end
            start = following


def _warcinfo_id(stream: BinaryIO, offsets: list[int]) -> str:
    for offset in (0, *offsets):
        stream.seek(offset)
        with suppress(DamagedRecord), closing(walk(stream, offset)) as records:
            for record in records:
                return record.get("WARC-Record-ID" if record.kind == "warcinfo" else "WARC-Warcinfo-ID")
    return ""


def _found(stream: BinaryIO, start: int, end: int | None, warcinfo_id: str) -> int | None:
    """Return where the next member that names the warcinfo begins, before `end` if that is known."""
    mark = f"\r\nWARC-Warcinfo-ID: {warcinfo_id}\r\n".encode()
    while warcinfo_id and (end is None or start < end):
        stream.seek(start)
        piece = stream.read(COPY_BYTES if end is None else min(COPY_BYTES, end - start))
        if len(piece) < len(MEMBER_START):
            break
        for match in re.finditer(re.escape(MEMBER_START), piece):
            stream.seek(start + match.start())
            if mark in _head(stream.read(HEAD_BYTES)):
                return start + match.start()
        # A member may begin at the very end of the piece.
        start += len(piece) - len(MEMBER_START) + 1
    return None


def _head(packed: bytes) -> bytes:
    try:
        plain = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed, HEAD_BYTES)
    except zlib.error:
        return b""
    return plain.partition(b"\r\n\r\n")[0] + b"\r\n" if plain.startswith(b"WARC/1.") else b""


def _between(whole: list[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a file of `size` bytes between those given."""
    at = 0
    for start, end in (*whole, (size, size)):
        if start > at:
            yield at, start
        at = end


def _offsets(index: Path) -> Iterator[int]:
    try:
        lines = index.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield int(json.loads(line.split(b" ", 2)[2])["offset"])
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            continue


def _first_member(source: BinaryIO, offset: int, name: str) -> bytes:
    """Return a warcinfo with the ID that the remaining records name."""
    source.seek(offset)
    with closing(walk(source, offset)) as records:
        identifier = next(records).get("WARC-Warcinfo-ID")
    fields = {"software": software(), "format": "WARC File Format 1.1", "description": DESCRIPTION}
    return RecordWriter().members([warcinfo(name, fields, datetime.now(UTC), identifier)])[0]
