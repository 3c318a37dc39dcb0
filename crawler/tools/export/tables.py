"""Rows as JSON Lines, CSV or Parquet, written to a stream one by one."""

import codecs
import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from crawler.archive.documents import columns
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import WITHDRAWN, Row

# The format of a file by the ending of its name.
FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".csv": "csv"}

# Beginnings that a spreadsheet takes for a formula (OWASP): signs of any width, also after invisible characters.
UNSEEN = r"\s\x00-\x1f\xad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff"
SIGNS = r"=+\-@＝＋－＠\u2212\ufe62\ufe63\ufe66\ufe6b"
FORMULA = re.compile(rf"[{UNSEEN}]*[{SIGNS}]|[\t\r\n]")


def write_rows(rows: Iterable[Row], stream: IO[bytes], form: str) -> tuple[int, int]:
    """Write rows as `jsonl`, `csv` or `parquet`; return their number and that of their outlets.

    Raises ExportFailed, OSError.
    """
    by_outlet: Counter[str] = Counter()

    def counted() -> Iterator[Row]:
        for row in rows:
            by_outlet[row.fields["outlet"]] += 1
            yield row

    _writer(form)(counted(), stream)
    return by_outlet.total(), len(by_outlet)


def _writer(form: str) -> Callable[[Iterable[Row], IO[bytes]], None]:
    if form != "parquet":
        return _write_csv if form == "csv" else _write_lines
    check_pyarrow()
    from crawler.tools.export.parquet import write_parquet

    return write_parquet


def check_pyarrow() -> None:
    """Raise ExportFailed without pyarrow, which khobor does not require otherwise."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise ExportFailed(f"Parquet requires pyarrow: python -m pip install pyarrow ({error})") from error


def _write_lines(rows: Iterable[Row], stream: IO[bytes]) -> None:
    """Write the archive's own lines."""
    for row in rows:
        stream.write(row.line.removesuffix(b"\n") + b"\n")


def _write_csv(rows: Iterable[Row], stream: IO[bytes]) -> None:
    """Write RFC 4180 in UTF-8: a column for each key, lists and objects as JSON, null and missing empty."""
    names = columns().keys()
    # Without a byte order mark, Excel reads the text as Latin letters.
    writer = csv.writer(codecs.getwriter("utf-8-sig")(stream))
    writer.writerow([*names, WITHDRAWN])
    for row in rows:
        if not row.fields.keys() <= names:
            raise ExportFailed(f"{row.place}: the row has unknown keys")
        writer.writerow([*(cell(row.fields.get(name)) for name in names), row.withdrawn])


def cell(value: Any) -> str | int | None:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
