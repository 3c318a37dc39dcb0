"""The spool: its identity, and the room in it for files that wait for an unreachable store."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from crawler.archive.names import KINDS
from crawler.system.files import sync_path
from crawler.system.terminal import readable


@dataclass(frozen=True, slots=True)
class SegmentLimits:
    """The bytes and the age after which a segment is finished; with `is_continued` later runs go on with it."""

    size: int
    age: timedelta
    is_continued: bool = False

    def are_reached(self, opened: datetime, size: int, moment: datetime) -> bool:
        """Return whether a segment of this age and size takes no capture that begins at a moment."""
        is_full = size >= self.size or moment - opened >= self.age
        return is_full or (moment.year, moment.month) > (opened.year, opened.month)

    @property
    def continued(self) -> timedelta:
        """The age up to which later runs go on with a segment."""
        return self.age if self.is_continued else timedelta()


class SpoolFull(OSError):
    """More bytes wait in the spool than SPOOL_MAX_BYTES; the message is the one line to print."""


def identity_of(spool: Path) -> str:
    """Return the unique ID of a spool; a new spool gets one. Raises OSError."""
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
    """Raise SpoolFull if no more may wait for a bucket, OSError if the spool can't be read."""
    if "://" not in archive:
        return  # a directory takes each segment once it is finished
    waiting = waiting_bytes(spool)
    if most and waiting > most:
        raise SpoolFull(
            f"{readable(waiting)} wait in SPOOL_DIR for {archive}, more than "
            f"SPOOL_MAX_BYTES={readable(most)}; `scrapy push` uploads them"
        )


def waiting_bytes(spool: Path) -> int:
    """Return the bytes of all files that grow or wait in a spool. Raises OSError."""
    total = 0
    for kind in KINDS:
        for folder, _, names in os.walk(spool / kind, onerror=_refuse):
            for name in names:
                with suppress(FileNotFoundError):  # uploaded and removed at this moment
                    total += Path(folder, name).stat().st_size
    return total


def _refuse(error: OSError) -> None:
    # The process that writes there reports a file in a folder's place.
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise error
