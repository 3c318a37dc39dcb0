"""Versions: the texts of each article, numbered in the order of capture."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from crawler.tools.verification.database import ScratchDatabase

TABLES = """
-- The last version of each article so far.
CREATE TABLE newest (id TEXT PRIMARY KEY, version INTEGER, digest TEXT) WITHOUT ROWID;
-- The captures of the last segments, by segment and line; an unchanged text has no version.
CREATE TABLE capture (segment TEXT, line INTEGER, id TEXT, fetched TEXT, digest TEXT, version INTEGER, previous TEXT,
    PRIMARY KEY (segment, line)) WITHOUT ROWID;
"""


class Numbering(ScratchDatabase):
    """Gives each new text of an article a version, as a crawl does: an unchanged text gets none."""

    def __init__(self) -> None:
        super().__init__(TABLES)

    def number(self, segments: Mapping[str, Iterable[Sequence[str]]]) -> None:
        """Number the captures of segments, each with ID, time and text digest."""
        self.run("DELETE FROM capture")
        for segment, captures in segments.items():
            for line, capture in enumerate(captures):
                self.add("capture", segment, line, *capture, None, None)
        for one in self.run("SELECT * FROM capture ORDER BY fetched, segment, line"):
            last = self.one("SELECT version, digest FROM newest WHERE id = ?", one["id"]) or (0, None)
            if one["digest"] != last[1]:
                place = (one["segment"], one["line"])
                new = (last[0] + 1, last[1])
                self.run("UPDATE capture SET version = ?, previous = ? WHERE segment = ? AND line = ?", *new, *place)
                self.know(one["id"], last[0] + 1, one["digest"])

    def know(self, article_id: str, version: int, digest: str) -> None:
        """Note the last version of an article."""
        self.run("INSERT OR REPLACE INTO newest VALUES (?, ?, ?)", article_id, version, digest)

    def numbered(self, segment: str, rows: Iterable[str]) -> Iterator[str]:
        """Yield the rows of a segment whose text is new; each comes as a first version and gets its own."""
        found = self.run("SELECT version, previous FROM capture WHERE segment = ? ORDER BY line", segment)
        for row, (version, previous) in zip(rows, found, strict=True):
            if version is not None:
                yield row if version == 1 else _numbered(row, version, previous)

    def forget(self) -> None:
        """Begin with another outlet."""
        self.run("DELETE FROM newest")


def _numbered(row: str, version: int, previous: str) -> str:
    return json.dumps(
        json.loads(row) | {"version": version, "previous": previous}, ensure_ascii=False, separators=(",", ":")
    )
