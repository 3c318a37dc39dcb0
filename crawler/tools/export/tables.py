"""Rows as JSON Lines, CSV or Parquet, written to a stream one by one."""

import codecs
import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from crawler.archive.documents import columns
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import Row

# The format of a file by the ending of its name.
FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".csv": "csv"}

# Beginnings that a spreadsheet takes for a formula (OWASP): signs of any width, also after invisible characters.
UNSEEN = r"\s\x00-\x1f\xad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff"
SIGNS = r"=+\-@＝＋－＠\u2212\ufe62\ufe63\ufe66\ufe6b"
FORMULA = re.compile(rf"[{UNSEEN}]*[{SIGNS}]|[\t\r\n]")


Write = Callable[[Row], object]


def write_rows(rows: Iterable[Row], stream: IO[bytes], form: str) -> tuple[int, int]:
    """Write rows as a table; return their number and that of their outlets. Raises as `table_to` does."""
    count, outlets = 0, set()
    with table_to(stream, form) as add:
        for row in rows:
            add(row)
            count += 1
            outlets.add(row.fields["outlet"])
    return count, len(outlets)


@contextmanager
def table_to(stream: IO[bytes], form: str) -> Iterator[Write]:
    """Yield the function that adds a row to a table: `jsonl`, `csv` or `parquet`. Raises ExportFailed, OSError."""
    if form == "parquet":
        try:
            from crawler.tools.export.parquet import parquet_table  # pyarrow may be missing
        except ImportError as error:
            raise ExportFailed(f"Parquet requires pyarrow: python -m pip install pyarrow ({error})") from error
        with parquet_table(stream) as add:
            yield add
    elif form == "csv":
        yield _csv_table(stream)
    else:
        yield lambda row: stream.write(row.line.removesuffix(b"\n") + b"\n")


def _csv_table(stream: IO[bytes]) -> Write:
    """Write RFC 4180 in UTF-8: a column for each key, lists and objects as JSON, null and missing empty."""
    names = columns().keys()
    # Without a byte order mark, Excel reads the text as Latin letters.
    writer = csv.writer(codecs.getwriter("utf-8-sig")(stream))
    writer.writerow(names)

    def add(row: Row) -> None:
        if not row.fields.keys() <= names:
            raise ExportFailed(f"{row.place}: the row has unknown keys")
        writer.writerow([_cell(row.fields.get(name)) for name in names])

    return add


def _cell(value: Any) -> str | int | None:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
