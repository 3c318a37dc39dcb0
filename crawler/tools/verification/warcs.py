"""A WARC with its index beside it, each read once.

Bytes of a WARC that carry no content: how that of a gzip member was packed."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from crawler.archive.members import STEP_BYTES, member, stored_member
from crawler.archive.message import READ_BYTES
from crawler.archive.records import HTTP_VERSION
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.system.files import Measured
from crawler.tools.verification.book import Book
from crawler.tools.verification.contents import RecordContents, contents_of, digest_problems, fields_of
from crawler.tools.verification.fields import field_problems
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.index import IndexCheck
from crawler.tools.verification.pairs import PairCheck

ANSWERS = ("response", "revisit")

# What the metadata of a revisit says of the entity.
METADATA = """(SELECT metadata.entity FROM members JOIN links ON links.source = members.id
    JOIN members AS metadata ON metadata.id = links.target
    WHERE members.offset = revisits.offset AND metadata.kind = 'metadata')"""


@dataclass(slots=True)
class Facts:
    """What a file was found to hold, to be compared with its manifest."""

    bytes: int
    sha256: str
    records: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None
    damaged: bool = False


class WarcCheck:
    """One WARC on its way through; `index` is None when it has none."""

    def __init__(
        self, book: Book, report: Verdicts, key: str, index: IndexCheck | None, progress: Callable[[int], None]
    ) -> None:
        self.key = key
        self._book = book
        self._holdings = book.holdings
        self._scratch = book.scratch
        self._report = report
        self._index = index
        self._progress = progress
        self._warcinfo = ""
        self._damaged = False
        self._counts: Counter[str] = Counter()
        self._first: str | None = None
        self._last: str | None = None
        self._scratch.run("DELETE FROM members")
        self._scratch.run("DELETE FROM links")

    def check(self, size: int, recovered: bool, mended: bool) -> Facts:
        """Read the file. Raises OSError, StorageError."""
        with self._holdings.open(self.key) as stream:
            measured = Measured(stream, self._progress)
            for record in self._records(measured, size):
                self._take(record)
            measured.drain()
        if not self._warcinfo and not self._damaged:
            self._report.add(self.key, 0, "the file does not begin with a warcinfo record")
        PairCheck(self._scratch, self._report, self.key, self._damaged or mended, recovered).check()
        self._complete_revisits(recovered)
        counts = dict(self._counts)
        if not self._damaged:
            # Each exchange has one metadata record.
            self._scratch.run("INSERT OR IGNORE INTO counted VALUES (?, ?)", self.key, counts.get("metadata", 0))
        return Facts(measured.bytes, measured.sha256, counts, self._first, self._last, self._damaged)

    def _records(self, stream: Measured, size: int) -> Iterator[StoredRecord]:
        """Yield what can be read: after a damaged record, from the next one that the index knows."""
        offset: int | None = 0
        with ExitStack() as stack:
            source = cast(BinaryIO, stream)
            while offset is not None:
                try:
                    yield from walk(source, offset)
                    return
                except DamagedRecord as damage:
                    self._damaged = True
                    offset = self._index.offset_after(damage.offset, size) if self._index else None
                    rest = "" if offset else "; nothing from here on could be read"
                    self._report.add(self.key, damage.offset, damage.problem + rest, is_cause=True)
                stack.pop_all().close()
                if offset is not None:
                    source = stack.enter_context(self._holdings.open(self.key, offset))

    def _take(self, record: StoredRecord) -> None:
        contents = contents_of(record)
        for problem in (*field_problems(record), *self._place_problems(record), *digest_problems(record, contents)):
            self._report.add(self.key, record.offset, problem)
        self._report.records += 1
        self._counts[record.kind] += 1
        entity, line = contents.entity, None
        if record.kind in ANSWERS and self._index is not None:
            entity, line = self._index.match(self.key, record, contents)
        self._remember(record, contents, entity, line)

    def _place_problems(self, record: StoredRecord) -> Iterator[str]:
        """Yield what is wrong with a record at its place: the first is a warcinfo, the others name it."""
        identifier = record.get("WARC-Record-ID")
        if record.kind == "warcinfo":
            if record.offset:
                yield "a warcinfo record stands inside of the file"
            name = self.key.rpartition("/")[2]
            if record.get("WARC-Filename") != name:
                yield f"WARC-Filename is {record.get('WARC-Filename')}, the file's name is {name}"
            self._warcinfo = self._warcinfo or identifier
            run = fields_of(record).get("run")
            self._scratch.run("UPDATE files SET run = ? WHERE key = ?", run, self.key)
        elif record.offset == 0:
            yield "the file does not begin with a warcinfo record"
            self._warcinfo = record.get("WARC-Warcinfo-ID")
        elif self._warcinfo and record.get("WARC-Warcinfo-ID") != self._warcinfo:
            yield "WARC-Warcinfo-ID is not that of the file's warcinfo record"
        else:
            # The warcinfo itself may be damaged.
            self._warcinfo = record.get("WARC-Warcinfo-ID")

    def _remember(self, record: StoredRecord, contents: RecordContents, entity: str | None, line: int | None) -> None:
        identifier, uri, date = (record.get(f"WARC-{name}") for name in ("Record-ID", "Target-URI", "Date"))
        self._check_unique(record, identifier, contents)
        if record.kind == "warcinfo":
            return
        self._first, self._last = min(self._first or date, date), max(self._last or date, date)
        run = self._scratch.run
        cut = record.get("WARC-Truncated") if record.kind == "response" else contents.cut
        said = (identifier, record.offset, record.kind, uri, date)
        facts = (entity, line, cut, record.get("WARC-IP-Address"), contents.confirms, _security(record))
        run("INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *said, *facts)
        for other in record.all("WARC-Concurrent-To"):
            run("INSERT OR IGNORE INTO links VALUES (?, ?)", identifier, other)
        if record.kind == "revisit":
            refers = (record.get(f"WARC-Refers-To{part}") for part in ("", "-Target-URI", "-Date"))
            place = (self.key, record.offset, date)
            payload = record.get("WARC-Payload-Digest") or None
            told = (entity, payload, contents.codings)
            run("INSERT INTO revisits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *place, *refers, *told)

    def _check_unique(self, record: StoredRecord, identifier: str, contents: RecordContents) -> None:
        taken = self._book.remember(self.key, record, contents)
        if taken is not None:
            self._report.add(self.key, record.offset, f"WARC-Record-ID {identifier} is also that of {taken}")

    def _complete_revisits(self, recovered: bool) -> None:
        """Take what a revisit's original holds from its metadata rather than from its index line."""
        if recovered:
            # Where a crash cut off the metadata, its index line was made without that.
            self._scratch.run(f"UPDATE revisits SET entity = NULL WHERE file = ? AND {METADATA} IS NULL", self.key)
        self._scratch.run(f"UPDATE revisits SET entity = coalesce({METADATA}, entity) WHERE file = ?", self.key)


def _security(record: StoredRecord) -> str | None:
    """Return what a message's record says of the connection besides HTTP, whose version each message has its own of."""
    if record.kind == "metadata":
        return None
    below = [protocol for protocol in record.all("WARC-Protocol") if not HTTP_VERSION.fullmatch(protocol.upper())]
    return " ".join([*below, record.get("WARC-Cipher-Suite")])


GZIP = zlib.MAX_WBITS | 16
LONGEST_BYTES = 1 << 25


def altered_member(stream: BinaryIO, places: Iterable[tuple[int, int]]) -> int | None:
    """Return the offset of the member that is not as our writer packs its content, None when that can't be told.

    `places` are offset and length of all members in their order; each can be read.
    """
    found = []
    for offset, packed in _members(stream, places):
        if not _is_ours(packed):
            found.append(offset)
    # Where several differ, another version of the compressor has packed them, or one for another processor.
    return found[0] if len(found) == 1 else None


def _members(stream: BinaryIO, places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    """Yield those that are not longer than any download may be by default, and some."""
    at = 0
    for offset, length in places:
        while at < offset:
            passed = len(stream.read(min(STEP_BYTES, offset - at)))
            if not passed:
                return  # it has become shorter meanwhile
            at += passed
        if length < LONGEST_BYTES:
            packed = stream.read(length)
            at += length
            yield offset, packed


def _is_ours(packed: bytes) -> bool:
    decompressor = zlib.decompressobj(GZIP)
    content = decompressor.decompress(packed, LONGEST_BYTES)
    pieces = _pieces(content)
    return bool(decompressor.unconsumed_tail) or packed in (member(pieces), stored_member(pieces))


def _pieces(content: bytes) -> list[bytes]:
    """Return a record in the pieces in which it is written."""
    head = content.find(b"\r\n\r\n") + 4
    end = len(content) - 4
    block = [content[start : min(start + READ_BYTES, end)] for start in range(head, end, READ_BYTES)]
    return [content[:head], *(block or [b""]), content[end:]]
