"""A file of rows that a dead run left: what is no row of ours, or has no record, is taken out.

A row that a dead run wrote, taken only if it may have been written by us, and as it was."""

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
from crawler.extraction.version import EXTRACTOR
from crawler.model.article import Article
from crawler.recording.recovery.tails import keep_lines
from crawler.state import ARTICLE, Seen
from crawler.system.files import digest_of

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


KEYS = [field.name for field in fields(Article)]
POINTER = {"file": str, "offset": int, "length": int, "record_id": str, "payload_digest": str}
TEXTS = ("id", "outlet", "url", "canonical_url", "title", "text", "text_digest", "fetched_at")


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What recovery needs to know of a row."""

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
        """Return what it teaches state: its article's key, and what the run wanted that wrote it, stand elsewhere."""
        return Seen(
            outlet=self.outlet,
            key=key,
            url=self.url,
            outcome=ARTICLE,
            scope=scope,
            run=run,
            fetched_at=self.fetched_at,
            file=self.file,
            offset=self.offset,
            record_id=record_id,
            version=self.version,
            text_digest=self.text_digest,
            extractor=self.extractor,
        )


def row_of(line: bytes) -> dict[str, Any] | None:
    """Return the row in a line; None for a line that is torn, damaged or none of ours."""
    try:
        row = parsed(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return row if isinstance(row, dict) and _is_ours(row) and _is_whole(row) else None


def kept(row: Mapping[str, Any]) -> KeptRow:
    """Return what recovery needs to know of a row."""
    extractor = row["extractor"]["version"] if row["extractor"] else None
    return KeptRow(
        id=row["id"],
        outlet=row["outlet"],
        url=row["url"],
        canonical_url=row["canonical_url"],
        fetched_at=row["fetched_at"],
        file=row["warc"]["file"],
        offset=row["warc"]["offset"],
        version=row["version"],
        text_digest=row["text_digest"],
        extractor=extractor,
    )


def placed(line: bytes, row: Mapping[str, Any], places: Mapping[str, tuple[int, int]]) -> bytes:
    """Return the line of a row that points to where its record stands now, by identifier: mending moves records."""
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
    """Tell whether title and text are what was digested; another version may have folded them otherwise."""
    from crawler.archive.rows import text_digest  # parsers of HTML come with it

    is_other = row["extractor"] != asdict(EXTRACTOR)
    return is_other or bool(row["text_digest"] == text_digest(row["title"], row["text"]))
