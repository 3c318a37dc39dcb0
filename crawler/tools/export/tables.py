"""Rows as JSON Lines, CSV or Parquet, written to a stream as they come."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Protocol

from crawler.archive.documents import columns
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import Row

# Without it Excel takes the text for Latin letters.
BYTE_ORDER_MARK = "\ufeff"

# What spreadsheets take for a formula, some behind blanks that nobody sees and in other widths too (OWASP).
UNSEEN = r"\s\x00-\x1f\xad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff"
SIGNS = r"=+\-@＝＋－＠\u2212\ufe62\ufe63\ufe66\ufe6b"
FORMULA = re.compile(rf"[{UNSEEN}]*[{SIGNS}]|[\t\r\n]")


class Table(Protocol):
    """Where rows are written."""

    def add(self, row: Row) -> None:
        """Write a row. Raises ExportFailed, OSError."""

    def finish(self) -> None:
        """Write what is left. Raises ExportFailed, OSError."""

    def cut(self) -> None:
        """Write nothing more: what stands there is not to pass for a whole table."""


@contextmanager
def table_to(stream: IO[bytes], form: str) -> Iterator[Table]:
    """Give a table of one of FORMATS, finished at the end. Raises ExportFailed when what writes it is not installed."""
    table = FORMATS[form](stream)
    try:
        yield table
        table.finish()
    except BaseException:
        table.cut()
        raise


class JsonLines:
    """The lines of the archive, byte for byte."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def add(self, row: Row) -> None:
        """Write the line."""
        self._stream.write(row.line if row.line.endswith(b"\n") else row.line + b"\n")

    def finish(self) -> None:
        """Do nothing: all is written."""

    def cut(self) -> None:
        """Do nothing: no more is written by itself."""


class CsvTable:
    """RFC 4180 in UTF-8: a column for each key, lists and objects as JSON, unknown and missing empty; no formulas."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._columns = columns().keys()
        self._writer = csv.writer(self)
        self.write(BYTE_ORDER_MARK)
        self._writer.writerow(self._columns)

    def add(self, row: Row) -> None:
        """Write a record."""
        if not row.fields.keys() <= self._columns:
            raise ExportFailed(f"{row.place}: the keys are not those of a row")
        self._writer.writerow([_cell(row.fields.get(name)) for name in self._columns])

    def finish(self) -> None:
        """Do nothing: all is written."""

    def cut(self) -> None:
        """Do nothing: no more is written by itself."""

    def write(self, text: str) -> None:
        """Take what the csv module writes."""
        self._stream.write(text.encode())


def _cell(value: Any) -> str | int | None:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parquet(stream: IO[bytes]) -> Table:
    try:
        from crawler.tools.export.parquet import ParquetTable  # pyarrow may be missing
    except ImportError as error:
        raise ExportFailed(
            f"Parquet is written by pyarrow, which is not installed: python -m pip install pyarrow ({error})"
        ) from error
    return ParquetTable(stream)


FORMATS: dict[str, Callable[[IO[bytes]], Table]] = {"jsonl": JsonLines, "parquet": _parquet, "csv": CsvTable}
