"""The deployment: where archive, spool and state are, and how long files wait, read once from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from crawler.archive.spool import check_room, identity_of
from crawler.archive.storage import storage_for
from crawler.archive.storage.base import LEAST_PART, LOCKS, MOST_PART, Options, Storage
from crawler.crawl.numbers import DAYS, SECONDS, number, whole
from crawler.model.exit_codes import USAGE, Refused

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings
    from sqlalchemy import Engine

    from crawler.recording.push import Push
    from crawler.state import State
    from crawler.state.custody import Custody

# The folder of scrapy.cfg: relative places are relative to it, whatever the working directory.
PROJECT_ROOT = Path(__file__).resolve().parents[2]

# No machine has room for more processes or uploads at the same time.
PARALLEL = 1000


@dataclass(frozen=True, slots=True)
class Deployment:
    """The places of a deployment, as absolute paths and URLs, and the limits of its spool.

    Nobody else takes over files that wait here before `lease` ends. Uploaded files stay for `keep_days`.
    `max_waiting_bytes` may wait for a bucket (0: no limit).
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
        """Read the settings. Raises Refused."""
        spool = PROJECT_ROOT / Path(_place(settings, "SPOOL_DIR")).expanduser()
        return cls(
            archive_url=_archive_url(_place(settings, "ARCHIVE_URL")),
            spool=spool,
            state_url=_state_url(_place(settings, "STATE_URL"), spool),
            upload=_upload_options(settings, spool),
            lease=timedelta(seconds=number(settings, "RUN_LEASE_SECONDS", 1, SECONDS)),
            keep_days=whole(settings, "SPOOL_KEEP_DAYS", 0, DAYS),
            max_waiting_bytes=number(settings, "SPOOL_MAX_BYTES"),
        )

    def archive(self) -> Storage:
        """Open the archive for writers. Raises StorageError."""
        return storage_for(self.archive_url, self.upload)

    def custody(self, engine: Engine) -> Custody:
        """Return the custody of the runs in this spool. Raises OSError."""
        from crawler.state.custody import Custody  # every command imports this module

        return Custody(engine, identity_of(self.spool), self.lease)

    def push(self, state: State, patience: float = 0.0) -> Push:
        """Return the uploader of the files that wait in this spool; see Push for `patience`."""
        from crawler.recording.push import Push

        return Push(self.spool, self.archive(), state, self.custody(state.engine), self.keep_days, patience)

    def check_room(self) -> None:
        """Raise SpoolFull if more waits in the spool than it may hold, OSError if it is not readable."""
        check_room(self.spool, self.archive_url, self.max_waiting_bytes)


def _place(settings: BaseSettings, name: str) -> str:
    # An empty path would be the project's own folder.
    place = str(settings.get(name) or "")
    if not place.strip():
        raise Refused(f"{name} is empty", USAGE)
    return place


def _archive_url(url: str) -> str:
    # The storage rejects an S3 address without its second slash.
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
    lock, lock_days = str(settings.get("S3_OBJECT_LOCK") or ""), whole(settings, "S3_OBJECT_LOCK_DAYS", 0, DAYS)
    if lock and (lock not in LOCKS or not lock_days):
        raise Refused(f"S3_OBJECT_LOCK={lock}: {' or '.join(LOCKS)} and S3_OBJECT_LOCK_DAYS are needed", USAGE)
    return Options(
        folder=spool / "uploads",
        part_size=whole(settings, "UPLOAD_PART_SIZE", LEAST_PART, MOST_PART),
        parts_at_once=whole(settings, "UPLOAD_PARTS_AT_ONCE", 1, PARALLEL),
        bytes_per_second=number(settings, "UPLOAD_BYTES_PER_SECOND"),
        storage_class=str(settings.get("S3_STORAGE_CLASS") or ""),
        lock=lock,
        lock_days=lock_days,
    )
