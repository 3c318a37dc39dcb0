"""The index of a WARC: its lines, compared with the records that they name."""

from __future__ import annotations

from crawler.archive.captures import CONFIRMED_STATUS, REVISIT_MIME
from crawler.archive.cdxj import LINE_BYTES, entry_of, index_line, offset_of
from crawler.archive.warc_reader import StoredRecord
from crawler.model.capture import Place
from crawler.system.files import Measured
from crawler.system.terminal import counted
from crawler.tools.verification.blocks import RecordContents, is_not_modified
from crawler.tools.verification.database import ScratchDatabase
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.headers import moment_of


class IndexCheck:
    """The lines of one index; a line is removed when its record is met."""

    def __init__(self, database: ScratchDatabase, report: Verdicts, key: str) -> None:
        self.key = key
        self._database = database
        self._report = report
        database.run("DELETE FROM lines")

    def load(self, stream: Measured) -> None:
        """Read the lines, and report those that are out of order or cut."""
        last, position, ordered = b"", 0, True
        while line := stream.readline(LINE_BYTES):
            if ordered and line < last:
                ordered = False
                self._report.add(self.key, position, "the index is not sorted: this line belongs before the last one")
            if len(line) == LINE_BYTES:
                self._report.add(self.key, position, f"a line has {LINE_BYTES} bytes or more", is_cause=True)
                return
            if not line.endswith(b"\n"):
                self._report.add(self.key, position, "the index ends within a line", is_cause=True)
            self._database.add("lines", position, offset_of(line), line.removesuffix(b"\n"))
            last = line
            position += len(line)

    def match(self, warc: str, record: StoredRecord, contents: RecordContents) -> tuple[str | None, int | None]:
        """Compare a record with its line, and remove the line.

        Returns the digest of the entity and, if only the line states it, the position of the line.
        """
        found = self._database.one("SELECT position, line FROM lines WHERE offset = ?", record.offset)
        if found is None:
            self._report.add(warc, record.offset, f"{self.key} has no line for this record")
            return contents.entity, None
        position, line = found
        self._database.run("DELETE FROM lines WHERE position = ?", position)
        is_revisit = record.kind == "revisit"
        digest = str(entry_of(line).get("digest")) if is_revisit else contents.entity or ""
        expected = expected_line(warc, record, contents, digest)
        if expected is not None and expected.encode() != line:
            self._report.add(self.key, position, _difference(line, expected.encode(), record.offset))
        return digest, position if is_revisit else None

    def offset_after(self, offset: int, size: int) -> int | None:
        """Return the next offset in the index after a damaged record, whose line is removed."""
        self._database.run("DELETE FROM lines WHERE offset = ?", offset)
        query = "SELECT min(offset) FROM lines WHERE offset > ? AND offset < ?"
        found: int | None = self._database.one(query, offset, size)[0]
        return found

    def finish(self, damaged: bool, size: int) -> None:
        """Report the lines without a record; those of a damaged or cut WARC as one finding."""
        if damaged:
            self._report_at_once("offset IS NULL OR offset >= 0", "without a readable record")
        self._report_at_once("offset >= ?", "beyond the end of the WARC", size)
        for position, line in self._database.run("SELECT position, line FROM lines ORDER BY position"):
            offset = entry_of(line).get("offset")
            self._report.add(self.key, position, f"the line names no record, or one named before, at {offset}")

    def _report_at_once(self, condition: str, fault: str, *values: int) -> None:
        first, count = self._database.one(f"SELECT min(position), count(*) FROM lines WHERE {condition}", *values)
        if count:
            self._report.add(self.key, first, f"the index has {counted(count, 'line')} {fault}")
            self._database.run(f"DELETE FROM lines WHERE {condition}", *values)


def expected_line(warc: str, record: StoredRecord, contents: RecordContents, digest: str) -> str | None:
    """Return the line that a record gives, None if the record is too damaged to give one."""
    date, response = moment_of(record.get("WARC-Date")), contents.response
    if date is None or (response is None and not is_not_modified(record)):
        return None
    try:
        place = Place(record.get("WARC-Target-URI"), record.get("WARC-Record-ID"), warc, record.offset, record.length)
        mime = response.mime if response and record.kind == "response" else REVISIT_MIME
        return index_line(place, date, response.status if response else CONFIRMED_STATUS, mime, digest)
    except ValueError:
        return None  # the address is invalid


def _difference(line: bytes, expected: bytes, offset: int) -> str:
    entry, wanted = entry_of(line), entry_of(expected)
    if line.split(b" ", 2)[:2] != expected.split(b" ", 2)[:2]:
        return f"key or timestamp differs from the record at {offset}"
    names = [name for name in {**wanted, **entry} if wanted.get(name) != entry.get(name)]
    return f"{', '.join(names) or 'the line'} differs from the record at {offset}"
