"""The differences between the rows of an archive and those that this extractor makes of the same captures."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.archive.documents import parsed
from crawler.archive.names import stem_of
from crawler.archive.reextracted import is_in, parts_of
from crawler.archive.rows import is_compaction
from crawler.archive.storage.base import Storage
from crawler.system.terminal import printable
from crawler.tools.export.rows import Row, RowFile, file_rows, malformed, named_rows
from crawler.tools.reextraction.segments import Segment
from crawler.tools.reextraction.tree import Tree
from crawler.tools.verification.database import ScratchDatabase

TABLES = """
-- The rows that are there, by segment.
CREATE TABLE old (segment TEXT, id TEXT, fetched TEXT, line BLOB, PRIMARY KEY (segment, id, fetched)) WITHOUT ROWID;
"""
# What follows from other fields, or says who extracted.
DERIVED = {"extractor", "text_digest", "version", "previous"}

# The columns of the tables, and the fields that are shown of each row, changed or not.
COUNTS = ("outlet", "same", "changed", "gained", "lost", "changes by field")
COLUMNS = ("field", "in the archive", "this extractor")
ALWAYS = ("title", "published", "authors")


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

    def cells(self) -> Iterator[tuple[str, str, str]]:
        """Yield the rows of a table of COLUMNS; of the texts the paragraphs gained and lost."""
        for name in dict.fromkeys((*ALWAYS, *self.fields)):
            if name != "text":
                yield name, _shown(self.old, name), _shown(self.new, name)
        gained, lost = self.paragraphs
        yield from (("paragraph lost", printable(one), "") for one in lost)
        yield from (("paragraph gained", "", printable(one)) for one in gained)


def _shown(row: Mapping[str, Any] | None, name: str) -> str:
    """Return a field as text, "" without a row."""
    value: Any = row.get(name) if row else ""
    if name == "published" and value:
        value = f"{value['at']} ({value['precision']}, {value['source']})"
    if name == "authors" and value:
        value = ", ".join(f"{one['name']} ({one['kind']})" for one in value)
    return printable("–" if value is None or value == [] else str(value))


@dataclass
class OutletDifferences:
    """The rows of an outlet: how many are the same, changed, gained and lost, and the changes by field."""

    same: int = 0
    changed: int = 0
    gained: int = 0
    lost: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    def take(self, one: Sample) -> list[str]:
        """Count a row; return the kinds of its change: gained, lost, or the fields that differ."""
        kinds = ["gained"] if one.old is None else ["lost"] if one.new is None else one.fields
        self.gained += one.old is None
        self.lost += one.new is None
        self.changed += bool(one.fields)
        self.same += not kinds
        self.fields.update(one.fields)
        return kinds

    def as_json(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("same", "changed", "gained", "lost")}
        fields, samples = dict(self.fields.most_common()), [one.as_json() for one in self.samples]
        return {**counts, "fields": fields, "samples": samples}

    def cells(self) -> tuple[int | str, ...]:
        """Return the cells of COUNTS but the first."""
        fields = ", ".join(f"{field} {count}" for field, count in self.fields.most_common())
        return self.same, self.changed, self.gained, self.lost, fields


class Comparison(ScratchDatabase):
    """Compares the rows of an archive that count with those in a tree.

    A row is the same if all fields are but those that follow from others, or name the extractor.
    """

    def __init__(self, storage: Storage, tree: Tree, samples: int) -> None:
        """Keep up to `samples` rows of each outlet and kind of change."""
        super().__init__(TABLES)
        self._storage = storage
        self._tree = tree
        self._samples = samples

    def outlet(self, outlet: str, segments: Sequence[Segment]) -> OutletDifferences:
        """Compare the rows of those segments that are in the tree. Raises ExportFailed, StorageError."""
        self._tree.begin(outlet)
        there = {segment.stem: segment for segment in segments if self._tree.has(segment)}
        self.run("DELETE FROM old")
        for file in named_rows(self._storage, outlet)[0]:
            for stem, row in self._of_segments(file):
                if stem in there:
                    self.add("old", stem, *_identity(row), zlib.compress(row.line, 1))
        found, kept = OutletDifferences(), Counter[str]()
        for stem, segment in there.items():
            for one in self._samples_of(stem, self._tree.rows(segment)):
                kinds = found.take(one)
                if any(kept[kind] < self._samples for kind in kinds):
                    found.samples.append(one)
                    kept.update(kinds)
        return found

    def _samples_of(self, stem: str, rows: Iterable[dict[str, Any]]) -> Iterator[Sample]:
        """Yield the rows of a segment, each with the one that is there, then those that are only there."""
        for row in rows:
            key = (stem, row["id"], row["fetched_at"])
            there = self.one("SELECT line FROM old WHERE segment = ? AND id = ? AND fetched = ?", *key)
            self.run("DELETE FROM old WHERE segment = ? AND id = ? AND fetched = ?", *key)
            yield Sample(parsed(zlib.decompress(there[0])) if there else None, row)
        for (line,) in self.run("SELECT line FROM old WHERE segment = ?", stem):
            yield Sample(parsed(zlib.decompress(line)), None)

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
