"""The records of a capture, byte for byte, by ranged reads of the WARC they stand in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from crawler.archive.documents import parsed
from crawler.archive.names import index_of
from crawler.archive.storage.base import Storage
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.system.files import Measured
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import check_digest, is_mended
from crawler.tools.verification.contents import RecordContents, contents_of, digest_problems
from crawler.tools.verification.index import LINE_BYTES, entry_of, expected_line

MEMORY_BYTES = 1 << 20
COPY_BYTES = 1 << 18
MAIN = ("response", "revisit")
COMPANIONS = ("request", "metadata")
LARGEST = (1 << 63) - 1
INDEX_FIELDS = ("url", "mime", "status", "offset")


@dataclass(slots=True)
class StoredCapture:
    """Adjacent records of one exchange: the main one's fields and bytes, the metadata's fields, and all the bytes.

    `entity` is the digest of what the main record holds; of a revisit, what its metadata says.
    """

    file: str
    offset: int
    main: StoredRecord
    contents: RecordContents
    fields: dict[str, str]
    entity: str | None = None
    facts: dict[str, str] = field(default_factory=dict)
    length: int = 0
    raw: IO[bytes] = field(default_factory=io.BytesIO)

    def check_line(self, line: str) -> None:
        """Raise ExportFailed unless a line of the index is the one that the main record gives."""
        # Of a revisit, what a crash cut off would tell what it holds.
        digest = self.entity or str(entry_of(line.encode()).get("digest"))
        if line != expected_line(self.file, self.main, self.contents, digest):
            raise ExportFailed(f"{index_of(self.file)}: the line of the record at {self.offset} is not what that gives")

    def add(self, companion: StoredRecord, contents: RecordContents) -> None:
        """Take in the record that follows."""
        self.length += companion.length
        if companion.kind == "metadata":
            self.facts = companion.warc_fields()
            self.entity = self.entity or contents.entity

    @property
    def record(self) -> str:
        """The main record's WARC-Record-ID."""
        return self.fields.get("warc-record-id", "")

    def pieces(self) -> Iterator[bytes]:
        """Yield the gzip members as they stand in the archive, once."""
        self.raw.seek(0)
        left = self.length
        while left:
            piece = self.raw.read(min(left, COPY_BYTES))
            left -= len(piece)
            yield piece
        self.raw.close()


def _spool() -> SpooledTemporaryFile[bytes]:
    return SpooledTemporaryFile(max_size=MEMORY_BYTES)


class _Copied:
    """A stream that keeps a copy of what is read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.copy: IO[bytes] = _spool()

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self.copy.write(piece)
        return piece


def read_capture(storage: Storage, file: str, offset: int) -> StoredCapture:
    """Return the response or revisit at a place with its request and metadata. Raises ExportFailed."""
    capture = _read(storage, file, offset, COMPANIONS)
    if capture.fields.get("warc-type") not in MAIN:
        raise ExportFailed(f"{file} at {offset}: a {capture.fields.get('warc-type')} record stands where a page should")
    return capture


def read_warcinfo(storage: Storage, file: str) -> StoredCapture:
    """Return the record that a WARC begins with. Raises ExportFailed."""
    first = _read(storage, file, 0, ())
    if first.fields.get("warc-type") != "warcinfo":
        raise ExportFailed(f"{file} at 0: the file does not begin with a warcinfo record")
    return first


def _read(storage: Storage, file: str, offset: int, companions: tuple[str, ...]) -> StoredCapture:
    try:
        with storage.open(file, offset) as stream:
            copied = _Copied(stream)
            records = walk(cast(BinaryIO, copied), offset)
            capture = _main(file, records, offset)
            _gather(storage, capture, records, companions)
            capture.raw = copied.copy
            return capture
    except FileNotFoundError as error:
        raise ExportFailed(f"{file} is not in the archive, though a row or a record points into it") from error
    except DamagedRecord as error:
        raise ExportFailed(f"{file} {error}") from error


def _main(file: str, records: Iterator[StoredRecord], offset: int) -> StoredCapture:
    main = next(records, None)
    if main is None:
        raise ExportFailed(f"{file} at {offset}: the file ends before the record")
    contents = _checked(file, main)
    fields = {name.lower(): value for name, value in main.fields}
    return StoredCapture(file, offset, main, contents, fields, contents.entity, length=main.length)


def _gather(
    storage: Storage, capture: StoredCapture, records: Iterator[StoredRecord], companions: tuple[str, ...]
) -> None:
    """Add the records that follow the main one. A recovered file may lack some: it was cut, or mended around a gap."""
    record = None
    for kind in companions:
        record = record or next(records, None)
        if record is None:
            break
        if record.kind == kind and capture.record in record.all("WARC-Concurrent-To"):
            capture.add(record, _checked(capture.file, record))
            record = None
        elif not is_mended(storage, capture.file):
            raise ExportFailed(f"{capture.file} at {record.offset}: the {kind} record of {capture.record} is not there")


def _checked(file: str, record: StoredRecord) -> RecordContents:
    """Return what a record holds or tells of. Raises ExportFailed where digests are wrong."""
    contents = contents_of(record)
    for problem in digest_problems(record, contents):
        raise ExportFailed(f"{file} at {record.offset}: {problem}")
    return contents


class FileIndex:
    """The CDXJ lines of one WARC that an export asks for: by offset, and the redirects by address.

    Raises ExportFailed, also when the index has not the SHA-256 that its manifest gives, if there is one.
    """

    def __init__(self, storage: Storage, file: str, wanted: set[int], sha256: str | None = None) -> None:
        self.file = file
        self._lines: dict[int, str] = {}
        self._redirects: dict[str, list[int]] = {}
        for line, fields in index_lines(storage, file, sha256):
            offset = int(fields["offset"])
            if fields["status"].startswith("3") and fields["mime"] != "warc/revisit":
                self._redirects.setdefault(fields["url"], []).append(offset)
            elif offset not in wanted:
                continue
            self._lines[offset] = line

    def line(self, offset: int) -> str:
        """Return the line of a record. Raises ExportFailed."""
        if offset not in self._lines:
            raise ExportFailed(f"{index_of(self.file)} has no line for the record at {offset} of {self.file}")
        return self._lines[offset]

    def redirect(self, url: str, before: int) -> int | None:
        """Return the offset of the last redirect from an address that stands before another record."""
        return max((offset for offset in self._redirects.get(url, []) if offset < before), default=None)


def index_lines(storage: Storage, file: str, sha256: str | None = None) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the lines of a WARC's index with their fields. Raises ExportFailed."""
    key = index_of(file)
    try:
        with storage.open(key) as stream:
            measured = Measured(stream, lambda count: None)
            while line := measured.readline(LINE_BYTES):
                text = line.decode("ascii").removesuffix("\n")
                fields = parsed(line.split(b" ", 2)[2])
                if not 0 <= int(fields["offset"]) <= LARGEST:
                    raise ValueError(f"offset {fields['offset']}")
                yield text, {name: str(fields[name]) for name in INDEX_FIELDS}
        check_digest(key, measured, sha256)
    except FileNotFoundError as error:
        raise ExportFailed(f"{key} is not in the archive") from error
    except (ValueError, LookupError, TypeError) as error:
        raise ExportFailed(f"{key} is damaged: {error!r}") from error
