"""The contents of a WACZ: the rows published on some days, in a scratch database so that memory stays flat."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from crawler.archive.documents import row_check
from crawler.archive.names import is_key
from crawler.archive.records import target_uri
from crawler.model.span import DateRange
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import Row, day_of
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

    def __init__(self) -> None:
        super().__init__(TABLES)

    def add_page(self, row: Row) -> None:
        """Add the page of a row. Raises ExportFailed for a row that nobody can rely on."""
        for problem in _problems(row.fields):
            raise ExportFailed(f"{row.place}: {problem}")
        warc, url, fetched = row.fields["warc"], target_uri(row.fields["url"]), row.fields["fetched_at"]
        page = {"id": warc["record_id"].removeprefix("<urn:uuid:").removesuffix(">"), "url": url, "ts": fetched}
        page |= {"title": row.fields["title"], "text": row.fields["text"]}
        place = (warc["file"], warc["offset"], warc["length"], warc["payload_digest"])
        # Of two rows read from one record the later one counts: it is one page.
        values = (
            warc["record_id"],
            str(day_of(row.fields)),
            fetched,
            url,
            json.dumps(page, ensure_ascii=False),
            *place,
        )
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


def _problems(row: dict[str, Any]) -> Iterator[str]:
    yield from row_check()(row)
    warc = row["warc"]
    if warc is None or not is_key(warc["file"]) or not warc["file"].startswith("warc/"):
        yield "warc does not point to a WARC of an archive"
    if row["fetched_at"] is None:
        yield "fetched_at is null"
    if problem := digest_problem(row):
        yield problem
