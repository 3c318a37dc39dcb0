"""`scrapy export`, judged by the archive itself, Python's csv and pyarrow's reader."""

import csv
import gzip
import io
import json
import os
import resource
import signal
import sys
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow.parquet
import pytest
import warm
from verify_tools import Kept, give_manifest

from crawler.crawl.settings import PROJECT_ROOT
from crawler.model.article import article_id
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import Row
from crawler.tools.export.tables import write_rows

ROWS = "articles/outlet=samakal/**/*.gz"


@pytest.fixture
def kept(september, tmp_path):
    """A copy that a test may change."""
    return september.copied(tmp_path)


def lines_of(kept, pattern="articles/**/*.gz"):
    return [line for key in kept.keys(pattern) for line in gzip.decompress(kept.read(key)).splitlines(keepends=True)]


def rows_of(kept, pattern="articles/**/*.gz"):
    return list(map(json.loads, lines_of(kept, pattern)))


def export(kept, *words, code=None, **options):
    """Run the command, or code of a test that runs it."""
    places = {"KHOBOR_ARCHIVE_URL": str(kept.archive), "KHOBOR_SPOOL_DIR": str(kept.spool)}
    start = ["-c", code] if code else ["-m", "scrapy"]
    command = [sys.executable, *start, "export", *map(str, words)]
    environment = {**os.environ, **places, "SCRAPY_PROJECT": "test"}
    return warm.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, timeout=300, **options)


def written(form, *rows):
    """Return the bytes of a table of these rows."""
    stream = io.BytesIO()
    numbered = (Row("here", number, json.dumps(row).encode(), row) for number, row in enumerate(rows, 1))
    write_rows(numbered, stream, form)
    return stream.getvalue()


def in_parquet(rows):
    """Return rows as pyarrow reads them from Parquet: times and days instead of their texts."""
    return [{name: timed(name, value) for name, value in row.items()} for row in rows]


def timed(name, value):
    if name == "fetched_at":
        return datetime.fromisoformat(value)
    if name in ("published", "modified") and value:
        return value | {"at": datetime.fromisoformat(value["at"]), "at_text": value["at"]}
    if name == "dateline" and value and value["date"]:
        return value | {"date": date.fromisoformat(value["date"])}
    return value


def read_parquet(source):
    return pyarrow.parquet.read_table(source).to_pylist()


def parquet_of(*rows):
    """Return what pyarrow reads from a Parquet file of these rows."""
    return read_parquet(io.BytesIO(written("parquet", *rows)))


def csv_record(row):
    (record,) = csv.DictReader(io.StringIO(written("csv", row).decode("utf-8-sig"), newline=""))
    return record


def present(rows):
    """Return rows as those of an export of articles that no site has withdrawn."""
    return [row | {"withdrawn": None} for row in rows]


def test_json_lines_are_those_of_the_archive(september):
    done = export(september, "--to", "-")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.splitlines(keepends=True) == lines_of(september)


def test_parquet_goes_through_a_pipe(september):
    done = export(september, "--to", "-", "--format", "parquet")
    assert (done.returncode, done.stderr) == (0, b"")
    assert read_parquet(io.BytesIO(done.stdout)) == in_parquet(present(rows_of(september)))


def test_every_format_returns_the_rows_of_a_crawl(demo, tmp_path):
    from place import Place

    place = Place(tmp_path, demo.url)
    assert place.crawl("demo_daily").returncode == 0
    for name in ("a.jsonl", "a.csv", "a.parquet"):
        assert place.scrapy("export", "--to", str(tmp_path / name)).returncode == 0
    archived, rows = place.rows(), present(place.rows())
    assert [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()] == archived
    assert read_parquet(tmp_path / "a.parquet") == in_parquet(rows)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [from_cells(record) for record in csv.DictReader(stream)] == rows


def from_cells(record):
    """Return the row of a CSV record."""
    row = {}
    for name, cell in record.items():
        is_plain = isinstance(row_types()[name], str)
        row[name] = None if cell == "" else cell if is_plain else json.loads(cell)
    return row


def row_types():
    schema = json.loads((PROJECT_ROOT / "crawler/archive/article.schema.json").read_text())["properties"]
    plain = {name: part.get("type", "string") for name, part in schema.items() if "$ref" not in part}
    texts = ("string", ["string", "null"])
    return {"withdrawn": "text"} | {name: "text" if plain.get(name) in texts else None for name in schema}


@pytest.mark.parametrize(
    ("text", "precision", "moment"),
    [
        ("2026-11-24T00:00:00+06:00", "day", datetime(2026, 11, 23, 18, tzinfo=UTC)),
        ("2026-11-01T00:00:00+06:00", "month", datetime(2026, 10, 31, 18, tzinfo=UTC)),
        ("2026-01-01T00:00:00+06:00", "year", datetime(2025, 12, 31, 18, tzinfo=UTC)),
        ("2026-11-24T10:15:30.123456+05:30", "second", datetime(2026, 11, 24, 4, 45, 30, 123456, tzinfo=UTC)),
        ("1899-12-31T23:59:59-05:00", "second", datetime(1900, 1, 1, 4, 59, 59, tzinfo=UTC)),
        ("0001-01-01T00:00:00+06:00", "day", None),
        ("9999-12-31T23:00:00-05:00", "hour", None),
        ("2026-02-30T00:00:00+06:00", "day", None),
    ],
)
def test_a_date_in_parquet_keeps_its_text(september, text, precision, moment):
    row = rows_of(september)[0] | {"modified": {"at": text, "precision": precision, "source": "meta"}}
    (back,) = parquet_of(row)
    assert back["modified"] == row["modified"] | {"at": moment, "at_text": text}


@pytest.mark.parametrize("fetched_at", ["2026-09-24", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", 7])
def test_a_capture_without_a_time_is_named(september, fetched_at):
    row = rows_of(september)[0]
    with pytest.raises(ExportFailed, match=r"here line 2: |here line 1 to here line 2: "):
        written("parquet", row, row | {"fetched_at": fetched_at})


FORMULAS = "=1+1|+1|-1|@SUM(A1)|\tx|\rx|  =1+1|＝1+1|\ufeff=1|\u200b+1|\xad-1|\0@A|\u22121|\ufe661"


@pytest.mark.parametrize("text", FORMULAS.split("|"))
def test_no_cell_is_a_formula(september, text):
    row = rows_of(september)[0] | {"title": text, "section": text, "tags": [text]}
    record = csv_record(row)
    assert (record["title"], record["section"], json.loads(record["tags"])) == (f"'{text}", f"'{text}", [text])


@pytest.mark.parametrize(
    ("form", "change"),
    [
        *((form, {"more": 1}) for form in ("csv", "parquet")),
        *(("parquet", change) for change in ({"version": "1"}, {"version": 1.5}, {"warc": {"file": "x"}}, {"tags": 7})),
        *(("parquet", {"published": date}) for date in ("2026", {"at": 7}, {"precision": "day"})),
        *(("parquet", {"dateline": line}) for line in ("ঢাকা", {"place": "ঢাকা"}, {"place": "ঢাকা", "date": 24})),
    ],
)
def test_a_row_outside_the_schema_is_named(september, form, change):
    row = rows_of(september)[0]
    with pytest.raises(ExportFailed, match="here line 2: "):
        written(form, row, row | change)


def test_without_pyarrow_the_error_names_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "crawler.tools.export.parquet")
    with pytest.raises(ExportFailed, match="pip install pyarrow"):
        written("parquet")


def test_incomplete_parquet_is_not_readable(september, kept):
    kept.flip(kept.keys(ROWS)[-1], 60)
    done = export(kept, "--format", "parquet", "--to", "-")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    with pytest.raises(pyarrow.ArrowInvalid):
        pyarrow.parquet.read_table(io.BytesIO(done.stdout))


@pytest.mark.parametrize("command", [["export", "--to", "-"], ["wacz", "--outlet", "samakal", "--to", "-"]])
def test_a_newer_format_is_refused_by_name(kept, command):
    manifest = kept.key("manifest/samakal/**/*.json")
    with kept.edited(manifest) as document:
        document["format"] = "2.0"
    done = kept.scrapy(*command)
    said = f"{manifest} has format 2.0; this khobor reads format 1.0"
    assert (done.returncode, done.stdout, done.stderr.count("\n"), said in done.stderr) == (1, "", 1, True)


@pytest.mark.parametrize("damage", ["flip", "cut", "other", "gone", "no-row"])
def test_damage_is_reported_and_leaves_no_file(kept, damage, tmp_path):
    key = kept.keys(ROWS)[1]
    damages = {
        "flip": lambda: kept.flip(key, 60),
        "cut": lambda: kept.write(key, kept.read(key)[:-9]),
        "other": lambda: kept.write(key, gzip.compress(lines_of(kept, ROWS)[0])),
        "gone": (kept.archive / key).unlink,
        "no-row": lambda: kept.write(key, gzip.compress(b"[]\n")),
    }
    damages[damage]()
    done = export(kept, "--latest", "--to", tmp_path / "a.csv")
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (1, b"", 1)
    assert key in done.stderr.decode()
    assert not list(tmp_path.glob("a.csv*"))


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (["--to", "a.csv", "samakal"], 2, "takes options only"),
        ([], 2, "arguments are required: --to; see scrapy export --help"),
        (["--to", "a.xlsx"], 2, "ends with none of .jsonl, .parquet and .csv"),
        (["--to", "a.csv", "--format", "xlsx"], 2, "--format: invalid choice: 'xlsx'"),
        (["--to", "a.csv", "--since", "2026-02-30"], 2, "not a day of the calendar"),
        (["--to", "a.csv", "--since", "2026-02-02", "--until", "2026-02-01"], 2, "is after"),
        (["--to", "a.csv", "--outlet", "samakl"], 2, "did you mean samakal"),
        (["--to", "a.csv", "--outlet", "prothom_alo"], 1, "there are no rows in"),
        (["--to", "/nowhere/a.csv"], 1, "No such file or directory"),
        (["--to", "a.csv", "-s", "ARCHIVE_URL=/nowhere"], 1, "the archive can't be used: /nowhere"),
    ],
)
def test_a_mistake_is_reported_in_one_line(september, words, exit_code, message):
    done = export(september, *words)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (exit_code, b"", 1)
    assert message in done.stderr.decode()
    assert not Path(PROJECT_ROOT, "a.csv").exists()


def test_an_existing_file_is_not_overwritten(september, tmp_path):
    (tmp_path / "a.csv").write_text("mine")
    done = export(september, "--to", tmp_path / "a.csv")
    assert (done.returncode, (tmp_path / "a.csv").read_text()) == (2, "mine")


def test_days_without_rows_yield_an_empty_table(september, tmp_path):
    done = export(september, "--to", tmp_path / "a.parquet", "--since", "2026-11-01")
    assert (done.returncode, b"0 rows" in done.stdout) == (0, True)
    assert pyarrow.parquet.read_table(tmp_path / "a.parquet").num_rows == 0


def test_a_full_disk_is_reported_and_leaves_nothing(september, tmp_path):
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (3_000, 3_000))
    for name in ("a.jsonl", "a.parquet"):
        done = export(september, "--to", tmp_path / name, preexec_fn=limit)
        assert (done.returncode, done.stderr.count(b"\n"), b"File too large" in done.stderr) == (1, 1, True)
    assert not list(tmp_path.iterdir())


def test_a_stopped_export_leaves_nothing(september, tmp_path):
    code = (
        "import os, sys, crawler.tools.export.rows as module\nfrom scrapy.cmdline import execute\n"
        f"module.file_rows = lambda *args: os.kill(os.getpid(), {int(signal.SIGTERM)})\n"
        "execute(['scrapy', *sys.argv[1:]])"
    )
    done = export(september, "--to", tmp_path / "a.parquet", code=code)
    assert (done.returncode, done.stderr) == (143, b"khobor: interrupted; nothing is left of the file\n")
    assert not list(tmp_path.iterdir())


def test_memory_does_not_grow_with_the_number_of_rows(september, tmp_path):
    code = (
        "import sys\nfrom scrapy.cmdline import execute\n"
        "try:\n    execute(['scrapy', *sys.argv[1:]])\n"
        # `ru_maxrss` counts the memory of the process that started this one too.
        "finally:\n    print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr)"
    )
    peaks = []
    for files in (1, 10):
        kept = Kept(tmp_path / str(files))
        fill(kept, rows_of(september)[0], files)
        done = export(kept, "--latest", "--to", tmp_path / f"{files}.jsonl", code=code)
        assert (done.returncode, b": 2000 rows of" in done.stdout) == (0, True), done.stderr
        peaks.append(int(done.stderr.split()[-1]))
    assert peaks[1] - peaks[0] < 8_000, peaks


def fill(kept, row, files):
    """Write row files, each with captures of the same 2000 articles."""
    for number in range(files):
        moment = datetime(2026, 9, 1) + timedelta(minutes=number)
        lines = (
            json.dumps(row | {"id": article_id("ittefaq", str(line)), "fetched_at": f"{moment.isoformat()}.000000Z"})
            for line in range(2000)
        )
        file = f"articles/outlet=ittefaq/crawl_month=2026-09/khobor-ittefaq-20260901T{number:09}-host.jsonl.gz"
        kept.write(file, gzip.compress("".join(f"{line}\n" for line in lines).encode(), 1))
        give_manifest(kept.archive, file)
