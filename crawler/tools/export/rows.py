"""The rows of an archive. Each is read from a file that agrees with its manifest."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from crawler.archive.documents import parsed
from crawler.archive.manifests import entries_of
from crawler.archive.names import name_of
from crawler.archive.rows import folder_of, lines, manifest_in, month_of, row_files
from crawler.archive.storage.base import Storage
from crawler.system.files import Measured
from crawler.tools.export.output import ExportFailed

# The folder of articles of any outlet whose addresses were given by hand.
GIVEN = "urls"

# The most that an article's date may be after its capture; extraction takes no later one.
AHEAD = timedelta(days=2)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")

# A compaction may come between two listings of the archive.
LISTINGS = 3


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `since` to `until`, both included; None is open."""

    since: date | None = None
    until: date | None = None

    def hold(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def first_month(self) -> str:
        """The first month of capture (`2026-11`) that may have articles of these days; empty for any."""
        return f"{max(self.since, date.min + AHEAD) - AHEAD:%Y-%m}" if self.since else ""

    def __str__(self) -> str:
        parts = [f"from {self.since}" if self.since else "", f"to {self.until}" if self.until else ""]
        return " ".join(filter(None, parts)) or "of any day"


class Row(NamedTuple):
    key: str
    number: int
    line: bytes
    fields: dict[str, Any]

    @property
    def place(self) -> str:
        return f"{self.key} line {self.number}"


def malformed(row: Row, error: Exception) -> ExportFailed:
    return ExportFailed(f"{row.place}: malformed row: {error!r}")


def outlet_rows(storage: Storage, outlet: str, digests: dict[str, str] | None = None) -> Iterator[Row]:
    """Yield the rows of an outlet; add the SHA-256 of its manifests' files to `digests`. Raises ExportFailed."""
    for folder in dict.fromkeys((outlet, GIVEN)):
        keys, named = named_rows(storage, folder)
        if digests is not None:
            digests.update(named)
        for key in keys:
            for row in file_rows(storage, key, named.get(key)):
                if folder == outlet or row.fields.get("outlet") == outlet:
                    yield row


def file_rows(storage: Storage, key: str, sha256: str | None) -> Iterator[Row]:
    """Yield the rows of a file; `sha256` is None if no manifest names it. Raises ExportFailed, StorageError."""
    number = 0
    try:
        with storage.open(key) as stream:
            measured = Measured(stream, lambda count: None)
            for number, line in enumerate(lines(measured), 1):
                fields = parsed(line)
                if not isinstance(fields, dict):
                    raise ValueError("not a JSON object")
                yield Row(key, number, line, fields)
        check_digest(key, measured, sha256)
    except ValueError as error:
        raise ExportFailed(f"{key} is damaged at line {number}: {error}") from error


def day_of(row: Mapping[str, Any], zone: tzinfo) -> date:
    """Return a row's day of publication in a zone, or the day it was fetched if it has no date."""
    return moment_of(row["published"]["at"] if row.get("published") else row["fetched_at"]).astimezone(zone).date()


def moment_of(text: str) -> datetime:
    """Return the moment that a row states. Raises ValueError for a text without date, time and zone."""
    if not MOMENT.fullmatch(text):
        raise ValueError(f"{text} is not a time with its zone")
    return datetime.fromisoformat(text)


def manifest_keys(storage: Storage) -> Iterator[tuple[str, str]]:
    """Yield (outlet, key) of each manifest. Raises StorageError."""
    for key, _ in storage.list("manifest/"):
        if name := name_of(key):
            yield name["outlet"], key


def named_rows(
    storage: Storage, outlet: str, since: str = "", manifests: Collection[str] | None = None
) -> tuple[list[str], dict[str, str]]:
    """Return an outlet's valid row files, and the SHA-256 of all files that its manifests name.

    `since` (`2026-10`) limits them to rows captured from that month on. `manifests` are the outlet's manifests, if
    they have been listed. A file without a manifest is of a run that is being uploaded. Raises ExportFailed,
    StorageError.
    """
    for _ in range(LISTINGS):
        if manifests is None:
            manifests = [key for owner, key in manifest_keys(storage) if owner == outlet]
        digests = _digests(storage, manifests, _begun(storage, outlet, since))
        keys = [key for key in _row_files(storage, outlet) if month_of(key) >= since]
        named = {key for key in digests if key.startswith(folder_of(outlet)) and month_of(key) >= since}
        missing, manifests = sorted(named - set(keys)), None
        if not missing:
            return keys, digests
    raise ExportFailed(f"{missing[0]} is named by a manifest but is not in the archive")


def _row_files(storage: Storage, outlet: str) -> list[str]:
    try:
        return row_files(storage, outlet)
    except ValueError as error:
        raise ExportFailed(str(error)) from error


def is_mended(storage: Storage, file: str) -> bool:
    """Return whether records were left out of a WARC when it was recovered. Raises ExportFailed."""
    outlet = file.split("/")[1]
    entries = (entry for owner, key in manifest_keys(storage) if owner == outlet for entry in _entries(storage, key)[0])
    return any(entry["file"] == file and "mended" in entry.get("recovered", ()) for entry in entries)


def check_digest(key: str, stream: Measured, sha256: str | None) -> None:
    """Raise ExportFailed if a file that was read to its end does not have the SHA-256 in its manifest."""
    if sha256 is not None and stream.sha256 != sha256:
        raise ExportFailed(f"{key} is damaged: its SHA-256 differs from its manifest")


def _begun(storage: Storage, outlet: str, since: str) -> str:
    """Return the start (`20261124T101500123`) of the first run that has rows captured from a month on."""
    if not since:
        return ""
    names = (name_of(key) for key, _ in storage.list(folder_of(outlet)) if month_of(key) >= since)
    return min((name["stamp"] for name in names if name), default=since.replace("-", ""))


def _digests(storage: Storage, manifests: Collection[str], begun: str) -> dict[str, str]:
    digests: dict[str, str] = {}
    replaced: set[str] = set()
    for key in manifests:
        if (name := name_of(key)) and name["stamp"] >= begun:
            files, others = _entries(storage, key)
            digests |= {entry["file"]: entry["sha256"] for entry in files}
            replaced |= {entry["file"] for entry in others}
    return {file: digest for file, digest in digests.items() if file not in replaced}


def _entries(storage: Storage, key: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    try:
        return entries_of(manifest_in(storage, key) or {})
    except ValueError as error:
        raise ExportFailed(f"{key} is damaged: {error}") from error
