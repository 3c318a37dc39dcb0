"""The records of an unfinished WARC file, up to the last whole one."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.archive.warc_reader import DamagedRecord, StoredRecord, walk
from crawler.model.capture import Place
from crawler.recording.stored_exchanges import StoredExchange, exchanges

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class LeftRecords:
    """What a file holds up to its first damage, at `size`.

    `places` are offset and length of all records by ID, `originals` the IDs of the records to which its
    revisits refer, `candidates` the whole responses that may be pages of articles, `runs` the runs of its warcinfos,
    and `wanted` the parameters of the last one as JSON. `first` is None without an exchange.
    """

    file: str
    size: int = 0
    runs: list[str] = field(default_factory=list)
    wanted: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    originals: set[str] = field(default_factory=set)
    candidates: list[Place] = field(default_factory=list)
    index_lines: list[str] = field(default_factory=list)

    def read(self, path: Path) -> None:
        """Read the file. Raises OSError, ValueError for a file that was moved."""
        with path.open("rb") as stream:
            try:
                for exchange in exchanges(map(self._noted, walk(stream)), self.file, has_entities=False):
                    self._take(exchange)
            except DamagedRecord as damage:
                logger.info("%s: %s", path, damage)

    def holds(self, pointer: Mapping[str, Any]) -> bool:
        """Return whether a row's pointer is to a record of this file, or to the original of one of its revisits."""
        if pointer["file"] != self.file:
            return pointer["record_id"] in self.originals
        return self.places.get(pointer["record_id"]) == (pointer["offset"], pointer["length"])

    def _noted(self, record: StoredRecord) -> StoredRecord:
        identifier = record.get("WARC-Record-ID")
        if identifier in self.places:
            raise DamagedRecord(record.offset, f"{identifier} occurs twice")
        if record.kind == "warcinfo":
            self._take_warcinfo(record)
        else:
            date = datetime.fromisoformat(record.get("WARC-Date"))
            self.first, self.last = min(self.first or date, date), max(self.last or date, date)
        if record.kind == "revisit":
            self.originals.add(record.get("WARC-Refers-To"))
        self.places[identifier] = record.offset, record.length
        self.counts[record.kind] += 1
        self.size = record.offset + record.length
        return record

    def _take(self, exchange: StoredExchange) -> None:
        """Keep the index line of an exchange, and its place if it may be an article's page."""
        line = exchange.capture.index_line
        self.index_lines += [line] if line else []
        if exchange.is_page and exchange.listing is not None:
            self.candidates.append(exchange.place)

    def _take_warcinfo(self, record: StoredRecord) -> None:
        name = Path(self.file).name
        if record.get("WARC-Filename") != name:
            raise ValueError(f"{self.file} says that it is {record.get('WARC-Filename')}: the file was moved")
        fields = record.warc_fields()
        self.runs.append(fields.get("run", ""))
        self.wanted = fields.get("wanted")
