"""Rows as Parquet: the columns of the schema, objects as structs, arrays as lists, values unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import pyarrow as arrow
import pyarrow.parquet

from crawler.archive.documents import columns, row_check
from crawler.tools.export.output import ExportFailed, ForwardStream
from crawler.tools.export.rows import Row

# The most text of rows that wait as Python objects, and the most data of a row group.
BATCH_BYTES, GROUP_BYTES = 4 << 20, 64 << 20
TYPES = {"string": arrow.string(), "integer": arrow.int64()}


@contextmanager
def parquet_table(stream: IO[bytes]) -> Iterator[Callable[[Row], None]]:
    """Yield the function that adds a row to a Parquet file; after an error no reader accepts the file."""
    sink = ForwardStream(stream)
    table = ParquetTable(sink)
    try:
        yield table.add
        table.finish()
    except BaseException:
        sink.cut()  # the writer adds a footer when it is closed
        raise
    finally:
        table.writer.close()


class ParquetTable:
    def __init__(self, sink: ForwardStream) -> None:
        self._schema = arrow.schema([_field(name, part) for name, part in columns().items()])
        file = arrow.PythonFile(sink, mode="w")
        self.writer = pyarrow.parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: list[Row] = []
        self._bytes = 0
        self._batches: list[arrow.RecordBatch] = []

    def add(self, row: Row) -> None:
        """Keep the row, and write a row group when there are enough. Raises ExportFailed, OSError."""
        self._rows.append(row)
        self._bytes += len(row.line)
        if self._bytes >= BATCH_BYTES:
            self._batch()
            if sum(batch.nbytes for batch in self._batches) >= GROUP_BYTES:
                self._write()

    def finish(self) -> None:
        self._batch()
        if self._batches:
            self._write()
        self.writer.close()

    def _batch(self) -> None:
        if self._rows:
            self._batches.append(_batch_of(self._rows, self._schema))
        self._rows, self._bytes = [], 0

    def _write(self) -> None:
        group = arrow.Table.from_batches(self._batches)
        self.writer.write_table(group, row_group_size=group.num_rows)
        self._batches = []


def _batch_of(rows: list[Row], schema: Any) -> Any:
    fields = [{**dict.fromkeys(schema.names), **row.fields} for row in rows]
    try:
        batch = arrow.RecordBatch.from_pylist(fields, schema=schema)
        # Arrow drops unknown keys and rounds numbers.
        if batch.to_pylist() != fields:
            raise ValueError("Parquet would change the rows")
    except (ValueError, TypeError, OverflowError) as error:
        problems = (f"{row.place}: {problem}" for row in rows for problem in row_check()(row.fields))
        raise ExportFailed(next(problems, f"{rows[0].place} to {rows[-1].place}: {error}")) from error
    return batch


def _field(name: str, part: dict[str, Any]) -> Any:
    return arrow.field(name, _type(part))


def _type(part: dict[str, Any]) -> Any:
    names = part.get("type", "string")  # an enum is one of strings
    (name,) = {names} if isinstance(names, str) else set(names) - {"null"}
    if name == "array":
        return arrow.list_(_field("element", part["items"]))
    if name == "object":
        return arrow.struct([_field(*one) for one in part["properties"].items()])
    return TYPES[name]
