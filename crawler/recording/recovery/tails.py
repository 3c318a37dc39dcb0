"""Tails: what was cut off after the last whole record or row is kept in the spool, for people to look at.

A finished WARC that a disk has damaged after it went up: the archive's copy takes its place."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import closing
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import BinaryIO, cast

from crawler.archive.names import OPEN, PARTIAL
from crawler.archive.storage.base import Storage
from crawler.system.files import sync_path

COPY_BYTES = 1 << 20


def keep_aside(spool: Path, path: Path, size: int) -> None:
    """Copy what follows the first `size` bytes of a file to `tails/NAME.SIZE`, then cut it off. Raises OSError."""
    with path.open("rb") as source:
        source.seek(size)
        _keep(spool, f"{_name(path)}.{size}", source)
    with path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())


def keep_range(spool: Path, path: Path, start: int, end: int) -> None:
    """Copy the bytes of a file from `start` to `end` to `tails/NAME.START`. Raises OSError."""
    with path.open("rb") as source:
        source.seek(start)
        _keep(spool, f"{_name(path)}.{start}", source, end - start)


def kept_aside(spool: Path, path: Path) -> dict[int, int]:
    """Return what was cut out of a file, by this recovery or one that came to no end: where it stood, how many bytes.

    Raises OSError.
    """
    name = _name(path)
    found = ((tail, tail.name.removeprefix(name + ".")) for tail in (spool / "tails").glob(f"{name}.*"))
    return {int(place): tail.stat().st_size for tail, place in found if place.isdecimal()}


def keep_twin(spool: Path, path: Path) -> None:
    """Move a growing file whose finished form is there to `tails/NAME.growing`. Raises OSError."""
    target = spool / "tails" / f"{_name(path)}.growing"
    target.parent.mkdir(exist_ok=True)
    path.rename(target)
    sync_path(target.parent)


def keep_whole(spool: Path, path: Path) -> None:
    """Copy a manifest or run file to `tails/KIND.NAME`, with a number where another one is there. Raises OSError."""
    name = f"{path.relative_to(spool).parts[0]}.{path.name}"
    for number in count(1):
        target = spool / "tails" / (f"{name}.{number}" if number > 1 else name)
        if not target.exists():
            with path.open("rb") as source:
                _keep(spool, target.name, source)
        if target.read_bytes() == path.read_bytes():
            return


def keep_lines(spool: Path, path: Path, lines: list[bytes]) -> None:
    """Keep lines that a file will be finished without, as `tails/NAME.lines`. Raises OSError."""
    _keep(spool, f"{_name(path)}.lines", BytesIO(b"".join(lines)))


def _name(path: Path) -> str:
    """Return what the tails of a file are named after; a run's files of rows have one name in each month's folder."""
    month = path.parent.name if path.parent.name.startswith("crawl_month=") else ""
    return f"{month}.{path.name.removesuffix(OPEN)}".removeprefix(".")


def _keep(spool: Path, name: str, source: BinaryIO, size: int | None = None) -> None:
    """Copy `size` bytes, or all that follow."""
    target = spool / "tails" / name
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as stream:
        while piece := source.read(COPY_BYTES if size is None else min(COPY_BYTES, size)):
            stream.write(piece)
            size = None if size is None else size - len(piece)
        stream.flush()
        os.fsync(stream.fileno())
    sync_path(target.parent)


def no_copy(path: Path, key: str) -> None:
    """Return that there is none, where there is no archive."""


def restore(storage: Storage, path: Path, key: str) -> int | None:
    """Return the descriptor that holds the flock of the file as the archive has it, None when it has none.

    Raises StorageError, OSError.
    """
    try:
        source = storage.open(key)
    except FileNotFoundError:
        return None
    restored = path.with_name(path.name + PARTIAL)
    descriptor = os.open(restored, os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_CLOEXEC, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with closing(source), os.fdopen(os.dup(descriptor), "wb") as target:
        shutil.copyfileobj(source, cast(BinaryIO, target), COPY_BYTES)
        target.flush()
        os.fsync(target.fileno())
    restored.rename(path)
    sync_path(path.parent)
    return descriptor
