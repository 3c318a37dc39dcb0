"""The records of a capture, byte for byte, by ranged reads of their WARC, and the redirects in a WARC."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO

from crawler.archive.cdxj import LINE_BYTES
from crawler.archive.documents import parsed
from crawler.archive.names import index_of, manifest_of
from crawler.archive.rows import manifest_in
from crawler.archive.storage.base import Storage, unwatched
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.system.files import READ_BYTES, Measured
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import check_digest
from crawler.tools.verification.records import RecordContents, contents_of, problems_of

MEMORY_BYTES = 1 << 20
CAPTURE = ("response", "request", "metadata")


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """Adjacent records of one exchange, or a warcinfo record; `raw` has their gzip members."""

    file: str
    records: list[RecordContents]
    raw: IO[bytes]

    @property
    def main(self) -> RecordContents:
        return self.records[0]

    @property
    def offset(self) -> int:
        return self.main.record.offset

    @property
    def place(self) -> str:
        return f"{self.file} at {self.offset}"

    def fact(self, name: str) -> str:
        """Return a field of the metadata record; "" without one, as at the end of a recovered file."""
        return self.records[-1].fields.get(name, "")

    def pieces(self) -> Iterator[bytes]:
        """Yield the gzip members as they are in the archive, once."""
        with self.raw:
            self.raw.truncate(sum(one.record.length for one in self.records))
            self.raw.seek(0)
            yield from iter(partial(self.raw.read, READ_BYTES), b"")


def read_capture(storage: Storage, file: str, offset: int, kinds: tuple[str, ...] = CAPTURE) -> StoredCapture:
    """Return the record at a place and those that follow, which are of these kinds. Raises ExportFailed."""
    raw = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 (the capture closes it)
    try:
        with storage.open(file, offset) as stream:
            found = islice(walk(Measured(stream, unwatched, raw), offset), len(kinds))
            records = [_checked(file, record, kind) for record, kind in zip(found, kinds, strict=False)]
    except FileNotFoundError as error:
        raise ExportFailed(f"{file} is not in the archive, but a row or record refers to it") from error
    except DamagedRecord as error:
        raise ExportFailed(f"{file} {error}") from error
    if not records:
        raise ExportFailed(f"{file} at {offset}: the file ends before the record")
    return StoredCapture(file, records, raw)


def _checked(file: str, record: StoredRecord, kind: str) -> RecordContents:
    if record.kind != kind:
        raise ExportFailed(f"{file} at {record.offset}: expected a {kind}, found a {record.kind} record")
    contents = contents_of(record)
    for problem in problems_of(contents):
        raise ExportFailed(f"{file} at {record.offset}: {problem}")
    return contents


def redirects_in(storage: Storage, file: str) -> dict[str, list[int]]:
    """Return the offsets of a WARC's redirects by address. Raises ExportFailed for an index not as in its manifest."""
    key, redirects = index_of(file), dict[str, list[int]]()
    try:
        manifest = manifest_in(storage, manifest_of(file)) or {"files": []}
        digests = {entry["file"]: entry["sha256"] for entry in manifest["files"]}
        with storage.open(key) as stream:
            measured = Measured(stream, unwatched)
            while line := measured.readline(LINE_BYTES):
                fields = parsed(line.split(b" ", 2)[2])
                offset = int(fields["offset"])
                if fields["status"].startswith("3"):
                    redirects.setdefault(fields["url"], []).append(offset)
        check_digest(key, measured, digests.get(key))
    except FileNotFoundError as error:
        raise ExportFailed(f"{key} is not in the archive") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ExportFailed(f"{key} is damaged: {error!r}") from error
    return redirects
