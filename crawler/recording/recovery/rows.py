"""A dead run's file of rows: damaged rows, and rows without a record, are taken out."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, BinaryIO

from crawler.archive.documents import parsed
from crawler.archive.manifests import FinishedFile, write_final
from crawler.archive.names import OPEN, is_key
from crawler.extraction import EXTRACTOR
from crawler.model.article import Article, label_of
from crawler.recording.recovery.tails import keep_lines
from crawler.state import ARTICLE, Seen
from crawler.system.files import digest_of

# Offset and length of records by ID.
Places = Mapping[str, tuple[int, int]]


@dataclass(slots=True)
class LeftRows:
    """A file and its rows by record ID; the descriptor holds the flock."""

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
        return sum(map(len, self._left_out))

    @property
    def is_growing(self) -> bool:
        return self.path.suffix == OPEN

    def walk(self, records: Mapping[str, Places], is_safe: Callable[[str], bool], others: Container[str]) -> None:
        """Read the rows and take out what can't stay. Raises OSError.

        `records` are those of the left WARC files by name; `is_safe` knows the others. Other files have rows of the
        records `others`.
        """
        for line in self._lines():
            row = row_of(line)
            place = _place(row["warc"], records, is_safe) if row else None
            record = row["warc"]["record_id"] if row else ""
            if row is None or place is None or record in self.kept or record in others:
                self._left_out.append(line)
            else:
                self._keep(row, place)

    def _keep(self, row: dict[str, Any], place: tuple[int, int]) -> None:
        pointer = row["warc"]
        self.kept[pointer["record_id"]] = kept(row)
        if place != (pointer["offset"], pointer["length"]):
            self._places[pointer["record_id"]] = place

    def leave_out(self, record_id: str) -> None:
        if record_id in self.kept:
            self._left_out += (line for line, row in self._rows() if row["warc"]["record_id"] == record_id)
            del self.kept[record_id]

    def finish(self) -> list[FinishedFile]:
        """Give the file its final name and return it; an empty one is removed. Raises OSError."""
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
        """Yield the remaining lines, each once, with their rows."""
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
    places = records.get(pointer["file"])
    if places is not None:
        return places.get(pointer["record_id"])
    return (pointer["offset"], pointer["length"]) if is_safe(pointer["file"]) else None


KEYS = [field.name for field in fields(Article)]
POINTER = {"file": str, "offset": int, "length": int, "record_id": str, "payload_digest": str}
TEXTS = ("id", "outlet", "url", "canonical_url", "title", "text", "text_digest", "fetched_at")
KEPT = ("id", "outlet", "url", "canonical_url", "fetched_at", "version", "text_digest")


@dataclass(frozen=True, slots=True)
class KeptRow:
    """The values of a row that recovery needs."""

    id: str
    outlet: str
    url: str
    canonical_url: str
    fetched_at: str
    file: str
    offset: int
    version: int
    text_digest: str
    extractor: str | None

    def seen(self, record_id: str, key: str, scope: str, run: str) -> Seen:
        values = {name: value for name, value in asdict(self).items() if name not in ("id", "canonical_url")}
        return Seen(key=key, outcome=ARTICLE, scope=scope, run=run, record_id=record_id, **values)


def row_of(line: bytes) -> dict[str, Any] | None:
    """Return the row in a line; None for a line that is torn, damaged or not ours."""
    try:
        row = parsed(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return row if isinstance(row, dict) and _is_ours(row) and _is_whole(row) else None


def kept(row: Mapping[str, Any]) -> KeptRow:
    values = {"file": row["warc"]["file"], "offset": row["warc"]["offset"]}
    values["extractor"] = label_of(row["extractor"])
    return KeptRow(**{name: row[name] for name in KEPT}, **values)


def placed(line: bytes, row: Mapping[str, Any], places: Mapping[str, tuple[int, int]]) -> bytes:
    """Return the line of a row with its record's new place, as repair moves records."""
    pointer = row["warc"]
    if pointer["record_id"] not in places:
        return line
    offset, length = places[pointer["record_id"]]
    moved = {**row, "warc": {**pointer, "offset": offset, "length": length}}
    return json.dumps(moved, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _is_ours(row: Mapping[str, Any]) -> bool:
    if list(row) != KEYS or not all(isinstance(row[name], str) for name in TEXTS):
        return False
    return type(row["version"]) is int and row["version"] > 0 and _is_pointer(row["warc"])


def _is_pointer(pointer: object) -> bool:
    if not isinstance(pointer, dict) or {name: type(value) for name, value in pointer.items()} != POINTER:
        return False
    file: str = pointer["file"]
    return file.startswith("warc/") and is_key(file)


def _is_whole(row: Mapping[str, Any]) -> bool:
    """Return whether title and text match their digest; other extractor versions may fold them differently."""
    from crawler.archive.rows import text_digest  # it imports HTML parsers

    is_other = not EXTRACTOR.made(row["extractor"])
    return is_other or bool(row["text_digest"] == text_digest(row["title"], row["text"]))
