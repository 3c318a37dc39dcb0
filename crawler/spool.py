"""The spool: who it is among others, and its room; while the store is away files wait there, and may fill the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from crawler.deployment import archive_url, spool_directory
from crawler.recording.files import KINDS
from crawler.state.custody import Custody
from crawler.storage import sync_path
from crawler.summary import readable

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings
    from sqlalchemy import Engine


class SpoolFull(OSError):
    """More waits in the spool than SPOOL_MAX_BYTES; the message is the one line to print."""


def custody_of(settings: BaseSettings, engine: Engine) -> Custody:
    """Return the custody of what stands in this deployment's spool. Raises OSError."""
    lease = timedelta(seconds=settings.getfloat("RUN_LEASE_SECONDS"))
    return Custody(engine, identity_of(spool_directory(settings)), lease)


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


def check_room(settings: BaseSettings) -> None:
    """Raise SpoolFull when there is no room for more that waits for a bucket, OSError when the spool can't be read."""
    archive, most = archive_url(settings), settings.getfloat("SPOOL_MAX_BYTES")
    if "://" not in archive:
        return  # a directory takes all when a run ends, however long that is
    waiting = waiting_bytes(spool_directory(settings))
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
