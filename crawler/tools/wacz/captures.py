"""The records of a capture, byte for byte, by ranged reads of their WARC, and the index of a WARC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from crawler.archive.cdxj import LINE_BYTES, entry_of
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
MAIN = ("response", "revisit")
COMPANIONS = ("request", "metadata")
LARGEST = (1 << 63) - 1
INDEX_FIELDS = ("url", "mime", "status", "offset")


@dataclass(slots=True)
class StoredCapture:
    """Adjacent records of one exchange; `entity` is the digest of the main record's entity, or that in its metadata."""

    file: str
    main: StoredRecord
    contents: RecordContents
    raw: IO[bytes]
    facts: dict[str, str] = field(default_factory=dict)
    entity: str | None = field(init=False)
    length: int = field(init=False)

    def __post_init__(self) -> None:
        self.entity, self.length = self.contents.entity, self.main.length

    @property
    def place(self) -> str:
        return f"{self.file} at {self.main.offset}"

    @property
    def record(self) -> str:
        return self.main.get("WARC-Record-ID")

    def add(self, companion: StoredRecord, contents: RecordContents) -> None:
        self.length += companion.length
        if companion.kind == "metadata":
            self.facts = companion.warc_fields()
            self.entity = self.entity or contents.entity

    def check_line(self, line: str) -> None:
        """Raise ExportFailed if a line of the index does not describe the main record."""
        # The metadata of a revisit may be missing after a crash.
        digest = self.entity or str(entry_of(line.encode()).get("digest"))
        if line != expected_line(self.file, self.main, self.contents, digest):
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
    """Return the response or revisit at a place with its request and metadata. Raises ExportFailed."""
    capture = _read(storage, file, offset, COMPANIONS)
    if capture.main.kind not in MAIN:
        raise ExportFailed(f"{capture.place}: expected a response or revisit, found a {capture.main.kind} record")
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
            capture = StoredCapture(file, main, _checked(file, main), copied.copy)
            _gather(storage, capture, records, companions)
            return capture
    except FileNotFoundError as error:
        raise ExportFailed(f"{file} is not in the archive, but a row or record refers to it") from error
    except DamagedRecord as error:
        raise ExportFailed(f"{file} {error}") from error


def _gather(
    storage: Storage, capture: StoredCapture, records: Iterator[StoredRecord], companions: tuple[str, ...]
) -> None:
    """Add the records that follow the main record. A recovered file may lack some."""
    record = None
    for kind in companions:
        record = record or next(records, None)
        if record is None:
            break
        if record.kind == kind and capture.record in record.all("WARC-Concurrent-To"):
            capture.add(record, _checked(capture.file, record))
            record = None
        else:
            raise ExportFailed(f"{capture.file} at {record.offset}: the {kind} record of {capture.record} is missing")


def _checked(file: str, record: StoredRecord) -> RecordContents:
    contents = contents_of(record)
    for problem in digest_problems(record, contents):
        raise ExportFailed(f"{file} at {record.offset}: {problem}")
    return contents


class FileIndex:
    """A WARC's index lines at some offsets, and its redirects. Raises ExportFailed, also for another SHA-256."""

    def __init__(self, storage: Storage, file: str, wanted: set[int], sha256: str | None = None) -> None:
        self.file = file
        self._lines: dict[int, str] = {}
        self._redirects: dict[str, list[int]] = {}
        for line, fields in index_lines(storage, file, sha256):
            offset = int(fields["offset"])
            is_redirect = fields["status"].startswith("3") and fields["mime"] != "warc/revisit"
            if is_redirect:
                self._redirects.setdefault(fields["url"], []).append(offset)
            if is_redirect or offset in wanted:
                self._lines[offset] = line

    def line(self, offset: int) -> str:
        if offset not in self._lines:
            raise ExportFailed(f"{index_of(self.file)} has no line for the record at {offset} of {self.file}")
        return self._lines[offset]

    def redirect(self, url: str, before: int) -> int | None:
        """Return the offset of the last redirect from an address before another record."""
        return max((offset for offset in self._redirects.get(url, []) if offset < before), default=None)


def index_lines(storage: Storage, file: str, sha256: str | None = None) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the lines of a WARC's index with their fields. Raises ExportFailed."""
    key = index_of(file)
    try:
        with storage.open(key) as stream:
            measured = Measured(stream, lambda count: None)
            while line := measured.readline(LINE_BYTES):
                fields = parsed(line.split(b" ", 2)[2])
                if not 0 <= int(fields["offset"]) <= LARGEST:
                    raise ValueError(f"offset {fields['offset']}")
                yield line.decode("ascii").removesuffix("\n"), {name: str(fields[name]) for name in INDEX_FIELDS}
        check_digest(key, measured, sha256)
    except FileNotFoundError as error:
        raise ExportFailed(f"{key} is not in the archive") from error
    except (ValueError, LookupError, TypeError) as error:
        raise ExportFailed(f"{key} is damaged: {error!r}") from error
