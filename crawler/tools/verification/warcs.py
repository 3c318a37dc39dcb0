"""A WARC file: its records one by one, then its exchanges and its index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import BinaryIO, cast

from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.system.files import Measured
from crawler.tools.verification.blocks import contents_of, digest_problems, fields_of
from crawler.tools.verification.exchanges import ANSWERS, ExchangeCheck, ExchangeRecord
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.headers import header_problems
from crawler.tools.verification.index import IndexCheck
from crawler.tools.verification.known_records import KnownRecords
from crawler.tools.verification.manifests import FileFacts


class WarcCheck:
    """Checks one WARC; `index` is None if it is missing.

    With `recovered`, the last exchange may lack records that a crash cut off; with `mended`, any may.
    """

    def __init__(
        self, known: KnownRecords, report: Verdicts, key: str, index: IndexCheck | None, recovered: bool, mended: bool
    ) -> None:
        self.key = key
        self._known = known
        self._report = report
        self._index = index
        self._exchanges = ExchangeCheck(known.database, report, key, recovered)
        self._recovered = recovered
        self._mended = mended
        self._warcinfo = ""
        self._facts = FileFacts()

    def check(self, progress: Callable[[int], None], size: int) -> FileFacts:
        """Read the file. Raises OSError, StorageError."""
        facts = self._facts
        with self._known.files.open(self.key) as stream:
            measured = Measured(stream, progress)
            for record in self._records(measured, size):
                self._take(record)
            measured.drain()
        self._exchanges.end(is_cut=self._recovered or self._mended)
        facts.bytes, facts.sha256 = measured.bytes, measured.sha256
        if not self._warcinfo and not facts.damaged:
            self._report.add(self.key, 0, "the file does not begin with a warcinfo record")
        if not facts.damaged:
            # Each exchange has one metadata record.
            self._known.database.add("counted", self.key, facts.records.get("metadata", 0))
        return facts

    def _records(self, stream: Measured, size: int) -> Iterator[StoredRecord]:
        """Yield the readable records: after a damaged one, from the next offset in the index."""
        offset: int | None = 0
        with ExitStack() as stack:
            source = cast(BinaryIO, stream)
            while offset is not None:
                try:
                    yield from walk(source, offset)
                    return
                except DamagedRecord as damage:
                    self._facts.damaged = True
                    self._exchanges.end(is_cut=True)
                    offset = self._index.offset_after(damage.offset, size) if self._index else None
                    rest = "" if offset else "; the rest of the file cannot be read"
                    self._report.add(self.key, damage.offset, damage.problem + rest, is_cause=True)
                stack.pop_all().close()
                if offset is not None:
                    source = stack.enter_context(self._known.files.open(self.key, offset))

    def _take(self, record: StoredRecord) -> None:
        contents = contents_of(record)
        for problem in (*header_problems(record), *self._place_problems(record), *digest_problems(record, contents)):
            self._report.add(self.key, record.offset, problem)
        self._report.records += 1
        self._facts.records[record.kind] = self._facts.records.get(record.kind, 0) + 1
        entity, line = contents.entity, None
        if record.kind in ANSWERS and self._index is not None:
            entity, line = self._index.match(self.key, record, contents)
        if earlier := self._known.add(self.key, record, contents):
            identifier = record.get("WARC-Record-ID")
            self._report.add(self.key, record.offset, f"WARC-Record-ID {identifier} is also that of {earlier}")
        if record.kind != "warcinfo":
            facts, date = self._facts, record.get("WARC-Date")
            facts.first, facts.last = min(facts.first or date, date), max(facts.last or date, date)
            self._exchanges.add(ExchangeRecord(record, contents, entity, line), is_cut=self._mended)

    def _place_problems(self, record: StoredRecord) -> Iterator[str]:
        """Yield where a record is not at its place: the first is a warcinfo record, the others name it."""
        if record.kind == "warcinfo":
            if record.offset:
                yield "a warcinfo record after the beginning of the file"
            name = self.key.rpartition("/")[2]
            if record.get("WARC-Filename") != name:
                yield f"WARC-Filename is {record.get('WARC-Filename')}, the file's name is {name}"
            self._warcinfo = self._warcinfo or record.get("WARC-Record-ID")
            run = fields_of(record).get("run")
            self._known.database.run("UPDATE files SET run = ? WHERE key = ?", run, self.key)
            return
        if record.offset == 0:
            yield "the file does not begin with a warcinfo record"
        elif self._warcinfo and record.get("WARC-Warcinfo-ID") != self._warcinfo:
            yield "WARC-Warcinfo-ID is not that of the file's warcinfo record"
            return
        # The warcinfo record itself may be damaged.
        self._warcinfo = record.get("WARC-Warcinfo-ID")
