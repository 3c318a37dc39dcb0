"""The spool: who it is among others, and its room; while the store is away files wait there, and may fill the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from crawler.archive.names import KINDS
from crawler.system.files import sync_path
from crawler.system.terminal import readable


class SpoolFull(OSError):
    """More waits in the spool than SPOOL_MAX_BYTES; the message is the one line to print."""


def identity_of(spool: Path) -> str:
    """Return what tells a spool from all others, made when it has none yet. Raises OSError."""
    path = spool / "identity"
    if not path.exists():
        spool.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{uuid4().hex}")
        made.write_text(uuid4().hex)
        sync_path(made)
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
        sync_path(spool)
    return path.read_text()


def check_room(spool: Path, archive: str, most: float) -> None:
    """Raise SpoolFull when there is no room for more that waits for a bucket, OSError when the spool can't be read."""
    if "://" not in archive:
        return  # a directory takes all when a run ends, however long that is
    waiting = waiting_bytes(spool)
    if most and waiting > most:
        raise SpoolFull(
            f"{readable(waiting)} wait in SPOOL_DIR for {archive}, more than "
            f"SPOOL_MAX_BYTES={readable(most)}; `scrapy push` brings them up"
        )


def waiting_bytes(spool: Path) -> int:
    """Return the bytes of all files that grow or wait in a spool. Raises OSError."""
    return sum(_size(entry) for kind in KINDS for entry in _files(spool / kind))


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder, onerror=_refuse):
        yield from (Path(place, name) for name in names)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # brought up at this moment


def _refuse(error: OSError) -> None:
    # A file in a folder's place is met, and told of, by who writes there.
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise error
