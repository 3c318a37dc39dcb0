"""Compaction: the row files of a closed month and outlet become one, and no row is lost or counts twice meanwhile.

The new file and its manifest are finished in the spool first, the manifest last: from then on a compaction that was
cut off is gone through to its end by the next one. Its name comes from what it replaces, so that doing it twice is
doing it once.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from crawler.archive.manifests import FinishedFile, write_final
from crawler.archive.rows import (
    SUFFIX,
    DamagedRows,
    folder_of,
    lines,
    manifest_in,
    manifest_of,
    month_of,
    replaced_by,
    row_files,
    stem_of,
)
from crawler.archive.storage.base import Storage
from crawler.system.files import Measured

STAGE = "compacting"


class DamagedMonth(Exception):
    """A row file is not what its manifest says; the text names it. Its month stays as it is."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What became of a month: how many files and bytes there were, and the bytes of the one that is left."""

    outlet: str
    month: str
    files: int
    bytes_before: int
    bytes_after: int


def closed_months(storage: Storage, outlet: str, now: datetime) -> list[str]:
    """Return the months (`2026-10`, UTC) before the current one of which an outlet has row files."""
    current = f"{now.astimezone(UTC):%Y-%m}"
    keys = (key for key, _ in storage.list(folder_of(outlet)) if key.endswith(SUFFIX))
    months = {month_of(key) for key in keys}
    return sorted(month for month in months if month and month < current)


def archived_outlets(storage: Storage) -> list[str]:
    """Return the outlets of which there are row files."""
    folders = {key.split("/")[1] for key, _ in storage.list("articles/") if key.endswith(SUFFIX)}
    return sorted(folder.removeprefix("outlet=") for folder in folders if folder.startswith("outlet="))


class Compaction:
    """Compacts months of one archive, through a folder of the spool; one process at a time."""

    def __init__(self, storage: Storage, spool: Path) -> None:
        self._storage = storage
        self._stage = spool / STAGE

    def resume(self) -> None:
        """Go through with what was cut off. Raises StorageError, OSError, ValueError."""
        for path in sorted((self._stage / "manifest").rglob("*.json")):
            self._publish(json.loads(path.read_bytes()), path)
        shutil.rmtree(self._stage, ignore_errors=True)

    def compact(self, outlet: str, month: str) -> Compacted | None:
        """Make one file of a closed month's; None when there are not two or more.

        Raises DamagedMonth, StorageError, OSError, ValueError.
        """
        keys = row_files(self._storage, outlet, month)
        entries = entries_of(self._storage, outlet, keys)
        # What no manifest names belongs to a run that is not wholly here yet.
        replaced = [entries[key] for key in keys if key in entries]
        if len(replaced) < 2:
            return None
        finished = self._write(outlet, month, replaced)
        manifest = {"run": stem_of(finished.file), "outlet": outlet, "files": [finished.as_json()]}
        manifest["replaces"] = replaced
        key = manifest_of(finished.file)
        write_final(self._stage, key, lambda stream: _write_json(stream, manifest))
        self._publish(manifest, self._stage / key)
        before = sum(entry["bytes"] for entry in replaced)
        return Compacted(outlet, month, len(replaced), before, finished.bytes)

    def _write(self, outlet: str, month: str, replaced: Sequence[dict[str, Any]]) -> FinishedFile:
        """Write the new file and read it again. Raises DamagedMonth, StorageError, OSError."""
        # Another zlib packs otherwise: the same name would then stand for other bytes.
        origin = "".join([zlib.ZLIB_RUNTIME_VERSION, *(entry["sha256"] for entry in replaced)])
        inputs = hashlib.sha256(origin.encode()).hexdigest()
        stamp = max(stem_of(entry["file"]).split("-")[2] for entry in replaced)
        name = f"{folder_of(outlet, month)}khobor-{outlet}-{stamp}-{inputs[:12]}-compacted{SUFFIX}"
        written, read = _Passed(), _Passed()

        def write(stream: BinaryIO) -> None:
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=stream, mtime=0) as packed:
                for entry in replaced:
                    for line in self._lines(entry):
                        written.add(line)
                        packed.write(line)

        finished = write_final(self._stage, name, write)
        with (self._stage / name).open("rb") as stream:
            for line in lines(stream):
                read.add(line)
        if read.state != written.state:
            raise OSError(f"{self._stage / name} does not hold what was written")
        finished.records = {"rows": read.count}
        return finished

    def _lines(self, entry: dict[str, Any]) -> Iterator[bytes]:
        """Yield the lines of a file that is as its manifest says. Raises DamagedMonth, StorageError, OSError."""
        passed = _Passed()
        try:
            with self._storage.open(entry["file"]) as stream:
                measured = Measured(stream, lambda count: None)
                for line in lines(measured):
                    passed.add(line)
                    yield line
        except DamagedRows as error:
            raise DamagedMonth(f"{entry['file']} is damaged: {error}") from error
        if measured.sha256 != entry["sha256"]:
            raise DamagedMonth(f"{entry['file']} is not what its manifest says (SHA-256)")
        if {"rows": passed.count} != entry["records"] or not passed.is_whole:
            raise DamagedMonth(f"{entry['file']} has {passed.count} whole rows, its manifest says {entry['records']}")

    def _publish(self, manifest: dict[str, Any], path: Path) -> None:
        """File, manifest, then the old files: in this order each row counts once whenever it ends."""
        (new,) = manifest["files"]
        staged = self._stage / new["file"]
        if staged.exists():
            self._storage.put(staged, new["file"])
        self._storage.put(path, path.relative_to(self._stage).as_posix())
        if self._storage.head(new["file"]) != new["bytes"]:
            raise OSError(f"{new['file']} in {self._storage.url} is not what was put")
        for key in replaced_by(manifest):
            self._storage.remove(key)
        staged.unlink(missing_ok=True)
        path.unlink()


class _Passed:
    """Counts and hashes the lines that pass."""

    def __init__(self) -> None:
        self.count = 0
        self.is_whole = True
        self._hasher = hashlib.sha256()

    def add(self, line: bytes) -> None:
        self.is_whole = line.endswith(b"\n")
        self.count += self.is_whole
        self._hasher.update(line)

    @property
    def state(self) -> tuple[int, str]:
        return self.count, self._hasher.hexdigest()


def entries_of(storage: Storage, outlet: str, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return by file what manifests in the archive say of row files; those that none names are missing."""
    found: dict[str, dict[str, Any]] = {}
    wanted = set(keys)
    for key in keys:
        _enter(found, manifest_in(storage, manifest_of(key)), wanted)
    if missing := wanted - found.keys():
        # A dead run's files are in the manifest of the run that recovered them.
        for manifest in _manifests(storage, outlet, since=min(manifest_of(key) for key in missing)):
            _enter(found, manifest_in(storage, manifest), wanted)
            if found.keys() == wanted:
                break
    return found


def _enter(found: dict[str, dict[str, Any]], manifest: dict[str, Any] | None, wanted: set[str]) -> None:
    for entry in manifest["files"] if manifest else ():
        if entry["file"] in wanted:
            found[entry["file"]] = {name: value for name, value in entry.items() if name != "recovered"}


def _manifests(storage: Storage, outlet: str, since: str) -> Iterator[str]:
    keys = [key for key, _ in storage.list("manifest/")]
    return (key for key in keys if key >= since and stem_of(key).startswith(f"khobor-{outlet}-"))


def _write_json(stream: BinaryIO, value: object) -> None:
    stream.write(json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n")
