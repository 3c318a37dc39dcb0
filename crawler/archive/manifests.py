"""Finished files of a spool, and the manifests and run files that list them."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from crawler.archive.documents import parsed
from crawler.archive.names import PARTIAL, is_key
from crawler.model.span import rfc3339
from crawler.system.files import digest_of, make_directory, sync_path

# A manifest with a hundred thousand files is smaller.
DOCUMENT_BYTES = 32 << 20
ENTRY_KEYS = ["file", "bytes", "sha256", "records", "first", "last"]
SHA256 = re.compile(r"[0-9a-f]{64}")
Convert = Callable[[BinaryIO, BinaryIO], None]


class Named(NamedTuple):
    """A file that a manifest names: its SHA-256, and the dead run that began it, None if its own run did."""

    file: str
    sha256: str
    recovered_from: str | None = None


def closed_runs(spool: Path, outlet: str) -> Iterator[tuple[Path, list[Named]]]:
    """Yield the manifests of closed runs with their files, then run files without files. Raises ValueError, OSError."""
    for folder in ("manifest", "runs"):
        for path in sorted((spool / folder).rglob(f"khobor-{outlet}-*.json")):
            # Another process may upload and remove it at this moment.
            with suppress(FileNotFoundError):
                entries = document_in(path.read_bytes(), path)["files"]
                if folder == "manifest" or not entries:
                    yield path, [_named(entry, path) for entry in entries]


def closed_by(report: Path, named: Collection[Named]) -> set[str]:
    """Return the runs that a manifest, or a run file without files, closes: its own and those it took over."""
    files = (Path(one.file) for one in named)
    recovered = (one.recovered_from for one in named if one.recovered_from)
    return {report.stem, *recovered, *(file.stem for file in files if file.parts[0] == "runs")}


def named_in(data: bytes, path: Path) -> list[Named]:
    """Return the files that a manifest names. Raises ValueError for a damaged one."""
    return [_named(entry, path) for entry in document_in(data, path)["files"]]


def document_in(data: bytes, path: Path | str) -> dict[str, Any]:
    """Return a manifest or run file, which has a list of files. Raises ValueError for a damaged one."""
    try:
        document = parsed(data)
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("files"), list):
        raise ValueError(f"{path} is damaged: it has no list of files")
    return document


def _named(entry: Any, path: Path) -> Named:
    name, sha256 = (entry.get(key) if isinstance(entry, dict) else None for key in ("file", "sha256"))
    if not isinstance(name, str) or not is_key(name) or not isinstance(sha256, str):
        raise ValueError(f"{path} is damaged: it names {entry!r}")
    recovered = entry.get("recovered")
    run = recovered.get("run") if isinstance(recovered, dict) else None
    return Named(name, sha256, run if isinstance(run, str) else None)


def entries_of(manifest: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the entries of a manifest's files and of the files that they replace. Raises ValueError."""
    files, replaced = manifest.get("files"), manifest.get("replaces", [])
    if not all(isinstance(entries, list) and all(map(is_entry, entries)) for entries in (files, replaced)):
        raise ValueError("it names no files")
    return files or [], replaced


def is_entry(entry: object) -> bool:
    """Return whether a value has the form of a manifest's entry for a file."""
    if not isinstance(entry, dict) or [key for key in entry if key != "recovered"] != ENTRY_KEYS:
        return False
    if not isinstance(entry["file"], str) or not is_key(entry["file"]):
        return False
    digest = isinstance(entry["sha256"], str) and SHA256.fullmatch(entry["sha256"])
    dates = all(entry[name] is None or isinstance(entry[name], str) for name in ("first", "last"))
    recovered = "recovered" not in entry or _is_recovery(entry["recovered"])
    return bool(digest and dates and recovered and type(entry["bytes"]) is int and isinstance(entry["records"], dict))


def _is_recovery(value: object) -> bool:
    if not isinstance(value, dict) or set(value) - {"mended"} != {"run", "cut_bytes"}:
        return False
    run, cut, mended = value["run"], value["cut_bytes"], value.get("mended", True)
    return mended is True and (run is None or isinstance(run, str)) and type(cut) is int and cut >= 0


@dataclass(slots=True)
class FinishedFile:
    """A file that will not change again, and its entry in a manifest."""

    file: str
    bytes: int
    sha256: str
    records: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None
    recovered: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the manifest's entry; it has `recovered` only if a dead run began the file."""
        return {name: value for name, value in asdict(self).items() if name != "recovered" or value}


def write_final(spool: Path, name: str, write: Callable[[BinaryIO], object]) -> FinishedFile:
    """Make the file `name` appear durably with the output of `write(stream)`. Raises OSError."""
    final = spool / name
    make_directory(final.parent)
    growing = final.with_name(final.name + PARTIAL)
    with growing.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        write(stream)
        stream.flush()
        os.fsync(stream.fileno())
        # Before the rename: another process may upload and remove a finished file at any moment.
        finished = FinishedFile(name, growing.stat().st_size, digest_of(growing))
        growing.rename(final)
    sync_path(final.parent)
    return finished


def compress(source: BinaryIO, target: BinaryIO) -> None:
    """Write the rest of a stream as gzip; the same input always gives the same bytes."""
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=target, mtime=0) as packed:
        shutil.copyfileobj(source, packed, 1 << 20)


def sort_lines(source: BinaryIO, target: BinaryIO) -> None:
    target.writelines(sorted(source))


def write_run(spool: Path, run: str, started: datetime, facts: Mapping[str, Any]) -> FinishedFile:
    """Write `runs/YYYY/MM/RUN.json` durably. Raises OSError."""
    return write_json(spool, f"runs/{_month(started)}/{run}.json", facts)


def write_manifest(spool: Path, run: str, outlet: str, started: datetime, files: list[FinishedFile]) -> FinishedFile:
    """Write `manifest/YYYY/MM/RUN.json`: SHA-256, bytes, record counts and dates of every file of the run."""
    manifest = {"run": run, "outlet": outlet, "files": [file.as_json() for file in files]}
    return write_json(spool, f"manifest/{_month(started)}/{run}.json", manifest)


def write_json(spool: Path, file: str, value: Mapping[str, Any]) -> FinishedFile:
    """Write a manifest or run file durably. Raises OSError."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=_plain) + "\n"
    return write_final(spool, file, lambda stream: stream.write(text.encode()))


def _plain(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y/%m}"
