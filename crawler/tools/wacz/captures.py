"""The records of a capture, byte for byte, by ranged reads of their WARC, and the index of a WARC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from crawler.archive.cdxj import LINE_BYTES
from crawler.archive.documents import parsed
from crawler.archive.names import index_of
from crawler.archive.storage.base import Storage
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.system.files import READ_BYTES, Measured
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import check_digest
from crawler.tools.verification.records import RecordContents, contents_of, digest_problems
from crawler.tools.verification.warcs import expected_line

MEMORY_BYTES = 1 << 20
COMPANIONS = ("request", "metadata")
LARGEST = (1 << 63) - 1


@dataclass(slots=True)
class StoredCapture:
    """Adjacent records of one exchange; `facts` are the fields of its metadata record, `raw` its gzip members."""

    file: str
    main: StoredRecord
    contents: RecordContents
    raw: IO[bytes]
    length: int
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.file} at {self.main.offset}"

    @property
    def record(self) -> str:
        return self.main.get("WARC-Record-ID")

    def check_line(self, line: str) -> None:
        """Raise ExportFailed if a line of the index does not describe the main record."""
        if line != expected_line(self.file, self.main, self.contents, self.contents.entity or ""):
            raise ExportFailed(
                f"{index_of(self.file)}: the line of the record at {self.main.offset} differs from the record"
            )

    def pieces(self) -> Iterator[bytes]:
        """Yield the gzip members as they are in the archive, once."""
        self.raw.seek(0)
        left = self.length
        while left:
            piece = self.raw.read(min(left, READ_BYTES))
            left -= len(piece)
            yield piece
        self.raw.close()


class _CopiedStream:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.copy = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 (the capture closes it)

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self.copy.write(piece)
        return piece


def read_capture(storage: Storage, file: str, offset: int) -> StoredCapture:
    """Return the response at a place with its request and metadata. Raises ExportFailed."""
    capture = _read(storage, file, offset, COMPANIONS)
    if capture.main.kind != "response":
        raise ExportFailed(f"{capture.place}: expected a response, found a {capture.main.kind} record")
    return capture


def read_warcinfo(storage: Storage, file: str) -> StoredCapture:
    first = _read(storage, file, 0, ())
    if first.main.kind != "warcinfo":
        raise ExportFailed(f"{first.place}: the file does not begin with a warcinfo record")
    return first


def _read(storage: Storage, file: str, offset: int, companions: tuple[str, ...]) -> StoredCapture:
    try:
        with storage.open(file, offset) as stream:
            copied = _CopiedStream(stream)
            records = walk(cast(BinaryIO, copied), offset)
            main = next(records, None)
            if main is None:
                raise ExportFailed(f"{file} at {offset}: the file ends before the record")
            capture = StoredCapture(file, main, _checked(file, main), copied.copy, main.length)
            _gather(capture, records, companions)
            return capture
    except FileNotFoundError as error:
        raise ExportFailed(f"{file} is not in the archive, but a row or record refers to it") from error
    except DamagedRecord as error:
        raise ExportFailed(f"{file} {error}") from error


def _gather(capture: StoredCapture, records: Iterator[StoredRecord], companions: tuple[str, ...]) -> None:
    """Add the records that follow the main record. At the end of a recovered file some may be missing."""
    for kind in companions:
        if (record := next(records, None)) is None:
            return
        if record.kind != kind or capture.record not in record.all("WARC-Concurrent-To"):
            raise ExportFailed(f"{capture.file} at {record.offset}: the {kind} record of {capture.record} is missing")
        _checked(capture.file, record)
        capture.length += record.length
        if kind == "metadata":
            capture.facts = record.warc_fields()


def _checked(file: str, record: StoredRecord) -> RecordContents:
    contents = contents_of(record)
    for problem in digest_problems(record, contents):
        raise ExportFailed(f"{file} at {record.offset}: {problem}")
    return contents


class FileIndex:
    """A WARC's index lines at some offsets, and its redirects. Raises ExportFailed, also for another SHA-256."""

    def __init__(self, storage: Storage, file: str, wanted: set[int], sha256: str | None = None) -> None:
        self.file = file
        self._wanted = wanted
        self._lines: dict[int, str] = {}
        self._redirects: dict[str, list[int]] = {}
        key = index_of(file)
        try:
            with storage.open(key) as stream:
                measured = Measured(stream, lambda count: None)
                while line := measured.readline(LINE_BYTES):
                    self._add(line)
            check_digest(key, measured, sha256)
        except FileNotFoundError as error:
            raise ExportFailed(f"{key} is not in the archive") from error
        except (ValueError, LookupError, TypeError) as error:
            raise ExportFailed(f"{key} is damaged: {error!r}") from error

    def line(self, offset: int) -> str:
        if offset not in self._lines:
            raise ExportFailed(f"{index_of(self.file)} has no line for the record at {offset} of {self.file}")
        return self._lines[offset]

    def redirect(self, url: str, before: int) -> int | None:
        """Return the offset of the last redirect from an address before another record."""
        return max((offset for offset in self._redirects.get(url, []) if offset < before), default=None)

    def _add(self, line: bytes) -> None:
        fields = parsed(line.split(b" ", 2)[2])
        offset, is_redirect = int(fields["offset"]), str(fields["status"]).startswith("3")
        if is_redirect:
            self._redirects.setdefault(fields["url"], []).append(offset)
        if is_redirect or offset in self._wanted:
            self._lines[offset] = line.decode("ascii").removesuffix("\n")
