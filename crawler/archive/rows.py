"""A page and the rules of its outlet to an article.

Which row files of an archive count: a compaction's file stands for those it replaces, from its manifest on.

A compaction puts its file, then its manifest, then removes what that replaces. Until the manifest is there the new
file counts for nothing; from then on the old ones do, as long as they are still there. So each row counts once at
every moment.


The lines of a row file: one gzip member, from its first byte to the file's last."""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from typing import Any, Protocol

from crawler.archive.documents import parsed
from crawler.archive.storage.base import Storage
from crawler.bengali.text import fold
from crawler.system.files import READ_BYTES


def text_digest(title: str, text: str) -> str:
    """Return `sha256:` and the digest of the folded title and text."""
    return "sha256:" + hashlib.sha256(fold(f"{title}\n{text}").encode()).hexdigest()


SUFFIX = ".jsonl.gz"
MONTH = "crawl_month="
COMPACTION = re.compile(r"khobor-[^/]+-(?P<stamp>\d{8}T\d{9})-[0-9a-f]{12}-compacted")


def folder_of(outlet: str, month: str = "") -> str:
    """Return below which prefix an outlet's row files lie, all of them or those of a month (`2026-10`)."""
    return f"articles/outlet={outlet}/" + (f"{MONTH}{month}/" if month else "")


def month_of(key: str) -> str:
    """Return the month of capture (`2026-10`) that a row file's folder names, empty where it names none."""
    return key.partition(MONTH)[2].partition("/")[0]


def row_files(storage: Storage, outlet: str, month: str = "") -> list[str]:
    """Return the keys of the row files that count, in their order. Raises StorageError, OSError, ValueError."""
    keys = [key for key, _ in storage.list(folder_of(outlet, month)) if key.endswith(SUFFIX)]
    gone: set[str] = set()
    for key in filter(is_compaction, keys):
        manifest = manifest_in(storage, manifest_of(key))
        # Of a compaction without its manifest nothing counts but what it was made of.
        gone.update([key] if manifest is None else replaced_by(manifest))
    return [key for key in keys if key not in gone]


def is_compaction(key: str) -> bool:
    """Tell whether a file, by its name, was made by a compaction."""
    return COMPACTION.fullmatch(stem_of(key)) is not None


def manifest_of(key: str) -> str:
    """Return the manifest that has the same name as a row file: that of its run unless it was recovered."""
    stem = stem_of(key)
    stamp = stem.split("-")[2]
    return f"manifest/{stamp[:4]}/{stamp[4:6]}/{stem}.json"


def manifest_in(storage: Storage, key: str) -> dict[str, Any] | None:
    """Return a manifest, None when it is not there. Raises StorageError, OSError, ValueError."""
    try:
        with storage.open(key) as stream:
            manifest = parsed(stream.read())
    except FileNotFoundError:
        return None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), list):
        raise ValueError(f"{key} is no manifest")
    return manifest


def replaced_by(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield the files that a compaction's manifest says it replaces."""
    return (entry["file"] for entry in manifest.get("replaces", []))


def stem_of(key: str) -> str:
    """Return the name of a file without its folder and suffixes."""
    return key.rpartition("/")[2].partition(".")[0]


LINE_BYTES = 64 << 20


class DamagedRows(ValueError):
    """The file is no gzip member, or not only that."""


class ByteSource(Protocol):
    """What can be read."""

    def read(self, size: int = -1) -> bytes:
        """Read as a file does."""


def lines(stream: ByteSource) -> Iterator[bytes]:
    """Yield the lines with their ends, a longer one than 64 MiB in parts. Raises Damaged where they break off."""
    plain = io.BufferedReader(_Member(stream), READ_BYTES)
    while line := plain.readline(LINE_BYTES):
        yield line


class _Member(io.RawIOBase):
    """What a gzip member holds."""

    def __init__(self, stream: ByteSource) -> None:
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
                raise DamagedRows("it ends within the gzip member")
        if self._inflater.unused_data or self._stream.read(1):
            raise DamagedRows("something stands behind the gzip member")
        return b""
