"""A WARC file: its records one by one, then its exchanges, and the lines of its index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import BinaryIO, cast

from crawler.archive.captures import CONFIRMED_STATUS, REVISIT_MIME
from crawler.archive.cdxj import LINE_BYTES, entry_of, index_line, offset_of
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.model.capture import Place
from crawler.system.files import Measured
from crawler.system.terminal import counted
from crawler.tools.verification.database import ScratchDatabase
from crawler.tools.verification.exchanges import ANSWERS, ExchangeCheck, ExchangeRecord
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.findings import Facts, Findings
from crawler.tools.verification.known_records import record_facts
from crawler.tools.verification.measures import FileMeasures
from crawler.tools.verification.records import (
    RecordContents,
    contents_of,
    digest_problems,
    fields_of,
    header_problems,
    is_not_modified,
    moment_of,
)


class WarcCheck:
    """Checks one WARC: with `recovered` its last exchange may lack records.

    `places` are offset and length of its records, `runs` those of its warcinfos.
    """

    def __init__(
        self, files: ArchiveFiles, facts: Facts, findings: Findings, key: str, index: IndexCheck | None, recovered: bool
    ) -> None:
        self.key = key
        self.places: list[tuple[int, int]] = []
        self.runs: list[str] = []
        self._files = files
        self._facts = facts
        self._findings = findings
        self._index = index
        self._exchanges = ExchangeCheck(facts, findings, key, recovered)
        self._recovered = recovered
        self._warcinfos: set[str] = set()
        self._measures = FileMeasures()

    def check(self, progress: Callable[[int], None], size: int) -> FileMeasures:
        measures = self._measures
        with self._files.open(self.key) as stream:
            measured = Measured(stream, progress)
            for record in self._records(measured, size):
                self._take(record)
            measured.drain()
        self._exchanges.end(is_cut=self._recovered)
        measures.bytes, measures.sha256 = measured.bytes, measured.sha256
        if not self._warcinfos and not measures.damaged:
            self._findings.add(self.key, 0, "the file does not begin with a warcinfo record")
        return measures

    def _records(self, stream: Measured, size: int) -> Iterator[StoredRecord]:
        offset: int | None = 0
        with ExitStack() as stack:
            source = cast(BinaryIO, stream)
            while offset is not None:
                try:
                    yield from walk(source, offset)
                    return
                except DamagedRecord as damage:
                    self._measures.damaged = True
                    self._exchanges.end(is_cut=True)
                    offset = self._index.offset_after(damage.offset, size) if self._index else None
                    rest = "" if offset else "; the rest of the file cannot be read"
                    self._findings.add(self.key, damage.offset, damage.problem + rest, is_cause=True)
                stack.pop_all().close()
                if offset is not None:
                    source = stack.enter_context(self._files.open(self.key, offset))

    def _take(self, record: StoredRecord) -> None:
        contents = contents_of(record)
        for problem in (*header_problems(record), *self._place_problems(record), *digest_problems(record, contents)):
            self._findings.add(self.key, record.offset, problem)
        self.places.append((record.offset, record.length))
        measures = self._measures
        measures.records[record.kind] = measures.records.get(record.kind, 0) + 1
        entity, line = contents.entity, None
        if record.kind in ANSWERS and self._index is not None:
            entity, line = self._index.match(self.key, record, contents)
        self._facts.add("records", *record_facts(self.key, record, contents))
        if record.kind != "warcinfo":
            date = record.get("WARC-Date")
            measures.first, measures.last = min(measures.first or date, date), max(measures.last or date, date)
            self._exchanges.add(ExchangeRecord(record, contents, entity, line), is_cut=self._recovered)

    def _place_problems(self, record: StoredRecord) -> Iterator[str]:
        if record.kind == "warcinfo":
            name = self.key.rpartition("/")[2]
            if record.get("WARC-Filename") != name:
                yield f"WARC-Filename is {record.get('WARC-Filename')}, the file's name is {name}"
            # Each run that continues a segment writes its own.
            self._warcinfos.add(record.get("WARC-Record-ID"))
            self.runs.append(fields_of(record).get("run", ""))
            return
        if record.offset == 0:
            yield "the file does not begin with a warcinfo record"
        elif record.get("WARC-Warcinfo-ID") not in self._warcinfos and not self._measures.damaged:
            # The warcinfo record itself may be damaged.
            yield "WARC-Warcinfo-ID is not that of a warcinfo record before it"


class IndexCheck:
    """The lines of one index; a line is removed when its record is met."""

    def __init__(self, database: ScratchDatabase, findings: Findings, key: str) -> None:
        self.key = key
        self._database = database
        self._findings = findings
        database.run("DELETE FROM lines")

    def load(self, stream: Measured) -> None:
        """Read the lines, and report those that are out of order or cut."""
        last, position, ordered = b"", 0, True
        while line := stream.readline(LINE_BYTES):
            if ordered and line < last:
                ordered = False
                self._findings.add(self.key, position, "the index is not sorted: this line belongs before the last one")
            if len(line) == LINE_BYTES:
                self._findings.add(self.key, position, f"a line has {LINE_BYTES} bytes or more", is_cause=True)
                return
            if not line.endswith(b"\n"):
                self._findings.add(self.key, position, "the index ends within a line", is_cause=True)
            self._database.add("lines", position, offset_of(line), line.removesuffix(b"\n"))
            last = line
            position += len(line)

    def match(self, warc: str, record: StoredRecord, contents: RecordContents) -> tuple[str | None, int | None]:
        """Compare a record with its line, which is removed; return the entity's digest and a revisit's position."""
        found = self._database.one("SELECT position, line FROM lines WHERE offset = ?", record.offset)
        if found is None:
            self._findings.add(warc, record.offset, f"{self.key} has no line for this record")
            return contents.entity, None
        position, line = found
        self._database.run("DELETE FROM lines WHERE position = ?", position)
        is_revisit = record.kind == "revisit"
        digest = str(entry_of(line).get("digest")) if is_revisit else contents.entity or ""
        expected = expected_line(warc, record, contents, digest)
        if expected is not None and expected.encode() != line:
            self._findings.add(self.key, position, _difference(line, expected.encode(), record.offset))
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
            self._findings.add(self.key, position, f"the line names no record, or one named before, at {offset}")

    def _report_at_once(self, condition: str, fault: str, *values: int) -> None:
        first, count = self._database.one(f"SELECT min(position), count(*) FROM lines WHERE {condition}", *values)
        if count:
            self._findings.add(self.key, first, f"the index has {counted(count, 'line')} {fault}")
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
