"""How files are sent to a bucket: what the settings say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
LEAST_PART, MOST_PART = 5 << 20, 5 << 30
MOST_PARTS = 10_000
LOCKS = ("GOVERNANCE", "COMPLIANCE")


@dataclass(frozen=True, slots=True)
class Options:
    """Bytes of a part, parts on their way at once, bytes a second (0: as fast as it goes), and how objects are kept.

    `folder` is where notes of what is on its way survive a crash; without one nothing is resumed.
    """

    folder: Path | None = None
    part_size: int = 8 << 20
    parts_at_once: int = 4
    bytes_per_second: float = 0.0
    storage_class: str = ""
    lock: str = ""
    lock_days: int = 0

    def part_size_of(self, size: int) -> int:
        """Return the bytes of a part of a file of a size: no file may have more parts than S3 allows."""
        return max(self.part_size, -(-size // MOST_PARTS))

    @property
    def kept(self) -> tuple[str, str]:
        """What of this a store may not know."""
        return self.storage_class, self.lock

    def keeping(self, key: str) -> dict[str, Any]:
        """Return the arguments of a request that say how an object is kept.

        The storage class is that of WARC files: the others are small and often read.
        """
        kept: dict[str, Any] = {}
        if self.storage_class and key.startswith("warc/"):
            kept["StorageClass"] = self.storage_class
        if self.lock:
            kept["ObjectLockMode"] = self.lock
            kept["ObjectLockRetainUntilDate"] = datetime.now(UTC) + timedelta(days=self.lock_days)
        return kept
