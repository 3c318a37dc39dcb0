"""A WARC that a dead run left: walked, cut after its last whole record, its index made anew, then finished."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from crawler.archive import message
from crawler.archive.captures import CONFIRMED_STATUS, NOT_MODIFIED, REVISIT_MIME, capture_at
from crawler.archive.manifests import FinishedFile, write_final
from crawler.archive.names import OPEN
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.model.capture import Place
from crawler.recording.recovery.mending import mend
from crawler.recording.recovery.tails import keep_aside, kept_aside
from crawler.system.files import digest_of, sync_path

logger = logging.getLogger(__name__)
WHOLE = ("complete", "complete-at-close")
MAIN = ("response", "revisit")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole response that may be an article's page; `is_told` when its metadata says what listing led to it."""

    offset: int
    record_id: str
    is_told: bool


@dataclass(frozen=True, slots=True)
class _Main:
    """A response or revisit until its metadata record has been seen."""

    place: Place
    date: datetime
    kind: str
    status: int | None
    mime: str | None
    digest: str | None


@dataclass(slots=True)
class LeftWarc:
    """A file and what a walk over it found; the descriptor holds its flock.

    `records` are offset and length of all but the warcinfo by their identifiers.
    """

    spool: Path
    file: str
    path: Path
    descriptor: int
    restore: Callable[[Path, str], int | None]
    run: str | None = None
    size: int = 0
    cut_bytes: int = 0
    is_mended: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    records: dict[str, tuple[int, int]] = field(default_factory=dict)
    candidates: list[Candidate] = field(default_factory=list)
    _dates: list[str] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _waiting: dict[str, _Main] = field(default_factory=dict)

    @property
    def is_growing(self) -> bool:
        """Tell whether the dead run had not come to finish the file."""
        return self.path.suffix == OPEN

    @property
    def is_empty(self) -> bool:
        """Tell whether no exchange stands in the file."""
        return not self.records

    def walk(self) -> None:
        """Read the whole file, which holds whole records only afterwards.

        One that its run had finished is mended too: no manifest has told of its bytes. Raises OSError, ValueError, and
        Damaged when the archive's copy is damaged as well: no other may go up.
        """
        try:
            self._read()
        except DamagedRecord as damage:
            if not self._restore(damage):
                self._mend(damage)
                self._cut()
        for main in self._waiting.values():
            self._settle(main, None)
        self._tell_cuts()

    def _tell_cuts(self) -> None:
        """Note what is left out of the file; an earlier recovery, which came to no end, may have done that."""
        cuts = kept_aside(self.spool, self.path)
        self.cut_bytes = sum(cuts.values())
        # What a crash tore off had stood at the end.
        self.is_mended = any(place < self.size for place in cuts)

    def _read(self) -> None:
        with self.path.open("rb") as stream:
            for record in walk(stream):
                self._take(record)

    def _restore(self, damage: DamagedRecord) -> bool:
        """Take the archive's copy where the file had gone up; it can't be another one there."""
        restored = None if self.is_growing else self.restore(self.path, self.file)
        if restored is None:
            return False
        os.close(self.descriptor)
        self.descriptor = restored
        self._forget()
        self._read()
        logger.warning("%s: %s: taken from the archive, where it is whole", self.path, damage)
        return True

    def _mend(self, damage: DamagedRecord) -> None:
        """Leave out members that a disk has lost, and read again what is left; a torn end is not among these."""
        index = self.spool / self._index
        known = index if index.exists() else index.with_name(index.name + OPEN)
        mended = mend(self.spool, self.path, Path(self.file).name, known)
        if mended is None:
            return
        os.close(self.descriptor)
        self.descriptor, left_out = mended
        logger.warning("%s: %s: %s bytes are left out of it, see tails/", self.path, damage, left_out)
        self._forget()
        with suppress(DamagedRecord):
            self._read()

    def _forget(self) -> None:
        self.run, self.size = None, 0
        for found in (self.counts, self.records, self.candidates, self._dates, self._lines, self._waiting):
            found.clear()

    def _cut(self) -> None:
        """Cut off what follows the last whole record."""
        if self.path.stat().st_size > self.size:
            keep_aside(self.spool, self.path, self.size)

    def finish(self) -> list[FinishedFile]:
        """Give WARC and index their final names and return them; a file without an exchange goes."""
        growing_index = self.spool / (self._index + OPEN)
        if self.is_empty:
            self.path.unlink()
            (self.spool / self._index).unlink(missing_ok=True)
            finished = []
        else:
            finished = [self._finish_warc(), self._finish_index()]
        growing_index.unlink(missing_ok=True)
        return finished

    def _take(self, record: StoredRecord) -> None:
        if record.kind == "warcinfo":
            self._take_warcinfo(record)
        else:
            self._take_place(record)
            self._dates = [min([*self._dates, record.get("WARC-Date")]), max([*self._dates, record.get("WARC-Date")])]
        if record.kind in MAIN:
            self._waiting[record.get("WARC-Record-ID")] = _main(self.file, record)
        elif record.kind == "metadata":
            fields = record.warc_fields()
            for identifier in record.all("WARC-Concurrent-To"):
                if main := self._waiting.pop(identifier, None):
                    self._settle(main, fields)
        self.counts[record.kind] += 1
        self.size = record.offset + record.length

    def _take_warcinfo(self, record: StoredRecord) -> None:
        name = Path(self.file).name
        if record.offset:
            raise DamagedRecord(record.offset, "a warcinfo record stands inside of the file")
        if record.get("WARC-Filename") != name:
            raise ValueError(f"{self.path} says that it is {record.get('WARC-Filename')}: it lies in another's place")
        self.run = record.warc_fields().get("run")

    def _take_place(self, record: StoredRecord) -> None:
        identifier = record.get("WARC-Record-ID")
        if identifier in self.records:
            raise DamagedRecord(record.offset, f"{identifier} stands here a second time")
        self.records[identifier] = record.offset, record.length

    def _settle(self, main: _Main, fields: dict[str, str] | None) -> None:
        """Make the index line of an exchange, and see whether an article's page may be in it."""
        digest = main.digest if main.kind == "response" or not fields else fields.get("entityDigest", main.digest)
        self._lines.append(capture_at(main.place, main.date, main.status, main.mime, digest).index_line)
        is_whole = fields is None or fields.get("outcome") in WHOLE
        is_listed = fields is None or "listingUrl" in fields
        if main.kind == "response" and main.status == 200 and is_whole and is_listed:
            self.candidates.append(Candidate(main.place.offset, main.place.record_id, fields is not None))

    def _finish_warc(self) -> FinishedFile:
        final = self.spool / self.file
        if self.is_growing:
            os.fsync(self.descriptor)
            self.path.rename(final)
            sync_path(final.parent)
        first, last = self._dates or (None, None)
        size = final.stat().st_size
        return FinishedFile(self.file, size, digest_of(final), dict(self.counts), first, last, self._origin())

    def _finish_index(self) -> FinishedFile:
        index = write_final(self.spool, self._index, partial(_write, sorted(line for line in self._lines if line)))
        index.recovered = self._origin()
        return index

    def _origin(self) -> dict[str, str | int | None]:
        return {"run": self.run, "cut_bytes": self.cut_bytes} | ({"mended": True} if self.is_mended else {})

    @property
    def _index(self) -> str:
        return "index/" + self.file.removeprefix("warc/").removesuffix(".warc.gz") + ".cdxj"


def run_of(path: Path) -> str | None:
    """Return the run that a WARC says it belongs to, None when its first record does not tell."""
    with path.open("rb") as stream, closing(walk(stream)) as records:
        try:
            first = next(records, None)
            return first.warc_fields().get("run") if first and first.kind == "warcinfo" else None
        except DamagedRecord:
            return None


def _main(file: str, record: StoredRecord) -> _Main:
    place = Place(record.get("WARC-Target-URI"), record.get("WARC-Record-ID"), file, record.offset, record.length)
    date = datetime.fromisoformat(record.get("WARC-Date"))
    if record.kind == "revisit" and record.get("WARC-Profile").endswith(NOT_MODIFIED):
        return _Main(place, date, record.kind, CONFIRMED_STATUS, REVISIT_MIME, None)
    response = message.read(record.block, record.size).response
    if record.kind == "revisit":
        status = response.status if response else None
        return _Main(place, date, record.kind, status, REVISIT_MIME, record.get("WARC-Payload-Digest"))
    if response is None:
        return _Main(place, date, record.kind, None, None, None)
    return _Main(place, date, record.kind, response.status, response.mime, response.entity_digest)


def _write(lines: list[str], stream: BinaryIO) -> None:
    stream.writelines(line.encode() + b"\n" for line in lines)
