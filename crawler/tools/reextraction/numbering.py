"""Versions: the texts of each article, numbered in the order of capture."""

import json
from collections.abc import Iterable, Iterator, Sequence

from crawler.tools.verification.database import ScratchDatabase

TABLES = """
-- The last version of each article so far.
CREATE TABLE newest (id TEXT PRIMARY KEY, version INTEGER, digest TEXT) WITHOUT ROWID;
-- The captures that wait for their numbers, by segment and line.
CREATE TABLE capture (segment TEXT, line INTEGER, id TEXT, fetched TEXT, digest TEXT);
CREATE TABLE numbered (segment TEXT, line INTEGER, version INTEGER, previous TEXT, PRIMARY KEY (segment, line))
    WITHOUT ROWID;
"""


class Numbering(ScratchDatabase):
    """Gives each new text of an article a version, as a crawl does: an unchanged text gets none."""

    def __init__(self) -> None:
        super().__init__(TABLES)

    def take(self, segment: str, captures: Iterable[Sequence[str]]) -> None:
        """Note the captures of a segment, each with ID, time and text digest, for `number`."""
        for line, (article_id, fetched, digest) in enumerate(captures):
            self.add("capture", segment, line, article_id, fetched, digest)

    def number(self) -> None:
        """Number the captures that were taken since the last call."""
        self.run("DELETE FROM numbered")
        for one in self.run("SELECT * FROM capture ORDER BY fetched, segment, line"):
            last = self.one("SELECT version, digest FROM newest WHERE id = ?", one["id"]) or (0, None)
            if one["digest"] != last[1]:
                self.add("numbered", one["segment"], one["line"], last[0] + 1, last[1])
                self.know(one["id"], last[0] + 1, one["digest"])
        self.run("DELETE FROM capture")

    def know(self, article_id: str, version: int, digest: str) -> None:
        """Note the last version of an article."""
        self.run("INSERT OR REPLACE INTO newest VALUES (?, ?, ?)", article_id, version, digest)

    def numbered(self, segment: str, rows: Iterable[str]) -> Iterator[str]:
        """Yield the rows of a segment whose text is new; each comes as a first version and gets its own."""
        found = self.run("SELECT * FROM numbered WHERE segment = ? ORDER BY line", segment)
        following = found.fetchone()
        for line, row in enumerate(rows):
            if following and following["line"] == line:
                yield row if following["version"] == 1 else _numbered(row, following["version"], following["previous"])
                following = found.fetchone()

    def forget(self) -> None:
        """Begin with another outlet."""
        self.run("DELETE FROM newest")


def _numbered(row: str, version: int, previous: str) -> str:
    return json.dumps(
        json.loads(row) | {"version": version, "previous": previous}, ensure_ascii=False, separators=(",", ":")
    )
