"""A WARC file of a dead run: read, cut after its last whole record, indexed again, then finished."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.archive import message
from crawler.archive.captures import CONFIRMED_STATUS, NOT_MODIFIED, REVISIT_MIME, capture_at
from crawler.archive.manifests import FinishedFile, write_final
from crawler.archive.names import OPEN, index_of
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.model.capture import Place
from crawler.recording.recovery.mending import mend
from crawler.recording.recovery.tails import keep_aside, kept_aside
from crawler.system.files import digest_of, sync_path

logger = logging.getLogger(__name__)
WHOLE = ("complete", "complete-at-close")
MAIN = ("response", "revisit")


@dataclass(frozen=True, slots=True)
class _Main:
    """A response or revisit until its metadata record is read."""

    place: Place
    date: datetime
    kind: str
    status: int | None
    mime: str | None
    digest: str | None


@dataclass(slots=True)
class LeftWarc:
    """A file and the result of reading it; the descriptor holds its flock.

    `records` are offset and length by ID of all records but the warcinfo. `candidates` are the whole responses that may
    be pages of articles.
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
    candidates: list[Place] = field(default_factory=list)
    _dates: list[str] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _waiting: dict[str, _Main] = field(default_factory=dict)

    @property
    def is_growing(self) -> bool:
        return self.path.suffix == OPEN

    def walk(self) -> None:
        """Read the whole file, which holds only whole records afterwards.

        A finished file that no manifest names is repaired too. Raises OSError, ValueError, and DamagedRecord if the
        archive's copy is damaged as well: no other file may replace it.
        """
        try:
            self._read()
        except DamagedRecord as damage:
            if not self._restore(damage):
                self._mend(damage)
                if self.path.stat().st_size > self.size:
                    keep_aside(self.spool, self.path, self.size)
        for main in self._waiting.values():
            self._settle(main, None)
        # An unfinished earlier recovery may have made these cuts. A torn end is not a mend.
        cuts = kept_aside(self.spool, self.path)
        self.cut_bytes = sum(cuts.values())
        self.is_mended = any(place < self.size for place in cuts)

    def _read(self) -> None:
        with self.path.open("rb") as stream:
            for record in walk(stream):
                self._take(record)

    def _restore(self, damage: DamagedRecord) -> bool:
        """Replace a finished file by the archive's copy."""
        restored = None if self.is_growing else self.restore(self.path, self.file)
        if restored is None:
            return False
        os.close(self.descriptor)
        self.descriptor = restored
        self._forget()
        self._read()
        logger.warning("%s: %s: replaced by the whole copy in the archive", self.path, damage)
        return True

    def _mend(self, damage: DamagedRecord) -> None:
        """Take out members in the middle that the disk damaged, and read the rest again."""
        index = self.spool / index_of(self.file)
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

    def finish(self) -> list[FinishedFile]:
        """Give WARC file and index their final names and return them; a file without an exchange is removed."""
        index, finished = index_of(self.file), []
        if self.records:
            finished = [self._finish_warc(), self._finish_index()]
        else:
            self.path.unlink()
            (self.spool / index).unlink(missing_ok=True)
        (self.spool / (index + OPEN)).unlink(missing_ok=True)
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
            raise DamagedRecord(record.offset, "a second warcinfo record")
        if record.get("WARC-Filename") != name:
            raise ValueError(f"{self.path} says that it is {record.get('WARC-Filename')}: the file was moved")
        self.run = record.warc_fields().get("run")

    def _take_place(self, record: StoredRecord) -> None:
        identifier = record.get("WARC-Record-ID")
        if identifier in self.records:
            raise DamagedRecord(record.offset, f"{identifier} occurs twice")
        self.records[identifier] = record.offset, record.length

    def _settle(self, main: _Main, fields: dict[str, str] | None) -> None:
        """Make the index line of an exchange, and note whether it may be an article's page."""
        digest = main.digest if main.kind == "response" or not fields else fields.get("entityDigest", main.digest)
        self._lines.append(capture_at(main.place, main.date, main.status, main.mime, digest).index_line)
        is_whole = fields is None or fields.get("outcome") in WHOLE
        is_listed = fields is None or "listingUrl" in fields
        if main.kind == "response" and main.status == 200 and is_whole and is_listed:
            self.candidates.append(main.place)

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
        lines = [line.encode() + b"\n" for line in sorted(filter(None, self._lines))]
        index = write_final(self.spool, index_of(self.file), lambda stream: stream.writelines(lines))
        index.recovered = self._origin()
        return index

    def _origin(self) -> dict[str, str | int | None]:
        return {"run": self.run, "cut_bytes": self.cut_bytes} | ({"mended": True} if self.is_mended else {})


def run_of(path: Path) -> str | None:
    """Return the run that a WARC file's first record names, if any."""
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
