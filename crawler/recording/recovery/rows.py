"""A file of rows that a dead run left: cut after its last whole line, rows without their record taken out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from crawler.recording.files import FinishedFile, write_final
from crawler.recording.recovery.tails import keep_aside, keep_lines
from crawler.recording.warc import OPEN
from crawler.storage import digest_of


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What recovery needs to know of a row."""

    id: str
    canonical_url: str
    version: int
    text_digest: str | None
    extractor: str | None


@dataclass(slots=True)
class LeftRows:
    """A file and its rows by the identifier of the record they were read from; the descriptor holds the flock."""

    spool: Path
    path: Path
    descriptor: int
    run: str
    kept: dict[str, KeptRow] = field(default_factory=dict)
    _dropped: list[bytes] = field(default_factory=list)
    _count: int = 0
    _cut_bytes: int = 0

    @property
    def is_growing(self) -> bool:
        """Tell whether the dead run had not come to finish the file."""
        return self.path.suffix == OPEN

    def walk(self, records: Mapping[str, set[str]], is_safe: Callable[[str], bool]) -> None:
        """Read the rows and leave out those without a record. Raises OSError, ValueError.

        `records` are the identifiers in each WARC that was left, `is_safe` knows the others.
        """
        if self.is_growing:
            self._cut()
        for line in self._lines():
            row = json.loads(line)
            pointer = row["warc"]
            found = records.get(pointer["file"])
            if is_safe(pointer["file"]) if found is None else pointer["record_id"] in found:
                self.kept[pointer["record_id"]] = _kept(row)
                self._count += 1
            else:
                self._dropped.append(line)
                self._cut_bytes += len(line)

    def finish(self) -> list[FinishedFile]:
        """Give the file its final name and return it; one without a row goes."""
        if self._dropped:
            keep_lines(self.spool, self.path, self._dropped)
        name = self.path.relative_to(self.spool).as_posix().removesuffix(OPEN)
        finished = []
        if self.kept and (self.is_growing or self._dropped):
            finished = [write_final(self.spool, name.removesuffix(".gz") + ".gz", self._write)]
        elif self.kept:
            finished = [FinishedFile(name, self.path.stat().st_size, digest_of(self.path))]
        for file in finished:
            file.records = {"rows": self._count}
            file.recovered = {"run": self.run, "cut_bytes": self._cut_bytes}
        if self.is_growing or not self.kept:
            self.path.unlink()
        return finished

    def _cut(self) -> None:
        """Cut after the last line that is whole: a torn one has no end, or is no JSON."""
        size = 0
        with self.path.open("rb") as stream:
            for line in stream:
                if not line.endswith(b"\n") or not _is_row(line):
                    break
                size += len(line)
        self._cut_bytes = self.path.stat().st_size - size
        if self._cut_bytes:
            keep_aside(self.spool, self.path, size)

    def _lines(self) -> Iterator[bytes]:
        with self.path.open("rb") if self.is_growing else gzip.open(self.path) as stream:
            yield from stream

    def _write(self, target: BinaryIO) -> None:
        dropped = set(self._dropped)
        with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=target, mtime=0) as packed:
            packed.writelines(line for line in self._lines() if line not in dropped)


def _kept(row: dict[str, Any]) -> KeptRow:
    extractor = row["extractor"]["version"] if row["extractor"] else None
    return KeptRow(row["id"], row["canonical_url"], row["version"], row["text_digest"], extractor)


def _is_row(line: bytes) -> bool:
    try:
        row = json.loads(line)
        return isinstance(row["warc"]["record_id"], str) and isinstance(row["warc"]["file"], str) and bool(_kept(row))
    except (ValueError, KeyError, TypeError):
        return False
