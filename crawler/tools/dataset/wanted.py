"""The rows of a data set, which of them may have a text, and the rows of an archive that have the missing ones."""

import json
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from crawler.archive.storage.base import Storage
from crawler.tools.dataset.facts import WITHHELD
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.parquet import timed
from crawler.tools.export.rows import Row, RowFile, file_rows, malformed
from crawler.tools.verification.database import ScratchDatabase

TABLES = """
CREATE TABLE file (number INTEGER PRIMARY KEY, key TEXT, sha256 TEXT, replaced TEXT);
-- By file of the data set and place in it. `file` is NULL without a text, OWN for one that the data set has. `refusal`
-- says why the article gets no text. `origin` is capture and extractor, `is_same` whether those of the row that was
-- found are the same. `newest` is the article's newest capture, here or in the archive, `opt_out` the signal by
-- which it opts out there.
CREATE TABLE wanted (
    shard INTEGER, place INTEGER, id BLOB, digest TEXT, origin TEXT, refusal TEXT,
    is_same INTEGER, fetched REAL, file INTEGER, line INTEGER, newest REAL, opt_out TEXT, PRIMARY KEY (shard, place)
) WITHOUT ROWID;
CREATE INDEX by_id ON wanted (id);
"""
OWN = -1
FILLED = f"file > {OWN}"
WANT = "INSERT INTO wanted (shard, place, id, digest, origin, newest, refusal, file) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
# A text that the data set has stays: its `is_same` and `fetched` are NULL, so the comparison is never true.
TAKE = """UPDATE wanted SET is_same = origin = ?1, fetched = ?2, file = ?3, line = ?4
    WHERE id = ?5 AND digest = ?6 AND refusal IS NULL AND (file IS NULL OR (origin = ?1, ?2) >= (is_same, fetched))"""
NEWEST = "UPDATE wanted SET newest = ?1, opt_out = ?2 WHERE id = ?3 AND newest <= ?1"
REFUSE = "UPDATE wanted SET file = NULL, refusal = opt_out WHERE refusal IS NULL AND opt_out IS NOT NULL"
FOUND = """SELECT place, key, sha256, replaced, line FROM wanted JOIN file ON file.number = wanted.file
    WHERE shard = ? AND place BETWEEN ? AND ? ORDER BY file.number, line"""
REASONS = {None: "is not in the archive with this text", WITHHELD: "is withheld in the archive"}
# What `want` must know of a row.
KEYS = ("id", "text_digest", "version", "fetched_at", "extractor", "text")


class WantedTexts(ScratchDatabase):
    """Rows that may have texts. A row of an archive has the text if its ID and the digest of its text are equal.

    Of several, that of the same capture and extractor is taken, else the one captured last. An article gets no text if
    it is withheld, or if its newest row opts out by one of the given signals.
    """

    def __init__(self, withheld: Collection[str], opt_outs: Collection[str]) -> None:
        super().__init__(TABLES)
        self._withheld = withheld
        self._opt_outs = opt_outs

    def want(self, shard: int, place: int, row: Mapping[str, Any], has_text: bool) -> None:
        """Note a row of the data set, and whether it has its whole text."""
        refusal = WITHHELD if row["id"] in self._withheld else None
        own = OWN if has_text and not refusal else None
        article, origin = uuid.UUID(row["id"]).bytes, _origin(row)
        newest = row["fetched_at"].timestamp()
        self.run(WANT, shard, place, article, row["text_digest"], origin, newest, refusal, own)

    def search(self, storage: Storage, files: Iterable[RowFile], on_file: Callable[[], None]) -> None:
        """Find the texts in row files. Raises ExportFailed, StorageError."""
        for number, file in enumerate(files):
            self.add("file", number, file.key, file.sha256, json.dumps(file.replaced))
            for row in file_rows(storage, file):
                self._take(row, number)
            on_file()
        self.run(REFUSE)

    def _take(self, row: Row, file: int) -> None:
        try:
            article = uuid.UUID(row.fields["id"]).bytes
            if not self.one("SELECT 1 FROM wanted WHERE id = ?", article):
                return
            fields = timed(row.fields)
            moment = fields["fetched_at"].timestamp()
            self.run(TAKE, _origin(fields), moment, file, row.number, article, fields["text_digest"])
            opt_out = next((code for code in self._opt_outs if code in fields["warnings"]), None)
            self.run(NEWEST, moment, opt_out, article)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise malformed(row, error) from error

    def found(self, shard: int, begin: int, end: int) -> Iterator[tuple[int, RowFile, int]]:
        """Yield places in a file of the data set up to `end`, with file and line of each text, in their order."""
        for place, key, sha256, replaced, line in self.run(FOUND, shard, begin, end - 1):
            yield place, RowFile(key, sha256, json.loads(replaced)), line

    def missing(self, shard: int, begin: int, end: int) -> Iterator[tuple[int, bool]]:
        """Yield places of rows that get no text, up to `end`, and whether that is because of a refusal."""
        statement = "SELECT place, refusal FROM wanted WHERE shard = ? AND place BETWEEN ? AND ? AND file IS NULL"
        yield from ((place, refusal is not None) for place, refusal in self.run(statement, shard, begin, end - 1))

    def count(self, condition: str = "1") -> int:
        return int(self.one(f"SELECT count(*) FROM wanted WHERE {condition}")[0])

    def articles(self) -> Iterator[tuple[str, bool, bool]]:
        """Yield the ID of each row, whether the article is withheld, and whether it has a text."""
        for article, refusal, has_text in self.run("SELECT id, refusal, file IS NOT NULL FROM wanted"):
            yield str(uuid.UUID(bytes=article)), refusal == WITHHELD, bool(has_text)

    def lacking(self, most: int) -> Iterator[str]:
        """Yield sentences about rows that get no text, refusals first."""
        lacking = "SELECT id, refusal FROM wanted WHERE file IS NULL ORDER BY refusal IS NULL, shard, place LIMIT ?"
        for article, refusal in self.run(lacking, most):
            yield f"{uuid.UUID(bytes=article)} {REASONS.get(refusal, f'opts out in the archive: {refusal}')}"


def _origin(row: Mapping[str, Any]) -> str:
    """Return the capture and the extractor of a row with real timestamps."""
    fetched: datetime | None = row["fetched_at"]
    if fetched is None:
        raise ExportFailed(f"the row of {row['id']} has no time of capture")
    return json.dumps([row["version"], fetched.isoformat(), row["extractor"]], sort_keys=True)
