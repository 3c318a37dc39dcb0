"""A file of rows that a dead run left: what is no row of ours, or has no record, is taken out."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from crawler.recording.files import FinishedFile, write_final
from crawler.recording.recovery.row import KeptRow, kept, placed, row_of
from crawler.recording.recovery.tails import keep_lines
from crawler.recording.warc import OPEN
from crawler.storage import digest_of

# Where the records of a file stand: offset and length by identifier.
Places = Mapping[str, tuple[int, int]]


@dataclass(slots=True)
class LeftRows:
    """A file and its rows by the identifier of the record they were read from; the descriptor holds the flock."""

    spool: Path
    path: Path
    descriptor: int
    run: str
    kept: dict[str, KeptRow] = field(default_factory=dict)
    _places: dict[str, tuple[int, int]] = field(default_factory=dict)
    _left_out: list[bytes] = field(default_factory=list)
    _is_torn: bool = False

    @property
    def cut_bytes(self) -> int:
        """Bytes of the lines that are left out."""
        return sum(map(len, self._left_out))

    @property
    def is_growing(self) -> bool:
        """Tell whether the dead run had not come to finish the file."""
        return self.path.suffix == OPEN

    def walk(
        self, records: Mapping[str, Places], is_safe: Callable[[str], bool], told: Container[str] = frozenset()
    ) -> None:
        """Read the rows and take out what can't stay. Raises OSError.

        `records` are those in each WARC that was left, by its name; `is_safe` knows the others; of those `told`
        another file has the rows.
        """
        for line in self._lines():
            row = row_of(line)
            place = _place(row["warc"], records, is_safe) if row else None
            record = row["warc"]["record_id"] if row else ""
            if row is None or place is None or record in self.kept or record in told:
                self._left_out.append(line)
            else:
                self._keep(row, place)

    def _keep(self, row: dict[str, Any], place: tuple[int, int]) -> None:
        pointer = row["warc"]
        self.kept[pointer["record_id"]] = kept(row)
        if place != (pointer["offset"], pointer["length"]):
            self._places[pointer["record_id"]] = place

    def leave_out(self, record_id: str) -> None:
        """Leave out the row that was read from a record, if it is among these."""
        if record_id in self.kept:
            self._left_out += (line for line, row in self._rows() if row["warc"]["record_id"] == record_id)
            del self.kept[record_id]

    def finish(self) -> list[FinishedFile]:
        """Give the file its final name and return it; one without a row goes. Raises OSError."""
        if self._left_out:
            keep_lines(self.spool, self.path, self._left_out)
        name = self.path.relative_to(self.spool).as_posix().removesuffix(OPEN)
        finished = []
        if self.kept and (self.is_growing or self._left_out or self._places or self._is_torn):
            finished = [write_final(self.spool, name.removesuffix(".gz") + ".gz", self._write)]
        elif self.kept:
            finished = [FinishedFile(name, self.path.stat().st_size, digest_of(self.path))]
        for file in finished:
            file.records = {"rows": len(self.kept)}
            file.recovered = {"run": self.run, "cut_bytes": self.cut_bytes}
        if self.is_growing or not self.kept:
            self.path.unlink()
        return finished

    def _lines(self) -> Iterator[bytes]:
        with self.path.open("rb") if self.is_growing else gzip.open(self.path) as stream:
            try:
                yield from stream
            except (EOFError, gzip.BadGzipFile, zlib.error):
                self._is_torn = True

    def _rows(self) -> Iterator[tuple[bytes, dict[str, Any]]]:
        """Yield the lines that stay, each once, with their rows."""
        waiting = set(self.kept)
        for line in self._lines():
            row = row_of(line)
            if row and row["warc"]["record_id"] in waiting:
                waiting.remove(row["warc"]["record_id"])
                yield line, row

    def _write(self, target: BinaryIO) -> None:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=target, mtime=0) as packed:
            packed.writelines(placed(line, row, self._places) for line, row in self._rows())


def _place(
    pointer: Mapping[str, Any], records: Mapping[str, Places], is_safe: Callable[[str], bool]
) -> tuple[int, int] | None:
    """Return where the record of a row stands, None when it is nowhere."""
    places = records.get(pointer["file"])
    if places is not None:
        return places.get(pointer["record_id"])
    return (pointer["offset"], pointer["length"]) if is_safe(pointer["file"]) else None
