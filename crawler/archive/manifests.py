"""Finished files of a spool, and the manifests that list them."""

import gzip
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from crawler.archive.documents import parsed
from crawler.archive.names import KINDS, PARTIAL, is_key, key_of, name_of
from crawler.model.span import rfc3339
from crawler.system.files import digest_of, make_directory, sync_path

# The version of the archive's format. Readers refuse another number before the dot.
FORMAT = "1.0"
# The manifest of a compaction with a hundred thousand files is smaller.
DOCUMENT_BYTES = 32 << 20
ENTRY_KEYS = ["file", "bytes", "sha256", "records", "first", "last"]
# Of rows: 6 takes four times as long, in which exchanges pile up in memory; `compact` uses it later.
LEVEL = 4
SHA256 = re.compile(r"[0-9a-f]{64}")
Convert = Callable[[BinaryIO, BinaryIO], None]


class Named(NamedTuple):
    """A file that a manifest names, and its SHA-256."""

    file: str
    sha256: str


def finished_segments(spool: Path, outlet: str) -> list[Path]:
    """Return the manifests of an outlet's finished segments in a spool, oldest first."""
    return sorted((spool / "manifest" / outlet).rglob("khobor-*.json"))


class SegmentFiles(NamedTuple):
    """The files of a segment, in the order of upload, the segments that its manifest names in `after`, and its runs."""

    files: list[Named]
    after: list[str]
    runs: list[str]


def read_segment(path: Path) -> SegmentFiles:
    """Return what the manifest of a segment in the spool says. Raises ValueError, OSError."""
    document = document_in(path.read_bytes(), path)
    named = (Named(entry["file"], entry["sha256"]) for entry in document["files"])
    files = sorted(named, key=lambda one: KINDS.index(one.file.partition("/")[0]))
    return SegmentFiles(files, document["after"], document.get("runs") or [])


def document_in(data: bytes, path: Path | str) -> dict[str, Any]:
    """Return a manifest; each has the lists `replaces`, of entries like those of `files`, and `after`, of segments.

    Raises ValueError for a damaged one, or for one of a newer format.
    """
    try:
        document = parsed(data)
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(document, dict):
        raise ValueError(f"{path} is damaged: it names no files")
    if newer := format_problem(document):
        raise ValueError(f"{path} {newer}")
    for entries in (document.get("files"), document.setdefault("replaces", [])):
        if not isinstance(entries, list) or not all(map(is_entry, entries)):
            raise ValueError(f"{path} is damaged: it names no files")
    if not are_segments(document.setdefault("after", [])):
        raise ValueError(f"{path} is damaged: after is not a list of segments")
    return document


def are_segments(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and name_of(f"{one}.json") for one in value)


def format_problem(document: Mapping[str, Any]) -> str | None:
    """Return the predicate of the sentence about a document of a newer format, None for one that can be read."""
    version = str(document.get("format", FORMAT))
    if version.partition(".")[0] == FORMAT.partition(".")[0]:
        return None
    return f"has format {version}; this khobor reads format {FORMAT}"


def is_entry(entry: object) -> bool:
    """Return whether a value has the form of a manifest's entry for a file; a later minor format may add keys."""
    if not isinstance(entry, dict) or not entry.keys() >= {*ENTRY_KEYS}:
        return False
    if not isinstance(entry["file"], str) or not is_key(entry["file"]):
        return False
    digest = isinstance(entry["sha256"], str) and SHA256.fullmatch(entry["sha256"])
    dates = all(entry[name] is None or isinstance(entry[name], str) for name in ("first", "last"))
    return bool(digest and dates and type(entry["bytes"]) is int and isinstance(entry["records"], dict))


@dataclass(slots=True)
class FinishedFile:
    """A file that will not change again, and its entry in a manifest."""

    file: str
    bytes: int
    sha256: str
    records: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None


def write_final(spool: Path, name: str, write: Callable[[BinaryIO], object]) -> FinishedFile:
    """Make the file `name` appear durably with the output of `write(stream)`. Raises OSError."""
    final = spool / name
    make_directory(final.parent)
    growing = final.with_name(final.name + PARTIAL)
    with growing.open("wb") as stream:
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
    with gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=target, mtime=0) as packed:
        shutil.copyfileobj(source, packed, 1 << 20)


def sort_lines(source: BinaryIO, target: BinaryIO) -> None:
    target.writelines(sorted(source))


def write_manifest(
    spool: Path, segment: str, runs: Sequence[str], files: Sequence[FinishedFile], **facts: object
) -> FinishedFile:
    """Write the manifest of a segment durably: SHA-256, bytes, record counts and dates of its files.

    `facts` are `after`, `cut_bytes` for a recovered segment, `replaces` for a compaction.
    """
    manifest: dict[str, Any] = {"format": FORMAT, "segment": segment, "outlet": segment.split("-")[1]}
    manifest |= {"runs": list(runs), "files": [asdict(file) for file in files], **facts}
    return write_json(spool, key_of("manifest", segment), manifest)


def write_json(spool: Path, file: str, value: Mapping[str, Any]) -> FinishedFile:
    """Write a manifest or run file durably. Raises OSError."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=_plain) + "\n"
    return write_final(spool, file, lambda stream: stream.write(text.encode()))


def _plain(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)
