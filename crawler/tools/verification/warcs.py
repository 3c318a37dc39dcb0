"""A WARC file: its records one by one, then its exchanges, and the lines of its index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO, cast

from crawler.archive.captures import CONFIRMED_STATUS, REVISIT_MIME
from crawler.archive.cdxj import LINE_BYTES, entry_of, index_line, offset_of
from crawler.archive.manifests import FinishedFile
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.model.capture import Place
from crawler.system.files import Measured
from crawler.system.terminal import counted
from crawler.tools.verification.exchanges import ANSWERS, ExchangeCheck, ExchangeRecord
from crawler.tools.verification.facts import Facts
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.records import (
    RecordContents,
    contents_of,
    digest_problems,
    facts_of,
    header_problems,
    is_not_modified,
    moment_of,
)


class WarcCheck:
    """Checks one WARC of `size` bytes, as listed; with `recovered` its exchanges may lack records.

    `places` are offset and length of its records, `runs` those of its warcinfos.
    """

    def __init__(
        self, files: ArchiveFiles, facts: Facts, key: str, size: int, index: IndexCheck | None, recovered: bool
    ) -> None:
        self.key = key
        self.places: list[tuple[int, int]] = []
        self.runs: list[str] = []
        self.is_damaged = False
        self._files = files
        self._facts = facts
        self._size = size
        self._index = index
        self._exchanges = ExchangeCheck(facts, key, recovered)
        self._recovered = recovered
        self._warcinfos: set[str] = set()

    def read(self, stream: Measured, found: FinishedFile) -> None:
        """Read the records; count them and find their first and last date."""
        for record in self._records(stream):
            self._take(record)
            found.records[record.kind] = found.records.get(record.kind, 0) + 1
            if record.kind != "warcinfo":
                date = record.get("WARC-Date")
                found.first, found.last = min(found.first or date, date), max(found.last or date, date)
        self._exchanges.end(self._recovered)
        self._facts.add("amounts", 0, len(self.places), 0)
        if not self._warcinfos and not self.is_damaged:
            self._facts.find(self.key, 0, "the file does not begin with a warcinfo record")

    def _records(self, stream: Measured) -> Iterator[StoredRecord]:
        offset: int | None = 0
        with ExitStack() as stack:
            source = cast(BinaryIO, stream)
            while offset is not None:
                try:
                    yield from walk(source, offset)
                    return
                except DamagedRecord as damage:
                    self.is_damaged = True
                    self._exchanges.end(is_cut=True)
                    offset = self._index.offset_after(damage.offset, self._size) if self._index else None
                    rest = "" if offset else "; the rest of the file cannot be read"
                    self._facts.find(self.key, damage.offset, damage.problem + rest, is_cause=True)
                stack.pop_all().close()
                if offset is not None:
                    source = stack.enter_context(self._files.open(self.key, offset))

    def _take(self, record: StoredRecord) -> None:
        contents = contents_of(record)
        places = self._warcinfo_problems(record, contents)
        for problem in (*header_problems(record), *places, *digest_problems(record, contents)):
            self._facts.find(self.key, record.offset, problem)
        self.places.append((record.offset, record.length))
        self._facts.add("records", *facts_of(self.key, record, contents))
        entity, line = contents.entity, None
        if record.kind in ANSWERS and self._index is not None:
            entity, line = self._index.match(self.key, record, contents)
        if record.kind != "warcinfo":
            self._exchanges.add(ExchangeRecord(record, contents, entity, line))

    def _warcinfo_problems(self, record: StoredRecord, contents: RecordContents) -> Iterator[str]:
        if record.kind == "warcinfo":
            name = self.key.rpartition("/")[2]
            if record.get("WARC-Filename") != name:
                yield f"WARC-Filename is {record.get('WARC-Filename')}, the file's name is {name}"
            # Each run that continues a segment writes its own.
            self._warcinfos.add(record.get("WARC-Record-ID"))
            self.runs.append(contents.fields.get("run", ""))
        elif record.offset == 0:
            yield "the file does not begin with a warcinfo record"
        elif record.get("WARC-Warcinfo-ID") not in self._warcinfos and not self.is_damaged:
            # The warcinfo record itself may be damaged.
            yield "WARC-Warcinfo-ID is not that of a warcinfo record before it"


class IndexCheck:
    """The lines of one index; a line is removed when its record is met."""

    def __init__(self, facts: Facts, key: str) -> None:
        self.key = key
        self._facts = facts
        facts.run("DELETE FROM lines")

    def read(self, stream: Measured, found: FinishedFile) -> None:
        """Read the lines, and report those that are out of order or cut."""
        last, position, ordered = b"", 0, True
        while line := stream.readline(LINE_BYTES):
            if ordered and line < last:
                ordered = False
                self._facts.find(self.key, position, "the index is not sorted: this line belongs before the last one")
            if len(line) == LINE_BYTES:
                self._facts.find(self.key, position, f"a line has {LINE_BYTES} bytes or more", is_cause=True)
                return
            if not line.endswith(b"\n"):
                self._facts.find(self.key, position, "the index ends within a line", is_cause=True)
            self._facts.add("lines", position, offset_of(line), line.removesuffix(b"\n"))
            last = line
            position += len(line)

    def match(self, warc: str, record: StoredRecord, contents: RecordContents) -> tuple[str | None, int | None]:
        """Compare a record with its line, which is removed; return the entity's digest and a revisit's position."""
        found = self._facts.one("SELECT position, line FROM lines WHERE offset = ?", record.offset)
        if found is None:
            self._facts.find(warc, record.offset, f"{self.key} has no line for this record")
            return contents.entity, None
        position, line = found
        self._facts.run("DELETE FROM lines WHERE position = ?", position)
        is_revisit = record.kind == "revisit"
        digest = str(entry_of(line).get("digest")) if is_revisit else contents.entity or ""
        expected = expected_line(warc, record, contents, digest)
        if expected is not None and expected.encode() != line:
            self._facts.find(self.key, position, _difference(line, expected.encode(), record.offset))
        return digest, position if is_revisit else None

    def offset_after(self, offset: int, size: int) -> int | None:
        """Return the next offset in the index after a damaged record, whose line is removed."""
        self._facts.run("DELETE FROM lines WHERE offset = ?", offset)
        query = "SELECT min(offset) FROM lines WHERE offset > ? AND offset < ?"
        found: int | None = self._facts.one(query, offset, size)[0]
        return found

    def finish(self, damaged: bool, size: int) -> None:
        """Report the lines without a record; those of a damaged or cut WARC as one finding."""
        if damaged:
            self._report_at_once("offset IS NULL OR offset >= 0", "without a readable record")
        self._report_at_once(f"offset >= {size}", "beyond the end of the WARC")
        for position, line in self._facts.run("SELECT position, line FROM lines ORDER BY position"):
            offset = entry_of(line).get("offset")
            self._facts.find(self.key, position, f"the line names no record, or one named before, at {offset}")

    def _report_at_once(self, condition: str, fault: str) -> None:
        first, count = self._facts.one(f"SELECT min(position), count(*) FROM lines WHERE {condition}")
        if count:
            self._facts.find(self.key, first, f"the index has {counted(count, 'line')} {fault}")
            self._facts.run(f"DELETE FROM lines WHERE {condition}")


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
