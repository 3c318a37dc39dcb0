"""Compaction: the row files of a closed month and outlet become one, and each row counts once at every moment.

The new file and then its manifest are finished in the spool first. From then on, the next compaction completes one that
was cut off. The new file's name is derived from the files that it replaces, so compacting twice changes nothing.
"""

import hashlib
import json
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.archive.manifests import FinishedFile, write_manifest
from crawler.archive.names import ROWS, manifest_of, stem_of
from crawler.archive.rows import folder_of, lines, manifest_in, month_of, row_files, write_rows
from crawler.archive.storage.base import Storage, StorageError
from crawler.system import clock
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import RowFile, file_rows

STAGE = "compacting"
# Of gzip: a compaction has time.
LEVEL = 6


@dataclass(frozen=True, slots=True)
class Compacted:
    """A compacted month: the number and bytes of the files before, and the bytes of the one file after."""

    outlet: str
    month: str
    files: int
    bytes_before: int
    bytes_after: int


def closed_months(storage: Storage, outlet: str, now: datetime) -> list[str]:
    """Return the months (`2026-10`, UTC) before the current one that have row files of an outlet."""
    current = f"{now.astimezone(UTC):%Y-%m}"
    months = {month_of(key) for key, _ in storage.list(folder_of(outlet)) if key.endswith(ROWS)}
    return sorted(month for month in months if month and month < current)


def compact_months(
    storage: Storage, spool: Path, outlets: Sequence[str], month: str | None, on_damage: Callable[[str], None]
) -> Iterator[Compacted]:
    """Compact closed months, or one; report a damaged month and leave it as it is. Raises StorageError, OSError."""
    compaction, now = Compaction(storage, spool), clock.now()
    try:
        compaction.resume()
        for outlet in dict.fromkeys(outlets):
            for closed in closed_months(storage, outlet, now):
                try:
                    if month in (None, closed) and (done := compaction.compact(outlet, closed)):
                        yield done
                except ExportFailed as error:
                    on_damage(f"{error}; {outlet} {closed} is left as it was")
    except ValueError as error:  # a damaged manifest of a compaction
        raise StorageError(str(error)) from error


class Compaction:
    """Compacts months of one archive, through a folder of the spool; one process at a time."""

    def __init__(self, storage: Storage, spool: Path) -> None:
        self._storage = storage
        self._stage = spool / STAGE

    def resume(self) -> None:
        """Complete a compaction that was cut off. Raises StorageError, OSError, ValueError."""
        for path in sorted((self._stage / "manifest").rglob("*.json")):
            self._publish(json.loads(path.read_bytes()), path)
        shutil.rmtree(self._stage, ignore_errors=True)

    def compact(self, outlet: str, month: str) -> Compacted | None:
        """Replace a month's files by one; None if there are less than two. Raises ExportFailed, StorageError."""
        keys = row_files(self._storage, outlet, month)
        manifests = ((key, manifest_in(self._storage, manifest_of(key))) for key in keys)
        replaced = [entry for key, one in manifests if one for entry in one["files"] if entry["file"] == key]
        if len(replaced) < 2:
            return None
        finished = self._write(outlet, month, replaced)
        write_manifest(self._stage, stem_of(finished.file), [], [finished], replaces=replaced)
        self.resume()
        before = sum(entry["bytes"] for entry in replaced)
        return Compacted(outlet, month, len(replaced), before, finished.bytes)

    def _write(self, outlet: str, month: str, replaced: Sequence[dict[str, Any]]) -> FinishedFile:
        """Write the new file and read it back. Raises ExportFailed, StorageError, OSError."""
        # Another version of zlib compresses to other bytes, which need another name.
        origin = "".join([zlib.ZLIB_RUNTIME_VERSION, *(entry["sha256"] for entry in replaced)])
        inputs = hashlib.sha256(origin.encode()).hexdigest()
        stamp = max(stem_of(entry["file"]).split("-")[2] for entry in replaced)
        name = f"{folder_of(outlet, month)}khobor-{outlet}-{stamp}-{inputs[:12]}-compacted{ROWS}"

        parts = (file_rows(self._storage, RowFile(entry["file"], entry["sha256"])) for entry in replaced)
        finished = write_rows(self._stage, name, (row.line for part in parts for row in part), LEVEL)
        with (self._stage / name).open("rb") as stream:
            rows = sum(1 for _ in lines(stream))  # compares the checksum too
        if rows != sum(entry["records"]["rows"] for entry in replaced):
            raise ExportFailed(f"the manifests of {outlet} {month} are damaged: their files have {rows} rows in all")
        return finished

    def _publish(self, manifest: dict[str, Any], path: Path) -> None:
        """Put the file, then the manifest, then remove the old files: each row counts once whenever this ends."""
        (new,) = manifest["files"]
        staged = self._stage / new["file"]
        if staged.exists():
            self._storage.put(staged, new["file"])
        self._storage.put(path, path.relative_to(self._stage).as_posix())
        if self._storage.head(new["file"]) != new["bytes"]:
            raise OSError(f"{new['file']} in {self._storage.url} is not what was put")
        for entry in manifest["replaces"]:
            self._storage.remove(entry["file"])
        staged.unlink(missing_ok=True)
        path.unlink()
