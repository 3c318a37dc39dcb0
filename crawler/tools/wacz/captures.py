"""The records of a capture, byte for byte, by ranged reads of their WARC, and the redirects in a WARC."""

from collections.abc import Iterator, Mapping
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
from crawler.tools.verification.records import RecordContents, contents_of, problems_of

MEMORY_BYTES = 1 << 20
COMPANIONS = ("request", "metadata")


@dataclass(slots=True)
class StoredCapture:
    """Adjacent records of one exchange; `facts` are the fields of its metadata record, `raw` its gzip members."""

    file: str
    main: RecordContents
    raw: IO[bytes]
    length: int
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.file} at {self.offset}"

    @property
    def offset(self) -> int:
        return self.main.record.offset

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
    if capture.main.response is None or capture.main.kind != "response":
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
            capture = StoredCapture(file, _checked(file, main), copied.copy, main.length)
            _gather(capture, records, companions)
            return capture
    except FileNotFoundError as error:
        raise ExportFailed(f"{file} is not in the archive, but a row or record refers to it") from error
    except DamagedRecord as error:
        raise ExportFailed(f"{file} {error}") from error


def _gather(capture: StoredCapture, records: Iterator[StoredRecord], companions: tuple[str, ...]) -> None:
    """Add the records that follow the main record. At the end of a recovered file some may be missing."""
    identifier = capture.main.record.get("WARC-Record-ID")
    for kind in companions:
        if (record := next(records, None)) is None:
            return
        if record.kind != kind or identifier not in record.all("WARC-Concurrent-To"):
            raise ExportFailed(f"{capture.file} at {record.offset}: the {kind} record of {identifier} is missing")
        capture.facts = _checked(capture.file, record).fields
        capture.length += record.length


def _checked(file: str, record: StoredRecord) -> RecordContents:
    contents = contents_of(record)
    for problem in problems_of(contents):
        raise ExportFailed(f"{file} at {record.offset}: {problem}")
    return contents


def redirects_in(storage: Storage, file: str, sha256: str | None) -> dict[str, list[int]]:
    """Return the offsets of a WARC's redirects by address. Raises ExportFailed for an index with another SHA-256."""
    key, redirects = index_of(file), dict[str, list[int]]()
    try:
        with storage.open(key) as stream:
            measured = Measured(stream, lambda count: None)
            while line := measured.readline(LINE_BYTES):
                fields = parsed(line.split(b" ", 2)[2])
                offset = int(fields["offset"])
                if fields["status"].startswith("3"):
                    redirects.setdefault(fields["url"], []).append(offset)
        check_digest(key, measured, sha256)
    except FileNotFoundError as error:
        raise ExportFailed(f"{key} is not in the archive") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ExportFailed(f"{key} is damaged: {error!r}") from error
    return redirects
