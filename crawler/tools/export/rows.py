"""The rows of an archive, each read from a file that is as its manifest says, and the days they are of.

What the manifests of an archive say of the files that an export reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import chain
from typing import Any, NamedTuple

from crawler.archive.documents import parsed
from crawler.archive.manifests import DOCUMENT_BYTES, is_entry
from crawler.archive.names import name_of
from crawler.archive.rows import folder_of, lines, month_of, row_files
from crawler.archive.storage.base import Storage
from crawler.system.files import Measured
from crawler.tools.export.output import ExportFailed

# Articles of any outlet whose addresses were given by hand.
GIVEN = "urls"

# As much as the date of an article may lie after its capture: extraction takes no later one.
AHEAD = timedelta(days=2)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class RowDays:
    """The days asked for, both included; None is open."""

    since: date | None = None
    until: date | None = None

    def hold(self, day: date) -> bool:
        """Tell whether a day is among them."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def first_month(self) -> str:
        """The first month (`2026-11`) of capture from which there may be articles of these days; empty for any."""
        return f"{max(self.since, date.min + AHEAD) - AHEAD:%Y-%m}" if self.since else ""

    def __str__(self) -> str:
        parts = [f"from {self.since}" if self.since else "", f"to {self.until}" if self.until else ""]
        return " ".join(filter(None, parts)) or "of any day"


class Row(NamedTuple):
    """A row, its line as it stands in a file, and where that is."""

    key: str
    number: int
    line: bytes
    fields: dict[str, Any]

    @property
    def place(self) -> str:
        """The file and the line, for people."""
        return f"{self.key} line {self.number}"


def outlet_rows(storage: Storage, outlet: str, digests: dict[str, str] | None = None) -> Iterator[Row]:
    """Yield every row of an outlet; `digests` learns the SHA-256 of files from their manifests.

    Raises ExportFailed, StorageError, OSError.
    """
    for folder in dict.fromkeys((outlet, GIVEN)):
        keys, named = named_rows(storage, folder)
        if digests is not None:
            digests.update(named)
        for key in keys:
            for row in file_rows(storage, key, named.get(key)):
                if folder == outlet or row.fields.get("outlet") == outlet:
                    yield row


def file_rows(storage: Storage, key: str, sha256: str | None) -> Iterator[Row]:
    """Yield the rows of a file, whose SHA-256 is known if a manifest names it. Raises ExportFailed, StorageError."""
    number = 0
    try:
        with storage.open(key) as stream:
            measured = Measured(stream, lambda count: None)
            for line in lines(measured):
                number += 1
                fields = parsed(line)
                if not isinstance(fields, dict):
                    raise ValueError("no JSON object")
                yield Row(key, number, line, fields)
        check_digest(key, measured, sha256)
    except ValueError as error:
        raise ExportFailed(f"{key} is damaged at line {number}: {error}") from error


def day_of(row: Mapping[str, Any], zone: tzinfo) -> date:
    """Return the day of publication in a zone; for a row without a date, the day on which it was fetched."""
    return moment_of(row["published"]["at"] if row.get("published") else row["fetched_at"]).astimezone(zone).date()


def moment_of(text: str) -> datetime:
    """Return the moment that a row states. Raises ValueError for what is none."""
    if not MOMENT.fullmatch(text):
        raise ValueError(f"{text} is no moment with its zone")
    return datetime.fromisoformat(text)


# A compaction may come between two looks at the archive.
LOOKS = 3


def manifest_keys(storage: Storage) -> Iterator[tuple[str, str]]:
    """Yield (outlet, key) of each manifest. Raises StorageError."""
    for key, _ in storage.list("manifest/"):
        if name := name_of(key):
            yield name["outlet"], key


def named_rows(
    storage: Storage, outlet: str, since: str = "", manifests: Collection[str] | None = None
) -> tuple[list[str], dict[str, str]]:
    """Return the row files of an outlet that count, and the SHA-256 of all files that its manifests name.

    With `since` (`2026-10`) only the rows captured from that month on. `manifests` are those of the outlet where they
    have been listed already. A file that no manifest names yet is of a run that is being brought up. Raises
    ExportFailed, StorageError.
    """
    for _ in range(LOOKS):
        if manifests is None:
            manifests = [key for owner, key in manifest_keys(storage) if owner == outlet]
        digests = _digests(storage, manifests, _begun(storage, outlet, since))
        keys = [key for key in row_files(storage, outlet) if month_of(key) >= since]
        named = {key for key in digests if key.startswith(folder_of(outlet)) and month_of(key) >= since}
        missing, manifests = sorted(named - set(keys)), None
        if not missing:
            return keys, digests
    raise ExportFailed(f"{missing[0]} is not in the archive, though a manifest names it")


def is_mended(storage: Storage, file: str) -> bool:
    """Tell whether records were left out of the middle of a WARC when it was recovered. Raises ExportFailed."""
    manifests = (_manifest(storage, key) for outlet, key in manifest_keys(storage) if outlet == file.split("/")[1])
    entries = chain.from_iterable(manifest["files"] for manifest in manifests)
    return any(entry["file"] == file and "mended" in entry.get("recovered", ()) for entry in entries)


def check_digest(key: str, stream: Measured, sha256: str | None) -> None:
    """Raise ExportFailed unless a file that was read to its end has the SHA-256 that its manifest gives."""
    if sha256 is not None and stream.sha256 != sha256:
        raise ExportFailed(f"{key} is damaged: its SHA-256 is not that of its manifest")


def _begun(storage: Storage, outlet: str, since: str) -> str:
    """Return when the first of the runs began (`20261124T101500123`) that have rows captured from a month on."""
    if not since:
        return ""
    names = (name_of(key) for key, _ in storage.list(folder_of(outlet)) if month_of(key) >= since)
    return min((name["stamp"] for name in names if name), default=since.replace("-", ""))


def _digests(storage: Storage, manifests: Collection[str], begun: str) -> dict[str, str]:
    digests: dict[str, str] = {}
    replaced: set[str] = set()
    for key in manifests:
        if (name := name_of(key)) and name["stamp"] >= begun:
            manifest = _manifest(storage, key)
            digests |= {entry["file"]: entry["sha256"] for entry in manifest["files"]}
            replaced |= {entry["file"] for entry in manifest.get("replaces", [])}
    return {file: digest for file, digest in digests.items() if file not in replaced}


def _manifest(storage: Storage, key: str) -> dict[str, Any]:
    with storage.open(key) as stream:
        data = stream.read(DOCUMENT_BYTES + 1)
    try:
        manifest = parsed(data[:DOCUMENT_BYTES])
        whole = len(data) <= DOCUMENT_BYTES and isinstance(manifest, dict)
        lists = [manifest["files"], manifest.get("replaces", [])] if whole else [None]
    except (ValueError, KeyError) as error:
        raise ExportFailed(f"{key} is damaged: {error!r}") from error
    if not all(isinstance(entries, list) and all(map(is_entry, entries)) for entries in lists):
        raise ExportFailed(f"{key} is damaged: it names no files")
    return dict(manifest)
