"""What a slice holds: the rows published within some days, in a scratch database so that memory stays flat."""

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
from crawler.tools.export.rows import RowDays, day_of, moment_of, outlet_rows
from crawler.tools.verification.rows import digest_problem
from crawler.tools.wacz.captures import LARGEST

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
    """Where a row says that its record stands, and what it says of that."""

    file: str
    offset: int
    record: str
    url: str
    length: int
    digest: str


class MainPage(NamedTuple):
    """The page that a reader is shown first."""

    url: str
    ts: str


class Slice:
    """The pages, captures and index lines of one export; its database is a nameless file, gone when closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(SCHEMA)
        # By file, as manifests give it.
        self.digests: dict[str, str] = {}
        self.first: date | None = None
        self.last: date | None = None

    def close(self) -> None:
        """Give the scratch space back."""
        self._database.close()

    def gather(self, storage: Storage, zones: Mapping[str, tzinfo], days: RowDays) -> None:
        """Take in the rows of some outlets by their days in the outlet's own zone. Raises ExportFailed."""
        for outlet, zone in zones.items():
            for row in outlet_rows(storage, outlet, self.digests):
                try:
                    day, page = day_of(row.fields, zone), _page(row.fields)
                    problem = digest_problem(row.fields) if days.hold(day) else None
                except (KeyError, TypeError, ValueError, OverflowError) as error:
                    raise ExportFailed(f"{row.place}: the row is not as rows are: {error!r}") from error
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
        """The number of pages."""
        return int(self._one("SELECT count(*) FROM page")[0])

    @property
    def days(self) -> RowDays:
        """The first and the last day of which there are pages."""
        first, last = self._one("SELECT min(day), max(day) FROM page")
        return RowDays(date.fromisoformat(first), date.fromisoformat(last))

    @property
    def main_page(self) -> MainPage:
        """The first page of the list."""
        return MainPage(*self._one("SELECT url, at FROM page ORDER BY day, url, at LIMIT 1"))

    def page_lines(self) -> Iterator[str]:
        """Yield the lines of pages.jsonl after its header, oldest first."""
        for line, at in self._database.execute("SELECT line, at FROM page ORDER BY day, url, at"):
            yield json.dumps({**json.loads(line), "ts": at}, ensure_ascii=False, separators=(",", ":"))

    def pointers(self) -> Iterator[Pointer]:
        """Yield the captures in the order in which they stand in the archive."""
        query = "SELECT file, offset, record, url, length, digest FROM page ORDER BY file, offset"
        return map(Pointer._make, self._database.execute(query))

    def date(self, record: str, moment: str) -> None:
        """Give a page the moment of its capture: a row is younger when the page was found unchanged later."""
        self._database.execute("UPDATE page SET at = ? WHERE record = ?", (moment, record))

    def claim(self, file: str, offset: int) -> bool:
        """Tell whether the record at a place is asked for the first time."""
        return self._database.execute("INSERT OR IGNORE INTO copied VALUES (?, ?)", (file, offset)).rowcount == 1

    def add_entry(self, line: str) -> None:
        """Keep an index line."""
        self._database.execute("INSERT INTO entry VALUES (?)", (line,))

    def entries(self) -> Iterator[str]:
        """Yield the index lines in the order of their bytes."""
        return (line for (line,) in self._database.execute("SELECT line FROM entry ORDER BY line"))

    def _one(self, query: str) -> Any:
        return self._database.execute(query).fetchone()


def _page(row: Mapping[str, Any]) -> tuple[str, str, str, str, str, int, int, str]:
    if not all(isinstance(row[name], str) for name in ("url", "title", "text", "fetched_at")):
        raise TypeError("url, title, text or fetched_at is no text")
    warc, url = _pointer(row["warc"]), target_uri(row["url"])
    moment_of(row["fetched_at"])
    page = {
        "id": warc["record_id"].strip("<>").removeprefix("urn:uuid:"),
        "url": url,
        "ts": row["fetched_at"],
        "title": row["title"],
        "text": row["text"],
    }
    line = json.dumps(page, ensure_ascii=False, separators=(",", ":"))
    return warc["record_id"], row["fetched_at"], url, line, *(warc[name] for name in POINTER[1:])


def _pointer(warc: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return where a row points if that may be in an archive. Raises KeyError, TypeError, ValueError."""
    record, file, offset, length, digest = (warc[name] for name in POINTER)
    if not all(isinstance(text, str) for text in (record, file, digest)):
        raise TypeError("warc is no pointer to a record")
    if not all(type(number) is int and 0 <= number <= LARGEST for number in (offset, length)):
        raise ValueError(f"warc points at {offset}, {length} bytes")
    if not is_key(file) or not file.startswith("warc/"):
        raise ValueError(f"{file} is no WARC of an archive")
    return warc
