"""The records of an unfinished WARC file, up to the last whole one."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.archive import message
from crawler.archive.captures import CONFIRMED_STATUS, NOT_MODIFIED, REVISIT_MIME, capture_at
from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.model.capture import Place

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
class LeftRecords:
    """What a file holds up to its first damage, at `size`.

    `places` are offset and length by ID of all records but warcinfos, `originals` the IDs of the records to which its
    revisits refer, `candidates` the whole responses that may be pages of articles, `runs` and
    `wanted` are the runs of its warcinfos and their parameters as JSON.
    """

    file: str
    size: int = 0
    runs: list[str] = field(default_factory=list)
    wanted: dict[str, str | None] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    originals: set[str] = field(default_factory=set)
    candidates: list[Place] = field(default_factory=list)
    index_lines: list[str] = field(default_factory=list)
    _identifiers: set[str] = field(default_factory=set)
    _waiting: dict[str, _Main] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """Read the file. Raises OSError, ValueError for a file that was moved."""
        with path.open("rb") as stream:
            try:
                for record in walk(stream):
                    self._take(record)
            except DamagedRecord as damage:
                logger.info("%s: %s", path, damage)
        for main in self._waiting.values():
            self._settle(main, None)

    def holds(self, pointer: Mapping[str, Any]) -> bool:
        """Return whether a row's pointer is to a record of this file, or to the original of one of its revisits."""
        if pointer["file"] != self.file:
            return pointer["record_id"] in self.originals
        return self.places.get(pointer["record_id"]) == (pointer["offset"], pointer["length"])

    def _take(self, record: StoredRecord) -> None:
        identifier = record.get("WARC-Record-ID")
        if identifier in self._identifiers:
            raise DamagedRecord(record.offset, f"{identifier} occurs twice")
        self._identifiers.add(identifier)
        if record.kind == "warcinfo":
            self._take_warcinfo(record)
        else:
            self._take_place(record)
        if record.kind in MAIN:
            self._waiting[identifier] = _main(self.file, record)
        elif record.kind == "metadata":
            fields = record.warc_fields()
            for other in record.all("WARC-Concurrent-To"):
                if main := self._waiting.pop(other, None):
                    self._settle(main, fields)
        self.counts[record.kind] += 1
        self.size = record.offset + record.length

    def _take_warcinfo(self, record: StoredRecord) -> None:
        name = Path(self.file).name
        if record.get("WARC-Filename") != name:
            raise ValueError(f"{self.file} says that it is {record.get('WARC-Filename')}: the file was moved")
        fields = record.warc_fields()
        self.runs.append(fields.get("run", ""))
        self.wanted[self.runs[-1]] = fields.get("wanted")

    def _take_place(self, record: StoredRecord) -> None:
        identifier, date = record.get("WARC-Record-ID"), datetime.fromisoformat(record.get("WARC-Date"))
        self.places[identifier] = record.offset, record.length
        if record.kind == "revisit":
            self.originals.add(record.get("WARC-Refers-To"))
        self.first, self.last = min(self.first or date, date), max(self.last or date, date)

    def _settle(self, main: _Main, fields: dict[str, str] | None) -> None:
        """Make the index line of an exchange, and note whether it may be an article's page."""
        digest = main.digest if main.kind == "response" or not fields else fields.get("entityDigest", main.digest)
        capture = capture_at(main.place, main.date, main.status, main.mime, digest)
        self.index_lines += [capture.index_line] if capture.index_line else []
        is_whole = fields is None or fields.get("outcome") in WHOLE
        is_listed = fields is None or "listingUrl" in fields
        if main.kind == "response" and main.status == 200 and is_whole and is_listed:
            self.candidates.append(main.place)


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
