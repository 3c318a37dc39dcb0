"""Tails: bytes that recovery cuts off or replaces are kept in `tails/` of the spool, for people to inspect."""

from __future__ import annotations

import os
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import BinaryIO

from crawler.archive.names import OPEN
from crawler.recording.recovery.copies import copy
from crawler.system.files import sync_path


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
    """Return the sizes of the tails of a file, by their offsets in it. Raises OSError."""
    name = _name(path)
    found = ((tail, tail.name.removeprefix(name + ".")) for tail in (spool / "tails").glob(f"{name}.*"))
    return {int(place): tail.stat().st_size for tail, place in found if place.isdecimal()}


def keep_twin(spool: Path, path: Path) -> None:
    """Move a growing file beside its finished form to `tails/NAME.growing`. Raises OSError."""
    target = spool / "tails" / f"{_name(path)}.growing"
    target.parent.mkdir(exist_ok=True)
    path.rename(target)
    sync_path(target.parent)


def keep_whole(spool: Path, path: Path) -> None:
    """Copy a manifest or run file to `tails/KIND.NAME`, numbered if that exists. Raises OSError."""
    name = f"{path.relative_to(spool).parts[0]}.{path.name}"
    for number in count(1):
        target = spool / "tails" / (f"{name}.{number}" if number > 1 else name)
        if not target.exists():
            with path.open("rb") as source:
                _keep(spool, target.name, source)
        if target.read_bytes() == path.read_bytes():
            return


def keep_lines(spool: Path, path: Path, lines: list[bytes]) -> None:
    """Write the rejected lines of a file to `tails/NAME.lines`. Raises OSError."""
    _keep(spool, f"{_name(path)}.lines", BytesIO(b"".join(lines)))


def _name(path: Path) -> str:
    """Return the name of a file's tails. A run's row files have one name, so their month is part of it."""
    month = path.parent.name if path.parent.name.startswith("crawl_month=") else ""
    return f"{month}.{path.name.removesuffix(OPEN)}".removeprefix(".")


def _keep(spool: Path, name: str, source: BinaryIO, size: int | None = None) -> None:
    target = spool / "tails" / name
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as stream:
        copy(source, stream, size)
        stream.flush()
        os.fsync(stream.fileno())
    sync_path(target.parent)
