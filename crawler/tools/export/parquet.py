"""Rows as Parquet: the columns of the schema, objects as structs, arrays as lists, values unchanged."""

from collections.abc import Iterable, Iterator
from typing import IO, Any

import pyarrow as arrow
import pyarrow.parquet

from crawler.archive.documents import columns, row_check
from crawler.tools.export.output import ExportFailed, ForwardStream
from crawler.tools.export.rows import Row

# The most text of the rows that wait as Python objects and then become a row group.
GROUP_BYTES = 16 << 20
TYPES = {"string": arrow.string(), "integer": arrow.int64()}


def write_parquet(rows: Iterable[Row], stream: IO[bytes]) -> None:
    """Write rows as a Parquet file; after an error no reader accepts it. Raises ExportFailed, OSError."""
    sink = ForwardStream(stream)
    schema = arrow.schema([_field(name, part) for name, part in columns().items()])
    writer = pyarrow.parquet.ParquetWriter(arrow.PythonFile(sink, mode="w"), schema, compression="zstd")
    try:
        for group in _groups(rows):
            writer.write_batch(_batch_of(group, schema))
    except BaseException:
        sink.cut()  # the writer adds a footer when it is closed
        raise
    finally:
        writer.close()


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    size = 0
    for row in rows:
        group.append(row)
        size += len(row.line)
        if size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


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
