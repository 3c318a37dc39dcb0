"""Rows as JSON Lines, CSV or Parquet, written to a stream one by one."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO, Any, Protocol

from crawler.archive.documents import columns
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import Row

# Beginnings that a spreadsheet takes for a formula (OWASP): signs of any width, also after invisible characters.
UNSEEN = r"\s\x00-\x1f\xad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff"
SIGNS = r"=+\-@＝＋－＠\u2212\ufe62\ufe63\ufe66\ufe6b"
FORMULA = re.compile(rf"[{UNSEEN}]*[{SIGNS}]|[\t\r\n]")


class Table(Protocol):
    """A table on a stream."""

    def add(self, row: Row) -> None:
        """Write a row. Raises ExportFailed, OSError."""


@contextmanager
def table_to(stream: IO[bytes], form: str) -> Iterator[Table]:
    """Yield a table (`jsonl`, `csv` or `parquet`). Raises ExportFailed if its writer is not installed."""
    if form == "parquet":
        with _parquet_table(stream) as table:
            yield table
    else:
        yield JsonLines(stream) if form == "jsonl" else CsvTable(stream)


class JsonLines:
    """The lines of the archive, byte for byte."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def add(self, row: Row) -> None:
        self._stream.write(row.line if row.line.endswith(b"\n") else row.line + b"\n")


class CsvTable:
    """RFC 4180 in UTF-8: a column for each key, lists and objects as JSON, null and missing empty, no formulas."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._columns = columns().keys()
        # Without a byte order mark, Excel reads the text as Latin letters.
        self._writer = csv.writer(codecs.getwriter("utf-8-sig")(stream))
        self._writer.writerow(self._columns)

    def add(self, row: Row) -> None:
        if not row.fields.keys() <= self._columns:
            raise ExportFailed(f"{row.place}: the row has unknown keys")
        self._writer.writerow([_cell(row.fields.get(name)) for name in self._columns])


def _cell(value: Any) -> str | int | None:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parquet_table(stream: IO[bytes]) -> AbstractContextManager[Table]:
    try:
        from crawler.tools.export.parquet import parquet_table  # pyarrow may be missing
    except ImportError as error:
        raise ExportFailed(f"Parquet requires pyarrow: python -m pip install pyarrow ({error})") from error
    return parquet_table(stream)
