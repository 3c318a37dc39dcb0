"""The contents of a WACZ: the rows published on some days, in a scratch database so that memory stays flat."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date, tzinfo
from typing import Any, NamedTuple

from crawler.archive.names import is_key
from crawler.archive.records import target_uri
from crawler.archive.storage.base import Storage
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import DateRange, day_of, malformed, moment_of, outlet_rows
from crawler.tools.verification.rows import digest_problem

SCHEMA = """
PRAGMA journal_mode = OFF;
CREATE TABLE page (record TEXT PRIMARY KEY, day TEXT, at TEXT, url TEXT, line TEXT, file TEXT, offset INTEGER,
    length INTEGER, digest TEXT);
CREATE INDEX page_place ON page (file, offset);
CREATE TABLE copied (file TEXT, offset INTEGER, PRIMARY KEY (file, offset)) WITHOUT ROWID;
CREATE TABLE entry (line TEXT);
"""
POINTER = ("record_id", "file", "offset", "length", "payload_digest")


class Pointer(NamedTuple):
    """The place of a row's record, and the facts that the row states of it."""

    file: str
    offset: int
    record: str
    url: str
    length: int
    digest: str


class Slice:
    """The pages, captures and index lines of one export, in an unnamed file that disappears when closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(SCHEMA)
        # SHA-256 by file, from the manifests.
        self.digests: dict[str, str] = {}
        self.first: date | None = None
        self.last: date | None = None

    def close(self) -> None:
        self._database.close()

    def gather(self, storage: Storage, zones: Mapping[str, tzinfo], days: DateRange) -> None:
        """Take the rows of some outlets, given with their zones, that are of these days. Raises ExportFailed."""
        for outlet, zone in zones.items():
            for row in outlet_rows(storage, outlet, self.digests):
                try:
                    day, page = day_of(row.fields, zone), _page(row.fields)
                    problem = digest_problem(row.fields) if days.hold(day) else None
                except (KeyError, TypeError, ValueError, OverflowError) as error:
                    raise malformed(row, error) from error
                if problem:
                    raise ExportFailed(f"{row.place}: {problem}")
                self.first, self.last = min(self.first or day, day), max(self.last or day, day)
                if days.hold(day):
                    # Of two rows read from one record the later one counts: it is one page.
                    self._database.execute(
                        "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (page[0], str(day), *page[1:])
                    )

    @property
    def size(self) -> int:
        return int(self._one("SELECT count(*) FROM page")[0])

    @property
    def days(self) -> DateRange:
        return DateRange(*map(date.fromisoformat, self._one("SELECT min(day), max(day) FROM page")))

    @property
    def main_page(self) -> tuple[str, str]:
        url, moment = self._one("SELECT url, at FROM page ORDER BY day, url, at LIMIT 1")
        return url, moment

    def page_lines(self) -> Iterator[str]:
        for line, at in self._database.execute("SELECT line, at FROM page ORDER BY day, url, at"):
            yield json.dumps({**json.loads(line), "ts": at}, ensure_ascii=False, separators=(",", ":"))

    def pointers(self) -> Iterator[Pointer]:
        query = "SELECT file, offset, record, url, length, digest FROM page ORDER BY file, offset"
        return map(Pointer._make, self._database.execute(query))

    def date(self, record: str, moment: str) -> None:
        """Set a page's time to that of its capture; a row is younger if the page was found unchanged later."""
        self._database.execute("UPDATE page SET at = ? WHERE record = ?", (moment, record))

    def claim(self, file: str, offset: int) -> bool:
        """Return whether the record at a place is claimed for the first time."""
        return self._database.execute("INSERT OR IGNORE INTO copied VALUES (?, ?)", (file, offset)).rowcount == 1

    def add_entry(self, line: str) -> None:
        self._database.execute("INSERT INTO entry VALUES (?)", (line,))

    def entries(self) -> Iterator[str]:
        """Yield the index lines in the order of their bytes."""
        return (line for (line,) in self._database.execute("SELECT line FROM entry ORDER BY line"))

    def _one(self, query: str) -> Any:
        return self._database.execute(query).fetchone()


def _page(row: Mapping[str, Any]) -> tuple[str, str, str, str, str, int, int, str]:
    if not all(isinstance(row[name], str) for name in ("url", "title", "text", "fetched_at")):
        raise TypeError("url, title, text or fetched_at is not a text")
    record, *place = _pointer(row["warc"])
    url = target_uri(row["url"])
    moment_of(row["fetched_at"])
    page = {
        "id": record.strip("<>").removeprefix("urn:uuid:"),
        "url": url,
        "ts": row["fetched_at"],
        "title": row["title"],
        "text": row["text"],
    }
    return record, row["fetched_at"], url, json.dumps(page, ensure_ascii=False, separators=(",", ":")), *place


def _pointer(warc: Mapping[str, Any]) -> tuple[str, str, int, int, str]:
    record, file, offset, length, digest = (warc[name] for name in POINTER)
    if not all(isinstance(text, str) for text in (record, file, digest)):
        raise TypeError("warc does not point to a record")
    if not all(type(number) is int and number >= 0 for number in (offset, length)):
        raise ValueError(f"warc points to {offset}, {length} bytes")
    if not is_key(file) or not file.startswith("warc/"):
        raise ValueError(f"{file} is not a WARC of an archive")
    return record, file, offset, length, digest
