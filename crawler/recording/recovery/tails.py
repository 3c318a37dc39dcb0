"""Tails: what was cut off after the last whole record or row is kept in the spool, for people to look at."""

from __future__ import annotations

import os
import shutil
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from crawler.recording.warc import OPEN
from crawler.storage import sync_path


def keep_aside(spool: Path, path: Path, size: int) -> None:
    """Copy what follows the first `size` bytes of a file to `tails/NAME.SIZE`, then cut it off. Raises OSError."""
    with path.open("rb") as source:
        source.seek(size)
        _keep(spool, f"{path.name.removesuffix(OPEN)}.{size}", source)
    with path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())


def keep_lines(spool: Path, path: Path, lines: list[bytes]) -> None:
    """Keep lines that a file will be finished without, as `tails/NAME.lines`. Raises OSError."""
    _keep(spool, f"{path.name.removesuffix(OPEN)}.lines", BytesIO(b"".join(lines)))


def _keep(spool: Path, name: str, source: BinaryIO) -> None:
    target = spool / "tails" / name
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as stream:
        shutil.copyfileobj(source, stream, 1 << 20)
        stream.flush()
        os.fsync(stream.fileno())
    sync_path(target.parent)
