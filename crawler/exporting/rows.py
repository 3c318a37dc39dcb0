"""The rows of an archive, each read from a file that is as its manifest says, and the days they are of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from crawler.exporting import ExportFailed
from crawler.exporting.manifests import check_digest, named_rows
from crawler.storage import Storage
from crawler.verification.documents import parsed
from crawler.verification.lines import lines
from crawler.verification.measured import Measured

# Articles of any outlet whose addresses were given by hand.
GIVEN = "urls"
# As much as the date of an article may lie after its capture: extraction takes no later one.
AHEAD = timedelta(days=2)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Days:
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
