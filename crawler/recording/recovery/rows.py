"""A file of rows that a dead run left: cut after its last whole line, rows without their record taken out."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
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

    @property
    def is_growing(self) -> bool:
        """Tell whether the dead run had not come to finish the file."""
        return self.path.suffix == OPEN

    def walk(self, records: Mapping[str, set[str]]) -> None:
        """Read the rows; `records` are the identifiers in each WARC that was left. Raises OSError."""
        if self.is_growing:
            self._cut()
        for line in self._lines():
            row = json.loads(line)
            pointer = row["warc"]
            if pointer["record_id"] in records.get(pointer["file"], {pointer["record_id"]}):
                self.kept[pointer["record_id"]] = _kept(row)
            elif self.is_growing:
                self._dropped.append(line)

    def finish(self) -> list[FinishedFile]:
        """Give the file its final name and return it; one without a row goes."""
        if self._dropped:
            keep_lines(self.spool, self.path, self._dropped)
        name = self.path.relative_to(self.spool).as_posix()
        finished = []
        if not self.is_growing:
            finished = [FinishedFile(name, self.path.stat().st_size, digest_of(self.path))]
        elif self.kept:
            finished = [write_final(self.spool, name.removesuffix(OPEN) + ".gz", self._write)]
        for file in finished:
            file.records = {"rows": sum(1 for _ in self._lines()) - len(self._dropped)}
            file.recovered = {"run": self.run, "cut_bytes": sum(map(len, self._dropped))}
        if self.is_growing:
            self.path.unlink()
        os.close(self.descriptor)
        return finished

    def release(self) -> None:
        """Leave the file as it is now, to the next recovery."""
        os.close(self.descriptor)

    def _cut(self) -> None:
        """Cut after the last line that is whole: a torn one has no end, or is no JSON."""
        size = 0
        with self.path.open("rb") as stream:
            for line in stream:
                if not line.endswith(b"\n") or not _is_row(line):
                    break
                size += len(line)
        if size < self.path.stat().st_size:
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
    return KeptRow(row["id"], row["version"], row["text_digest"], extractor)


def _is_row(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
