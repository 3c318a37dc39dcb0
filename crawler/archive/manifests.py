"""Which finished files of a spool closed runs name.

Manifests and run files: that they are whole, and what they say of the other files.

The growing files of one run: WARC, index and rows in the spool, each `.open` until it is finished.

The two small files that close a run: what it did, and a manifest of what it leaves."""

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


class Named(NamedTuple):
    """A file that a manifest names: its SHA-256, and the dead run that had begun it, if it is none of its own."""

    file: str
    sha256: str
    recovered_from: str | None = None


def closed_runs(spool: Path, outlet: str) -> Iterator[tuple[Path, list[Named]]]:
    """Yield the manifests of an outlet's closed runs with the files they name, and run files that name none.

    Raises ValueError for a damaged one, OSError.
    """
    for path in sorted((spool / "manifest").rglob(f"khobor-{outlet}-*.json")):
        # One may be brought up, and gone, at this moment.
        with suppress(FileNotFoundError):
            yield path, named_in(path.read_bytes(), path)
    for path in sorted((spool / "runs").rglob(f"khobor-{outlet}-*.json")):
        with suppress(FileNotFoundError):
            if not files_in(path.read_bytes(), path):
                yield path, []


def closed_by(report: Path, named: Collection[Named]) -> set[str]:
    """Return the runs that a manifest closes, or a run file that names none: its own, and those it took over."""
    files = (Path(one.file) for one in named)
    recovered = (one.recovered_from for one in named if one.recovered_from)
    return {report.stem, *recovered, *(file.stem for file in files if file.parts[0] == "runs")}


def named_in(data: bytes, path: Path) -> list[Named]:
    """Return the files that a manifest names. Raises ValueError for a damaged one."""
    return [_named(entry, path) for entry in files_in(data, path)]


def files_in(data: bytes, path: Path) -> list[Any]:
    """Return what a manifest or run file has for the files of its run. Raises ValueError for a damaged one."""
    try:
        files = parsed(data)["files"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(files, list):
        raise ValueError(f"{path} is damaged: it names no files")
    return files


def _named(entry: Any, path: Path) -> Named:
    name, sha256 = (entry.get(key) if isinstance(entry, dict) else None for key in ("file", "sha256"))
    if not isinstance(name, str) or not is_key(name) or not isinstance(sha256, str):
        raise ValueError(f"{path} is damaged: it names {entry}")
    recovered = entry.get("recovered")
    run = recovered.get("run") if isinstance(recovered, dict) else None
    return Named(name, sha256, run if isinstance(run, str) else None)


# Of a manifest with a hundred thousand files.
DOCUMENT_BYTES = 32 << 20
ENTRY_KEYS = ["file", "bytes", "sha256", "records", "first", "last"]
SHA256 = re.compile(r"[0-9a-f]{64}")


def entries_of(manifest: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the entries of a manifest's files and of the files that they replace. Raises ValueError."""
    files, replaced = manifest.get("files"), manifest.get("replaces", [])
    if not all(isinstance(entries, list) and all(map(is_entry, entries)) for entries in (files, replaced)):
        raise ValueError("it names no files")
    return files or [], replaced


def is_entry(entry: object) -> bool:
    """Tell whether something is what a manifest says of a file."""
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


Convert = Callable[[BinaryIO, BinaryIO], None]


@dataclass(slots=True)
class FinishedFile:
    """A file that will not change again, as the manifest tells of it."""

    file: str
    bytes: int
    sha256: str
    records: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None
    recovered: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the manifest's entry; `recovered` is there only when a dead run had begun the file."""
        return {name: value for name, value in asdict(self).items() if name != "recovered" or value}


def write_final(spool: Path, name: str, write: Callable[[BinaryIO], None]) -> FinishedFile:
    """Make the finished file `name` appear durably with what `write(stream)` writes. Raises OSError."""
    final = spool / name
    make_directory(final.parent)
    growing = final.with_name(final.name + PARTIAL)
    with growing.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        write(stream)
        stream.flush()
        os.fsync(stream.fileno())
        # Before the rename: a finished file may be brought up, and gone, at any moment.
        finished = FinishedFile(name, growing.stat().st_size, digest_of(growing))
        growing.rename(final)
    sync_path(final.parent)
    return finished


def compress(source: BinaryIO, target: BinaryIO) -> None:
    """Write what is left of a stream as gzip: the same bytes whenever and wherever it is done."""
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=target, mtime=0) as packed:
        shutil.copyfileobj(source, packed, 1 << 20)


def _sort(source: BinaryIO, target: BinaryIO) -> None:
    target.writelines(sorted(source))


def write_run(spool: Path, run: str, started: datetime, facts: Mapping[str, Any]) -> FinishedFile:
    """Write `runs/YYYY/MM/RUN.json` durably. Raises OSError."""
    return _write_json(spool, f"runs/{_month(started)}/{run}.json", facts)


def write_manifest(spool: Path, run: str, outlet: str, started: datetime, files: list[FinishedFile]) -> FinishedFile:
    """Write `manifest/YYYY/MM/RUN.json`: SHA-256, bytes, record counts and dates of every file of the run."""
    manifest = {"run": run, "outlet": outlet, "files": [file.as_json() for file in files]}
    return _write_json(spool, f"manifest/{_month(started)}/{run}.json", manifest)


def _write_json(spool: Path, file: str, value: Mapping[str, Any]) -> FinishedFile:
    text = json.dumps(value, ensure_ascii=False, indent=1, default=_plain)

    def write(stream: BinaryIO) -> None:
        stream.write(text.encode() + b"\n")

    return write_final(spool, file, write)


def _plain(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y/%m}"
