"""The Parquet files of a data set, written from the row files that the plan names."""

import uuid
from collections.abc import Callable, Iterator
from typing import IO, Any

from crawler.archive.storage.base import Storage
from crawler.archive.withdrawals import Withdrawals
from crawler.tools.dataset.layout import Shard
from crawler.tools.dataset.options import EXCERPT
from crawler.tools.dataset.plan import Plan
from crawler.tools.dataset.schema import HIDDEN, SCHEMA
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.parquet import batch_of, groups, moment_in_utc, timed, write_batches
from crawler.tools.export.rows import WITHDRAWN, Row, RowFile, fields_in, file_lines

# Words of a text in an excerpt.
EXCERPT_WORDS = 50
PLACES = """SELECT kept.file AS file, kept.line AS line, own.id AS id, own.characters AS characters, own.words AS words,
        own.share AS bengali_share, earliest.id AS cluster, coalesce(copy.size, 1) AS cluster_size,
        coalesce(copy.first, kept.number) = kept.number AS is_first
    FROM kept JOIN article AS own ON own.rowid = kept.article LEFT JOIN copy ON copy.number = kept.number
    LEFT JOIN kept AS other ON other.number = coalesce(copy.first, kept.number)
    LEFT JOIN article AS earliest ON earliest.rowid = other.article
    WHERE kept.split = ? ORDER BY kept.file, kept.line LIMIT ? OFFSET ?"""
FROM_PLAN = ("characters", "words", "bengali_share", "cluster_size")


class LineReader:
    """Reads lines of row files; lines of one file in their order read it once.

    A file that was read is compared with its SHA-256 when it is left.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._file: RowFile | None = None
        self._number = 0
        self._lines: Iterator[tuple[int, bytes]] = iter(())

    def line(self, file: RowFile, number: int) -> bytes:
        """Return a line of a file. Raises ExportFailed, StorageError."""
        if file != self._file or number <= self._number:
            self.leave()
            self._file, self._lines = file, file_lines(self._storage, file)
        for found, line in self._lines:
            self._number = found
            if found == number:
                return line
        raise ExportFailed(f"{file.key} has no line {number} any more")

    def leave(self) -> None:
        """Read the rest of a file, which compares it."""
        for _ in self._lines:
            continue
        self._file, self._number = None, 0


class ShardWriter:
    """Writes shards of a plan; `on_rows` is called with numbers of rows that are written."""

    def __init__(
        self, storage: Storage, plan: Plan, withdrawals: Withdrawals, text: str, on_rows: Callable[[int], None]
    ) -> None:
        self._plan = plan
        self._withdrawals = withdrawals
        self._text = text
        self._on_rows = on_rows
        self._reader = LineReader(storage)

    def write(self, shard: Shard, stream: IO[bytes]) -> None:
        """Write the rows of a shard as a Parquet file. Raises ExportFailed, StorageError, OSError."""
        write_batches(self._batches(shard), SCHEMA, stream)

    def _batches(self, shard: Shard) -> Iterator[Any]:
        for group in groups(self._rows(shard)):
            yield self._batch(group)
            self._on_rows(len(group))
        self._reader.leave()

    def _rows(self, shard: Shard) -> Iterator[Row]:
        """Yield the rows of a shard, with the columns that the archive lacks."""
        file = RowFile("", "")
        number = 0
        for place in self._plan.run(PLACES, shard.split, shard.rows, shard.begin):
            if place["file"] != number:
                number, file = place["file"], self._plan.file(place["file"])
            line = self._reader.line(file, place["line"])
            fields = fields_in(file.key, place["line"], line)
            fields |= {name: place[name] for name in FROM_PLAN}
            fields |= {"cluster": str(uuid.UUID(bytes=place["cluster"])), "is_first": bool(place["is_first"])}
            yield Row(file.key, place["line"], line, fields, self._withdrawals.since(fields["id"]))

    def _batch(self, rows: list[Row]) -> Any:
        try:
            fields = [timed(row.fields) | {WITHDRAWN: moment_in_utc(row.withdrawn)} for row in rows]
            return batch_of([shown(row, self._text) for row in fields], SCHEMA)
        except (KeyError, ValueError, TypeError, OverflowError) as error:
            raise ExportFailed(f"{rows[0].place} to {rows[-1].place}: {error}") from error


def shown(row: dict[str, Any], text: str) -> dict[str, Any]:
    """Return a row with all columns, without the content that a form of the texts leaves out."""
    kept = {**dict.fromkeys(SCHEMA.names), **row, **dict.fromkeys(HIDDEN[text])}
    if text == EXCERPT:
        kept["text"] = excerpt_of(kept["text"])
    return kept


def excerpt_of(text: str) -> str:
    """Return the first EXCERPT_WORDS words of a text."""
    rest = text.split(maxsplit=EXCERPT_WORDS)[EXCERPT_WORDS:]
    return text[: len(text) - len(rest[0])].rstrip() if rest else text
