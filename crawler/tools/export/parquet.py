"""Rows as Parquet: the columns of the schema, objects as structs, arrays as lists, all as they stand in the rows."""

from __future__ import annotations

from typing import IO, Any

import pyarrow as arrow
import pyarrow.parquet

from crawler.archive.documents import columns, row_check
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import Row

# Of the text of rows that wait as Python objects; of Arrow's columns that wait to be a row group.
BATCH_BYTES, GROUP_BYTES = 4 << 20, 64 << 20
TYPES = {"string": arrow.string(), "integer": arrow.int64()}


class ParquetTable:
    """A Parquet file on its way, a row group at a time; the stream need not seek."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._schema = arrow.schema([_field(name, part) for name, part in columns().items()])
        self._sink = _Sink(stream)
        file = arrow.PythonFile(self._sink, mode="w")
        self._writer = pyarrow.parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: list[Row] = []
        self._bytes = 0
        self._batches: list[arrow.RecordBatch] = []

    def add(self, row: Row) -> None:
        """Take a row in and write when there are enough."""
        self._rows.append(row)
        self._bytes += len(row.line)
        if self._bytes >= BATCH_BYTES:
            self._batch()
            if sum(batch.nbytes for batch in self._batches) >= GROUP_BYTES:
                self._write()

    def finish(self) -> None:
        """Write what is left and the footer."""
        self._batch()
        if self._batches:
            self._write()
        self._writer.close()

    def cut(self) -> None:
        """Let the footer that the writer adds by itself when it goes away go nowhere."""
        self._sink.is_cut = True
        self._writer.close()

    def _batch(self) -> None:
        if self._rows:
            self._batches.append(_batch_of(self._rows, self._schema))
        self._rows, self._bytes = [], 0

    def _write(self) -> None:
        group = arrow.Table.from_batches(self._batches)
        self._writer.write_table(group, row_group_size=group.num_rows)
        self._batches = []


class _Sink:
    """A stream that knows where it is, as pipes do not, and can be cut off."""

    closed = False
    is_cut = False

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._position = 0

    def write(self, data: bytes) -> int:
        if not self.is_cut:
            self._stream.write(data)
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        if not self.is_cut:
            self._stream.flush()

    def close(self) -> None:
        self.closed = True


def _batch_of(rows: list[Row], schema: Any) -> Any:
    """Return rows as columns from which the same rows come back, with all their keys. Raises ExportFailed."""
    fields = [{**dict.fromkeys(schema.names), **row.fields} for row in rows]
    try:
        batch = arrow.RecordBatch.from_pylist(fields, schema=schema)
        # Arrow drops keys that the schema does not know, and rounds.
        if batch.to_pylist() != fields:
            raise ValueError("other rows come back")
    except (ValueError, TypeError, OverflowError) as error:
        raise ExportFailed(_problem(rows) or f"{rows[0].place} to {rows[-1].place}: {error}") from error
    return batch


def _problem(rows: list[Row]) -> str | None:
    """Return what is wrong with the first of the rows that is not by the schema."""
    return next((f"{row.place}: {problem}" for row in rows for problem in row_check()(row.fields)), None)


def _field(name: str, part: dict[str, Any]) -> Any:
    return arrow.field(name, _type(part))


def _type(part: dict[str, Any]) -> Any:
    """Return Arrow's type for a part of the schema. Raises KeyError for one that is not known here."""
    names = part.get("type", "string")  # an enum is one of strings
    (name,) = {names} if isinstance(names, str) else set(names) - {"null"}
    if name == "array":
        return arrow.list_(_field("element", part["items"]))
    if name == "object":
        return arrow.struct([_field(*one) for one in part["properties"].items()])
    return TYPES[name]
