"""The deployment: where archive, spool and state are, and how long files wait, read once from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from crawler.archive.spool import check_room, identity_of
from crawler.archive.storage.base import Storage
from crawler.archive.storage.opening import storage_for
from crawler.archive.storage.s3_options import Options
from crawler.state.custody import Custody

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings
    from sqlalchemy import Engine

    from crawler.recording.push import Push
    from crawler.state import State

# The folder of scrapy.cfg: relative places are relative to it, wherever the command was called from.
PROJECT_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Deployment:
    """The places of a deployment, as absolute paths and URLs, and the limits of its spool.

    `lease` is how long nobody else takes over what waits here; `keep_days` is how long uploaded files stay in the
    spool; `max_waiting_bytes` is how much may wait for a bucket (0: no limit).
    """

    archive_url: str
    spool: Path
    state_url: str
    upload: Options
    lease: timedelta
    keep_days: int
    max_waiting_bytes: float

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Read the settings, which the commands have checked."""
        spool = PROJECT_ROOT / Path(str(settings["SPOOL_DIR"])).expanduser()
        return cls(
            archive_url=_archive_url(str(settings["ARCHIVE_URL"])),
            spool=spool,
            state_url=_state_url(str(settings["STATE_URL"]), spool),
            upload=_upload_options(settings, spool),
            lease=timedelta(seconds=settings.getfloat("RUN_LEASE_SECONDS")),
            keep_days=settings.getint("SPOOL_KEEP_DAYS"),
            max_waiting_bytes=settings.getfloat("SPOOL_MAX_BYTES"),
        )

    def archive(self) -> Storage:
        """Open the archive for writers. Raises StorageError."""
        return storage_for(self.archive_url, self.upload)

    def custody(self, engine: Engine) -> Custody:
        """Return the custody of the runs in this spool. Raises OSError."""
        return Custody(engine, identity_of(self.spool), self.lease)

    def push(self, state: State, patience: float = 0.0) -> Push:
        """Return what uploads the files that wait in this spool; see Push for `patience`."""
        from crawler.recording.push import Push

        return Push(self.spool, self.archive(), state, self.custody(state.engine), self.keep_days, patience)

    def check_room(self) -> None:
        """Raise SpoolFull when more waits in the spool than it may hold, OSError when it can't be read."""
        check_room(self.spool, self.archive_url, self.max_waiting_bytes)


def _archive_url(url: str) -> str:
    # An S3 address with a slash too few is refused by the storage.
    if "://" in url or url.startswith("s3:"):
        return url
    return str(PROJECT_ROOT / Path(url).expanduser())


def _state_url(url: str, spool: Path) -> str:
    url = url.replace("{SPOOL_DIR}", str(spool))
    scheme, separator, path = url.partition("///")
    if scheme.startswith("sqlite") and separator and path and path != ":memory:":
        return f"{scheme}///{PROJECT_ROOT / path}"
    return url


def _upload_options(settings: BaseSettings, spool: Path) -> Options:
    return Options(
        folder=spool / "uploads",
        part_size=settings.getint("UPLOAD_PART_SIZE"),
        parts_at_once=settings.getint("UPLOAD_PARTS_AT_ONCE"),
        bytes_per_second=settings.getfloat("UPLOAD_BYTES_PER_SECOND"),
        storage_class=str(settings.get("S3_STORAGE_CLASS") or ""),
        lock=str(settings.get("S3_OBJECT_LOCK") or ""),
        lock_days=settings.getint("S3_OBJECT_LOCK_DAYS"),
    )
