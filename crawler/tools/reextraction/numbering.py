"""Versions: the texts of each article, numbered in the order of capture."""

from collections.abc import Iterable, Iterator
from typing import Any

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

    def take(self, segment: str, rows: Iterable[dict[str, Any]]) -> None:
        """Note the captures of a segment, for `number`."""
        for line, row in enumerate(rows):
            self.add("capture", segment, line, row["id"], row["fetched_at"], row["text_digest"])

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

    def numbered(self, segment: str, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the rows of a segment whose text is new, with their versions."""
        found = self.run("SELECT * FROM numbered WHERE segment = ? ORDER BY line", segment)
        following = found.fetchone()
        for line, row in enumerate(rows):
            if following and following["line"] == line:
                yield row | {"version": following["version"], "previous": following["previous"]}
                following = found.fetchone()

    def forget(self) -> None:
        """Begin with another outlet."""
        self.run("DELETE FROM newest")
