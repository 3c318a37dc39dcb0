"""The contents of a WACZ: the rows published on some days, in a scratch database so that memory stays flat."""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from crawler.archive.documents import row_check
from crawler.archive.names import is_key
from crawler.archive.records import target_uri
from crawler.archive.storage.base import Storage
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import DateRange, Row, day_of, malformed, moment_of, outlet_rows
from crawler.tools.verification.database import ScratchDatabase
from crawler.tools.verification.rows import digest_problem

TABLES = """
CREATE TABLE page (record TEXT PRIMARY KEY, day TEXT, at TEXT, url TEXT, line TEXT, file TEXT, offset INTEGER,
    length INTEGER, digest TEXT);
CREATE INDEX page_place ON page (file, offset);
CREATE TABLE copied (file TEXT, offset INTEGER, PRIMARY KEY (file, offset)) WITHOUT ROWID;
CREATE TABLE entry (line TEXT);
"""


class Pointer(NamedTuple):
    """The place of a row's record, and the facts that the row states of it."""

    file: str
    offset: int
    record: str
    url: str
    length: int
    digest: str


class Slice(ScratchDatabase):
    """The pages, captures and index lines of one export."""

    def __init__(self, withheld: Collection[str] = ()) -> None:
        """Leave out the articles with `withheld` IDs; `left_out` are those that would be in the export."""
        super().__init__(TABLES)
        self.left_out: set[str] = set()
        self._withheld = withheld
        # SHA-256 by file, from the manifests.
        self.digests: dict[str, str] = {}
        self.first: date | None = None
        self.last: date | None = None

    def gather(self, storage: Storage, outlets: Iterable[str], days: DateRange) -> None:
        """Take the rows of some outlets that are of these days. Raises ExportFailed."""
        for outlet in outlets:
            for row in outlet_rows(storage, outlet, self.digests):
                day = _checked_day(row)
                self.first, self.last = min(self.first or day, day), max(self.last or day, day)
                if days.hold(day) and row.fields["id"] in self._withheld:
                    self.left_out.add(row.fields["id"])
                elif days.hold(day):
                    self._add(row, day)

    def _add(self, row: Row, day: date) -> None:
        if problem := digest_problem(row.fields):
            raise ExportFailed(f"{row.place}: {problem}")
        warc, url, fetched = row.fields["warc"], target_uri(row.fields["url"]), row.fields["fetched_at"]
        page = {"id": warc["record_id"].removeprefix("<urn:uuid:").removesuffix(">"), "url": url, "ts": fetched}
        page |= {"title": row.fields["title"], "text": row.fields["text"]}
        place = (warc["file"], warc["offset"], warc["length"], warc["payload_digest"])
        # Of two rows read from one record the later one counts: it is one page.
        values = (warc["record_id"], str(day), fetched, url, json.dumps(page, ensure_ascii=False), *place)
        self.run("INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)

    @property
    def size(self) -> int:
        return int(self.one("SELECT count(*) FROM page")[0])

    @property
    def days(self) -> DateRange:
        return DateRange(*map(date.fromisoformat, self.one("SELECT min(day), max(day) FROM page")))

    @property
    def main_page(self) -> tuple[str, str]:
        url, moment = self.one("SELECT url, at FROM page ORDER BY day, url, at LIMIT 1")
        return url, moment

    def page_lines(self) -> Iterator[str]:
        for line, at in self.run("SELECT line, at FROM page ORDER BY day, url, at"):
            yield json.dumps({**json.loads(line), "ts": at}, ensure_ascii=False, separators=(",", ":"))

    def pointers(self) -> Iterator[Pointer]:
        query = "SELECT file, offset, record, url, length, digest FROM page ORDER BY file, offset"
        return map(Pointer._make, self.run(query))

    def date(self, record: str, moment: str) -> None:
        """Set a page's time to that of its capture; a row is younger if the page was found unchanged later."""
        self.run("UPDATE page SET at = ? WHERE record = ?", moment, record)

    def claim(self, file: str, offset: int) -> bool:
        """Return whether the record at a place is claimed for the first time."""
        return self.run("INSERT OR IGNORE INTO copied VALUES (?, ?)", file, offset).rowcount == 1

    def entries(self) -> Iterator[str]:
        """Yield the index lines in the order of their bytes."""
        return (line for (line,) in self.run("SELECT line FROM entry ORDER BY line"))


def _checked_day(row: Row) -> date:
    """Return the day of a row that matches the schema and points into an archive. Raises ExportFailed."""
    for problem in row_check()(row.fields):
        raise ExportFailed(f"{row.place}: {problem}")
    warc = row.fields["warc"]
    if warc is None or not is_key(warc["file"]) or not warc["file"].startswith("warc/"):
        raise ExportFailed(f"{row.place}: warc does not point to a WARC of an archive")
    try:
        moment_of(row.fields["fetched_at"])
        return day_of(row.fields)
    except (TypeError, ValueError, OverflowError) as error:
        raise malformed(row, error) from error
