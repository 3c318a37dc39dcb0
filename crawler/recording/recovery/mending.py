"""A WARC with damage in its middle: what is whole is kept, in a file without the damage."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crawler.recording.files import PARTIAL
from crawler.recording.packing import member
from crawler.recording.provenance import software
from crawler.recording.reading import Damaged, walk
from crawler.recording.records import warcinfo
from crawler.recording.recovery.tails import COPY_BYTES, keep_range
from crawler.storage import sync_path

DESCRIPTION = "The first record of this file was damaged. This one was made in its stead when the file was recovered."


def mend(spool: Path, path: Path, name: str, index: Path) -> tuple[int, int] | None:
    """Put a file without its damaged members in the place of a damaged one; these go to `tails/`.

    Members are found again by the offsets that `index` knows, CDXJ lines in any order: they were written by us,
    while a member in a body may be anybody's. `name` is the file's final name. Returns the descriptor that holds
    the new file's flock and the bytes left out; None, with nothing done, when no whole record follows the damage.
    Raises OSError.
    """
    whole = list(_whole(path, sorted(_offsets(index))))
    if len(whole) < 2 and not (whole and whole[0][0]):
        return None
    size = path.stat().st_size
    left_out = list(_between(whole, size))
    for start, end in left_out:
        keep_range(spool, path, start, end)
    mended = path.with_name(path.name + PARTIAL)
    descriptor = os.open(mended, os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_CLOEXEC, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with path.open("rb") as source, os.fdopen(os.dup(descriptor), "wb") as target:
        if whole[0][0]:
            target.write(_first_member(source, whole[0][0], name))
        for start, end in whole:
            _copy(source, target, start, end)
        target.flush()
        os.fsync(target.fileno())
    mended.rename(path)
    sync_path(path.parent)
    return descriptor, sum(end - start for start, end in left_out)


def _whole(path: Path, offsets: list[int]) -> Iterator[tuple[int, int]]:
    """Yield from where to where whole records follow one another."""
    start = 0
    with path.open("rb") as stream:
        while True:
            end = start
            stream.seek(start)
            try:
                for record in walk(stream, start):
                    end = record.offset + record.length
                damage = None
            except Damaged as error:
                damage = error.offset
            if end > start:
                yield start, end
            following = [offset for offset in offsets if damage is not None and offset > damage]
            if not following:
                return
            start = following[0]


def _between(whole: list[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a file of `size` bytes that are none of those given."""
    at = 0
    for start, end in (*whole, (size, size)):
        if start > at:
            yield at, start
        at = end


def _offsets(index: Path) -> Iterator[int]:
    """Yield the offsets in an index that may be torn."""
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
    """Return a warcinfo under the identifier by which the records that are left name theirs."""
    source.seek(offset)
    with closing(walk(source, offset)) as records:
        identifier = next(records).get("WARC-Warcinfo-ID")
    fields = {"software": software(), "format": "WARC File Format 1.1", "description": DESCRIPTION}
    return member(warcinfo(name, fields, datetime.now(UTC), identifier))


def _copy(source: BinaryIO, target: BinaryIO, start: int, end: int) -> None:
    source.seek(start)
    while start < end:
        piece = source.read(min(COPY_BYTES, end - start))
        target.write(piece)
        start += len(piece)
