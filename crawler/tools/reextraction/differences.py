"""The differences between the rows of an archive and those that this extractor makes of the same captures."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.archive.documents import parsed
from crawler.archive.names import stem_of
from crawler.archive.reextracted import is_in, parts_of
from crawler.archive.rows import is_compaction
from crawler.archive.storage.base import Storage
from crawler.tools.export.rows import Row, RowFile, file_rows, malformed, named_rows
from crawler.tools.reextraction.pages import Extracted
from crawler.tools.reextraction.segments import Segment
from crawler.tools.verification.database import ScratchDatabase

TABLES = """
-- The rows that are there, by segment.
CREATE TABLE old (segment TEXT, id TEXT, fetched TEXT, line BLOB, PRIMARY KEY (segment, id, fetched)) WITHOUT ROWID;
"""
# What follows from other fields, or says who extracted.
DERIVED = {"extractor", "text_digest", "version", "previous"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A row that changed: what is there, and what this extractor makes of it; None without a row."""

    old: dict[str, Any] | None
    new: dict[str, Any] | None

    @property
    def fields(self) -> list[str]:
        """The fields that differ; empty for a row that is only on one side."""
        if self.old is None or self.new is None:
            return []
        return [name for name in self.old if name not in DERIVED and self.old[name] != self.new.get(name)]

    @property
    def place(self) -> str:
        """The address of the article and the time of its capture."""
        row = self.new or self.old or {}
        return f"{row.get('url')} of {row.get('fetched_at')}"

    @property
    def paragraphs(self) -> tuple[list[str], list[str]]:
        """The paragraphs gained and lost, in their order."""
        new, old = (row["text"].split("\n") if row else [] for row in (self.new, self.old))
        return [one for one in new if one not in old], [one for one in old if one not in new]

    def as_json(self) -> dict[str, Any]:
        gained, lost = self.paragraphs
        return {"fields": self.fields, "old": self.old, "new": self.new, "gained": gained, "lost": lost}


@dataclass
class OutletDifferences:
    """The rows of an outlet: how many are the same, changed, gained and lost, and the changes by field."""

    same: int = 0
    changed: int = 0
    gained: int = 0
    lost: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("same", "changed", "gained", "lost")}
        fields, samples = dict(self.fields.most_common()), [one.as_json() for one in self.samples]
        return {**counts, "fields": fields, "samples": samples}


class Differences(ScratchDatabase):
    """Compares rows instead of writing them; `outlets` is the result.

    A row is the same if all fields are but those that follow from others, or name the extractor.
    """

    def __init__(self, storage: Storage, samples: int) -> None:
        """Keep up to `samples` rows of each outlet and kind of change."""
        super().__init__(TABLES)
        self.outlets: dict[str, OutletDifferences] = {}
        self._storage = storage
        self._samples = samples
        self._kept: Counter[tuple[str, str]] = Counter()
        self._outlet = ""

    def begin(self, outlet: str, segments: Sequence[Segment]) -> None:
        """Read the rows that are there. Raises ExportFailed, StorageError."""
        self._outlet = outlet
        self.outlets[outlet] = OutletDifferences()
        self.run("DELETE FROM old")
        stems = {segment.stem for segment in segments}
        for file in named_rows(self._storage, outlet)[0]:
            for segment, row in self._of_segments(file):
                if segment in stems:
                    self.add("old", segment, *_identity(row), zlib.compress(row.line, 1))

    def has(self, segment: Segment) -> bool:
        return False

    def rows(self, segment: Segment) -> Iterator[dict[str, Any]]:
        return iter(())

    def remove(self, segment: Segment) -> None:
        """Nothing is ever there."""

    def take(self, segment: Segment, found: Extracted, rows: Iterable[str]) -> None:
        for row in map(json.loads, rows):
            key = (segment.stem, row["id"], row["fetched_at"])
            there = self.one("SELECT line FROM old WHERE segment = ? AND id = ? AND fetched = ?", *key)
            self.run("DELETE FROM old WHERE segment = ? AND id = ? AND fetched = ?", *key)
            self._compare(Sample(parsed(zlib.decompress(there[0])) if there else None, row))
        for (line,) in self.run("SELECT line FROM old WHERE segment = ?", segment.stem):
            self._compare(Sample(parsed(zlib.decompress(line)), None))

    def _compare(self, one: Sample) -> None:
        found, fields = self.outlets[self._outlet], one.fields
        kinds = ["gained"] if one.old is None else ["lost"] if one.new is None else fields
        found.gained += one.old is None
        found.lost += one.new is None
        found.changed += bool(fields)
        found.same += not kinds
        found.fields.update(fields)
        if any(self._kept[self._outlet, kind] < self._samples for kind in kinds):
            found.samples.append(one)
            self._kept.update((self._outlet, kind) for kind in kinds)

    def _of_segments(self, file: RowFile) -> Iterator[tuple[str, Row]]:
        """Yield the rows of a file, each with its segment. Raises ExportFailed, StorageError."""
        parts = list(parts_of(self._storage, file.key)) if is_compaction(file.key) else []
        for row in file_rows(self._storage, file):
            while parts and not is_in(row.number, [parts[0][1:]]):
                parts.pop(0)
            yield (parts[0][0] if parts else stem_of(file.key)), row


def _identity(row: Row) -> tuple[str, str]:
    try:
        return row.fields["id"], row.fields["fetched_at"]
    except KeyError as error:
        raise malformed(row, error) from error
