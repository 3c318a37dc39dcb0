"""The spool's room: while the store is away files wait there, and a run must end before they fill the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.deployment import archive_url, spool_directory
from crawler.recording.files import KINDS
from crawler.summary import readable

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings


class SpoolFull(OSError):
    """More waits in the spool than SPOOL_MAX_BYTES; the message is the one line to print."""


def check_room(settings: BaseSettings, brought_up: int = 0) -> None:
    """Raise SpoolFull when there is no room for more that waits for a bucket, OSError when the spool can't be read.

    So many bytes that have been `brought_up` wait for nothing but the end of their run.
    """
    archive, most = archive_url(settings), settings.getfloat("SPOOL_MAX_BYTES")
    if "://" not in archive:
        return  # a directory takes all when a run ends, however long that is
    waiting = waiting_bytes(spool_directory(settings)) - brought_up
    if most and waiting > most:
        raise SpoolFull(
            f"{readable(waiting)} wait in SPOOL_DIR until {archive} can be reached, "
            f"more than SPOOL_MAX_BYTES={readable(most)}; `scrapy push` brings them up"
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
