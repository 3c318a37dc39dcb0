"""A data set in datasets, mlcroissant, DuckDB, pandas, polars, datatrove and Spark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.tools.dataset.facts import DatasetFacts
from interop.conftest import News
from interop.foreign import run
from interop.readers import DATA, example, interpreter_for, python, query

SECTION = "Read a data set"
IDS = {
    "pandas": "[*articles.id]",
    "polars": "articles.collect()['id'].to_list()",
    "pyspark": "[row.id for row in articles.collect()]",
}
# Code that compares the loaded columns with the Parquet files and the card, and prints the IDs of each split.
COMPARED = """
from glob import glob
import pyarrow.parquet
from datasets import Features
from huggingface_hub import DatasetCard
features = Features.from_arrow_schema(pyarrow.parquet.read_schema(glob("dataset/data/*.parquet")[0]))
declared = DatasetCard.load("dataset/README.md").data.dataset_info["features"]
assert declared == features._to_yaml_list(), declared
assert all(split.features == features for split in articles.values()), articles
print(json.dumps({name: split['id'][:] for name, split in articles.items()}))
"""
# Code that prints the articles of each split, their columns, and dates and structs.
ITERATED = """
articles = list(articles)
dates = {one["articles/id"].decode(): one["articles/published"]["articles/published/at"] for one in articles}
splits = [one["articles/split"].decode() for one in articles]
authors = [one["articles/authors/name"].decode() for row in articles for one in row["articles/authors"] or ()]
print(json.dumps([sorted(articles[0]), {key: str(date) for key, date in dates.items()}, splits, authors]))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory, demo) -> News:
    """A week of an outlet, and a data set of it."""
    made = News(tmp_path_factory.mktemp("datasets") / "archive")
    days = ("-a", "since=2026-11-18", "-a", "until=2026-11-24")
    options = ("-s", f"DEMO_URL={demo.url}", "-s", "DOWNLOAD_DELAY=0", "-s", "LOG_LEVEL=WARNING")
    made.scrapy("crawl", "demo_daily", *days, *options)
    made.scrapy("dataset", "--to", made.folder.with_name("dataset"))
    return made


@pytest.fixture(scope="module")
def folder(made) -> Path:
    return made.folder.parent


@pytest.fixture(scope="module")
def facts(folder) -> DatasetFacts:
    return DatasetFacts.decoded((folder / "dataset/facts.json").read_bytes())


@pytest.fixture(scope="module")
def rows(made) -> list[dict]:
    made.scrapy("export", "--to", made.folder.with_name("rows.jsonl"), "--latest")
    return [json.loads(line) for line in made.folder.with_name("rows.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("library", IDS)
def test_the_documented_code_reads_every_article(folder, rows, library):
    found = python(folder, f"{example(SECTION, library)}\nprint(json.dumps({IDS[library]}))")
    assert sorted(found) == sorted(row["id"] for row in rows)


def test_the_documented_query_counts_every_article_in_duckdb(folder, rows):
    found = python(folder, f"{query(SECTION)}print(json.dumps([row[:2] for row in found.fetchall()]))")
    assert found == [["demo_daily", len(rows)]]


@pytest.mark.parametrize("text", ["full", "none"])
def test_datasets_loads_the_declared_splits_and_columns(made, tmp_path, facts, rows, text):
    made.scrapy("dataset", "--to", tmp_path / "dataset", "--text", text)
    found = python(tmp_path, f"{example(SECTION, 'datasets')}{COMPARED}")
    assert {name: len(ids) for name, ids in found.items()} == {name: split.rows for name, split in facts.splits.items()}
    assert sorted(id for ids in found.values() for id in ids) == sorted(row["id"] for row in rows)


def test_datasets_loads_a_filled_data_set_anew(made, tmp_path, rows):
    made.scrapy("dataset", "--to", tmp_path / "dataset", "--text", "none")
    code = f"{example(SECTION, 'datasets')}\nprint(json.dumps([split['text'][:] for split in articles.values()]))"
    assert {text for split in python(tmp_path, code) for text in split} == {None}
    made.scrapy("dataset", "--fill", tmp_path / "dataset")
    assert sorted(text for split in python(tmp_path, code) for text in split) == sorted(row["text"] for row in rows)


def test_mlcroissant_validates_the_description_without_a_warning(folder):
    done = run(DATA.with_name("mlcroissant"), "validate", "--jsonld", folder / "dataset/croissant.json")
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower()


def test_mlcroissant_iterates_over_the_records(folder, facts, rows):
    names, dates, splits, authors = python(folder, f"{example(SECTION, 'mlcroissant')}{ITERATED}")
    assert {name.split("/")[1] for name in names} >= {"split", "id", "title", "text", "published", "cluster"}
    assert len(dates) == len(rows)
    assert all(dates[row["id"]].endswith("+00:00") for row in rows if row["published"])
    assert {name: splits.count(name) for name in splits} == {name: split.rows for name, split in facts.splits.items()}
    assert sorted(authors) == sorted(one["name"] for row in rows for one in row["authors"])


def test_datatrove_reads_the_texts(folder, rows):
    code = f"{example(SECTION, 'datatrove')}\nprint(json.dumps({{one.id: one.text for one in articles()}}))"
    assert python(folder, code, interpreter_for("datatrove")) == {row["id"]: row["text"] for row in rows}
