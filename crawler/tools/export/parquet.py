"""Rows as Parquet: the columns of the schema, objects as structs, arrays as lists, times as timestamps.

A timestamp has no offset. So a date of the article keeps its text as well, in `at_text`.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import IO, Any

import pyarrow as arrow
import pyarrow.parquet

from crawler.archive.documents import columns, row_check
from crawler.tools.export.output import ExportFailed, ForwardStream
from crawler.tools.export.rows import WITHDRAWN, Row, moment_of

# The most text, and the most, of the rows that wait as Python objects and then become a row group.
GROUP_BYTES, GROUP_ROWS = 16 << 20, 4000
TYPES = {"string": arrow.string(), "integer": arrow.int64()}
TIMES = {"date-time": arrow.timestamp("us", tz="UTC"), "date": arrow.date32()}
DATES = ("published", "modified")


def write_parquet(rows: Iterable[Row], stream: IO[bytes]) -> None:
    """Write rows as a Parquet file; after an error no reader accepts it. Raises ExportFailed, OSError."""
    schema = row_schema()
    write_batches((_batch_of(group, schema) for group in groups(rows)), schema, stream)


def write_batches(batches: Iterable[Any], schema: Any, stream: IO[bytes]) -> None:
    """Write record batches, each as a row group, as a Parquet file; after an error no reader accepts it."""
    sink = ForwardStream(stream)
    writer = pyarrow.parquet.ParquetWriter(arrow.PythonFile(sink, mode="w"), schema, compression="zstd")
    try:
        for batch in batches:
            writer.write_batch(batch)
    except BaseException:
        sink.cut()  # the writer adds a footer when it is closed
        raise
    finally:
        writer.close()


def row_schema() -> Any:
    """Return the schema of the rows. Raises OSError."""
    parts = columns()
    parts[WITHDRAWN] = parts["fetched_at"]
    return arrow.schema([_column(name, part) for name, part in parts.items()])


def groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield the rows of each row group; its size depends on the lines of the rows only."""
    group: list[Row] = []
    size = 0
    for row in rows:
        group.append(row)
        size += len(row.line)
        if size >= GROUP_BYTES or len(group) == GROUP_ROWS:
            yield group
            group, size = [], 0
    if group:
        yield group


def _batch_of(rows: list[Row], schema: Any) -> Any:
    try:
        fields = [
            {**dict.fromkeys(schema.names), **timed(row.fields), WITHDRAWN: moment_in_utc(row.withdrawn)}
            for row in rows
        ]
        return batch_of(fields, schema)
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        problems = (f"{row.place}: {problem}" for row in rows for problem in row_check()(row.fields))
        raise ExportFailed(next(problems, f"{rows[0].place} to {rows[-1].place}: {error}")) from error


def batch_of(fields: list[dict[str, Any]], schema: Any) -> Any:
    """Return rows as a record batch, which holds them unchanged. Raises ValueError, TypeError, OverflowError."""
    batch = arrow.RecordBatch.from_pylist(fields, schema=schema)
    # Arrow drops unknown keys and rounds numbers.
    if batch.to_pylist() != fields:
        raise ValueError("Parquet would change the rows")
    return batch


def timed(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with moments and days in the place of their texts. Raises ValueError, TypeError, OverflowError."""
    result = {**row, "fetched_at": moment_in_utc(row.get("fetched_at"))}
    if extractor := row.get("extractor"):
        # Extractors of version 10 and before do not say it.
        result["extractor"] = {"keep": None, **extractor}
    for name in DATES:
        if stated := row.get(name):
            result[name] = {**stated, "at": _moment_or_none(stated["at"]), "at_text": stated["at"]}
    if (dateline := row.get("dateline")) and dateline["date"]:
        result["dateline"] = {**dateline, "date": date.fromisoformat(dateline["date"])}
    return result


def moment_in_utc(text: str | None) -> datetime | None:
    return None if text is None else moment_of(text).astimezone(UTC)


def _moment_or_none(text: str) -> datetime | None:
    """Return the moment of a date; None for one before the year 1 or after 9999 in UTC, or not of the calendar."""
    try:
        return moment_in_utc(text)
    except (ValueError, OverflowError):
        return None


def _column(name: str, part: dict[str, Any]) -> Any:
    column = _field(name, part)
    if name not in DATES:
        return column
    return arrow.field(name, arrow.struct([*column.type, arrow.field("at_text", arrow.string())]))


def _field(name: str, part: dict[str, Any]) -> Any:
    return arrow.field(name, _type(part))


def _type(part: dict[str, Any]) -> Any:
    names = part.get("type", "string")  # an enum is one of strings
    (name,) = {names} if isinstance(names, str) else set(names) - {"null"}
    if name == "array":
        return arrow.list_(_field("element", part["items"]))
    if name == "object":
        return arrow.struct([_field(*one) for one in part["properties"].items()])
    return TIMES.get(part.get("format", "")) or TYPES[name]
