"""Decisions to withhold articles, as the index follows them: no row of a withheld article is in it."""

import hashlib
import sqlite3
from collections.abc import Collection

from crawler.archive.names import WITHHELD
from crawler.archive.storage.base import Storage
from crawler.archive.withheld import LIFT, WITHHOLD, Decision, newest_decisions
from crawler.crawl.linked_resources import address
from crawler.room.index.captures import release_captures, withhold_captures
from crawler.room.index.indexing import Fields, id_of, remove_rows, unpacked

FACT = "decisions"


class Withheld:
    """The withheld articles of the index."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._articles: dict[bytes, str] = self._kept()

    def __contains__(self, article: bytes) -> bool:
        return article in self._articles

    def update(self, storage: Storage) -> list[int]:
        """Follow the decisions of an archive, and return the files that have rows of articles no longer withheld.

        Raises StorageError, OSError; also for a damaged decision, because its article must not be shown by mistake.
        """
        keys = sorted(key for key, _ in storage.list(f"{WITHHELD}/"))
        digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()
        if not self._connection.execute("SELECT 1 FROM facts WHERE (name, value) = (?, ?)", (FACT, digest)).fetchone():
            files = self._follow(newest_decisions(storage).values())
            self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (FACT, digest))
            return files
        return []

    def note(self, article: bytes, file: int, row: Fields) -> None:
        """Note that a file has this row of a withheld article, to read it when the decision is lifted."""
        self._connection.execute("INSERT OR IGNORE INTO withheld_rows VALUES (?, ?)", (article, file))
        picture = address(row["url"], row["image"] or "")
        urls = filter(None, (row["url"], row["canonical_url"], picture))
        withhold_captures(self._connection, article, urls)

    def _kept(self) -> dict[bytes, str]:
        return dict(map(tuple, self._connection.execute("SELECT id, url FROM withheld")))

    def _follow(self, decisions: Collection[Decision]) -> list[int]:
        articles = {id_of(one.id): one.url for one in decisions if one.action == WITHHOLD}
        # A decision that is missing lifts nothing: the archive may be away.
        lifted = self._articles.keys() & {id_of(one.id) for one in decisions if one.action == LIFT}
        new = articles.keys() - self._articles.keys()
        self._connection.executemany("INSERT INTO withheld VALUES (?, ?)", ((one, articles[one]) for one in new))
        for article in new:
            withhold_captures(self._connection, article, [articles[article]])
            self._remove(article)
        files = {file for article in lifted for file in self._give_back(article)}
        self._articles = self._kept()
        return sorted(files)

    def _remove(self, article: bytes) -> None:
        found = "SELECT number, file, row FROM rows JOIN texts USING (number) WHERE id = ?"
        rows = self._connection.execute(found, (article,)).fetchall()
        for row in rows:
            self.note(article, row["file"], unpacked(row["row"]))
        remove_rows(self._connection, [row["number"] for row in rows])

    def _give_back(self, article: bytes) -> list[int]:
        files = self._connection.execute("SELECT file FROM withheld_rows WHERE id = ?", (article,)).fetchall()
        for table in ("withheld", "withheld_rows"):
            self._connection.execute(f"DELETE FROM {table} WHERE id = ?", (article,))
        release_captures(self._connection, article)
        return [file for (file,) in files]
