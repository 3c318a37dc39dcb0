"""A WARC file: its records one by one, then its exchanges."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO, cast

from crawler.archive.manifests import FinishedFile
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.system.files import Measured
from crawler.tools.verification.exchanges import ExchangeCheck
from crawler.tools.verification.facts import Facts
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.index import IndexCheck
from crawler.tools.verification.records import RecordContents, contents_of, facts_of, header_problems, problems_of


class WarcCheck:
    """Checks one WARC; with `recovered` its exchanges may lack records. `runs` are those of its warcinfos."""

    def __init__(self, files: ArchiveFiles, facts: Facts, key: str, index: IndexCheck | None, recovered: bool) -> None:
        self.key = key
        self.runs: list[str] = []
        self.is_damaged = False
        self._files = files
        self._facts = facts
        self._index = index
        self._exchanges = ExchangeCheck(facts, key, index, recovered)
        self._warcinfos: set[str] = set()

    def read(self, stream: Measured, found: FinishedFile) -> None:
        """Read the records; count them and find their first and last date."""
        for record in self._records(stream):
            self._take(contents_of(record))
            found.records[record.kind] = found.records.get(record.kind, 0) + 1
            if record.kind != "warcinfo":
                date = record.get("WARC-Date")
                found.first, found.last = min(found.first or date, date), max(found.last or date, date)
        self._exchanges.end()
        self._facts.add("amounts", 0, sum(found.records.values()), 0)
        if not self._warcinfos and not self.is_damaged:
            self._facts.find(self.key, 0, "the file does not begin with a warcinfo record")

    def _records(self, stream: Measured) -> Iterator[StoredRecord]:
        """Yield the records; after a damaged one, go on at the next offset in the index."""
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
                    offset = self._index.offset_after(damage.offset) if self._index else None
                    rest = "" if offset else "; the rest of the file cannot be read"
                    self._facts.find(self.key, damage.offset, damage.problem + rest, is_cause=True)
                stack.pop_all().close()
                if offset is not None:
                    source = stack.enter_context(self._files.open(self.key, offset))

    def _take(self, contents: RecordContents) -> None:
        record = contents.record
        for problem in (*header_problems(record), *self._warcinfo_problems(contents), *problems_of(contents)):
            self._facts.find(self.key, record.offset, problem)
        self._facts.add("records", *facts_of(self.key, contents))
        if record.kind != "warcinfo":
            self._exchanges.add(contents)

    def _warcinfo_problems(self, contents: RecordContents) -> Iterator[str]:
        record = contents.record
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
