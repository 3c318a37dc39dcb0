"""Row files: their names, the ones that count, their lines, and the digest of a row's text.

A row file counts from the moment when its manifest is there. A compaction writes its file, then its manifest, then
removes the files that it replaces, which do not count once the manifest is there. So each row counts once at every
moment.
"""

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from crawler.archive.manifests import LEVEL, FinishedFile, document_in, write_final
from crawler.archive.names import ROWS, manifest_of, stem_of
from crawler.archive.storage.base import Storage
from crawler.bengali.text import fold
from crawler.system.files import READ_BYTES, Measured

MONTH = "crawl_month="
COMPACTION = re.compile(r"khobor-[^/]+-(?P<stamp>\d{8}T\d{9})-[0-9a-f]{12}-compacted")
LINE_BYTES = 64 << 20


def text_digest(title: str, text: str) -> str:
    """Return `sha256:` and the digest of the folded title and text."""
    return "sha256:" + hashlib.sha256(fold(f"{title}\n{text}").encode()).hexdigest()


def folder_of(outlet: str, month: str = "") -> str:
    """Return the prefix of an outlet's row files, or of those of a month (`2026-10`)."""
    return f"articles/outlet={outlet}/" + (f"{MONTH}{month}/" if month else "")


def manifests_of(outlet: str, month: str = "") -> str:
    """Return the prefix of an outlet's manifests, or of those of a month."""
    return f"manifest/{outlet}/" + (f"{month.replace('-', '/')}/" if month else "")


def month_of(key: str) -> str:
    """Return the month of capture (`2026-10`) in a row file's folder, "" without one."""
    return key.partition(MONTH)[2].partition("/")[0]


def row_files(storage: Storage, outlet: str, month: str = "") -> list[str]:
    """Return the keys of the row files that count, in their order. Raises StorageError, OSError, ValueError."""
    keys = [key for key, _ in storage.list(folder_of(outlet, month)) if key.endswith(ROWS)]
    named = {stem_of(key) for key, _ in storage.list(manifests_of(outlet, month))}
    counting = [key for key in keys if stem_of(key) in named]
    manifests = (manifest_in(storage, manifest_of(key)) for key in filter(is_compaction, counting))
    gone = {entry["file"] for manifest in manifests if manifest for entry in manifest["replaces"]}
    return [key for key in counting if key not in gone]


def is_compaction(key: str) -> bool:
    return COMPACTION.fullmatch(stem_of(key)) is not None


def manifest_in(storage: Storage, key: str) -> dict[str, Any] | None:
    """Return a manifest, None if it is not there. Raises StorageError, OSError, ValueError."""
    try:
        with storage.open(key) as stream:
            return document_in(stream.read(), key)
    except FileNotFoundError:
        return None


def write_rows(spool: Path, name: str, rows: Iterable[bytes], level: int = LEVEL) -> FinishedFile:
    """Write whole lines as a row file durably; return its entry for a manifest. Raises OSError."""
    count = 0

    def write(stream: BinaryIO) -> None:
        nonlocal count
        with gzip.GzipFile(filename="", mode="wb", compresslevel=level, fileobj=stream, mtime=0) as packed:
            for row in rows:
                packed.write(row)
                count += 1

    finished = write_final(spool, name, write)
    finished.records = {"rows": count}
    return finished


class DamagedRows(ValueError):
    """The file is not exactly one gzip member."""


def lines(stream: BinaryIO | Measured) -> Iterator[bytes]:
    """Yield the lines of a row file with their ends, one longer than 64 MiB in parts. Raises DamagedRows."""
    plain = io.BufferedReader(_Member(stream), READ_BYTES)
    while line := plain.readline(LINE_BYTES):
        yield line


class _Member(io.RawIOBase):
    """The content of a gzip member that is the whole stream."""

    def __init__(self, stream: BinaryIO | Measured) -> None:
        self._stream = stream
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            text = self._inflate(len(buffer))
        except zlib.error as error:
            raise DamagedRows(str(error)) from error
        buffer[: len(text)] = text
        return len(text)

    def _inflate(self, size: int) -> bytes:
        while not self._inflater.eof:
            data = self._inflater.unconsumed_tail or self._stream.read(READ_BYTES)
            if text := self._inflater.decompress(data, size):
                return text
            if not data:
                raise DamagedRows("the file ends within the gzip member")
        if self._inflater.unused_data or self._stream.read(1):
            raise DamagedRows("data after the gzip member")
        return b""
