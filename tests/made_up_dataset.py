"""An archive of made-up articles for data sets, and the making of data sets from it without a process."""

from __future__ import annotations

import json
import random
import re
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from indexed_rows import Row, article_row, write_segment

from crawler.archive.storage.directory import DirectoryStorage
from crawler.archive.withheld import Decision, put_decision
from crawler.tools.dataset import layout
from crawler.tools.dataset.building import Building
from crawler.tools.dataset.facts import DatasetFacts
from crawler.tools.dataset.filling import FillingOutcome, TextFilling
from crawler.tools.dataset.options import DatasetOptions
from crawler.tools.dataset.target import DatasetTarget
from crawler.tools.export import parquet
from crawler.tools.export.rows import outlets_with_rows

FIRST = datetime.fromisoformat("2026-08-01T09:00:00+06:00")
OUTLETS = ("ittefaq", "samakal")
# The articles that no data set has: withheld, and with each signal.
WITHHELD = "withheld"
OPTED_OUT = ("noai", "tdm-reservation", "content-signal", "content-usage")
# Texts that are longer than an excerpt have this many words.
WORDS = 80
# Of a word.
LETTERS = 9


class Bar:
    """A progress bar that nobody sees."""

    def describe(self, what: str) -> None:
        pass

    def begin(self, total: int) -> None:
        pass

    def advance(self, count: int = 1) -> None:
        pass


def text_of(key: object, words: int = WORDS) -> str:
    """Return a text of which no other one has a word."""
    chance = random.Random(str(key))
    letters = "কখগঘচছজঝটঠডঢতথদধনপফবভমযরলশষসহ"
    return " ".join("".join(chance.choices(letters, k=LETTERS)) for _ in range(words))


def dated_row(key: object, day: int, **fields: Any) -> Row:
    """Return an article of a day after FIRST, of whose words no other one has any."""
    at = (FIRST + timedelta(days=day)).isoformat()
    given = {
        "text": text_of(key),
        "subtitle": text_of(f"{key} subtitle", 5),
        "description": text_of(f"{key} description", 5),
        "authors": [{"name": text_of(f"{key} author", 2), "kind": "person"}],
        "dateline": {"place": text_of(f"{key} place", 1), "date": "2026-08-01"},
        "tags": [text_of(f"{key} tag", 1)],
        "image": f"https://samakal.example/{key}.jpg",
        "scope": "national",
        "section": "বাংলাদেশ",
        "extractor": {"name": "khobor", "version": "14", "keep": []},
    }
    return article_row(key, text_of(f"{key} title", 4), at=at, **given | fields)


def rows_of_archive() -> dict[str, Row]:
    """Return the newest rows of the archive by their keys, a day apart.

    A copy is published in the other outlet three days after its original; originals are of any day.
    """
    rows = {f"{day}": dated_row(day, day, outlet=OUTLETS[day % 2]) for day in range(50)}
    for day in (3, 10, 20, 43, 45):
        original = rows[str(day)]
        outlet = OUTLETS[(day + 1) % 2]
        rows[f"copy{day}"] = dated_row(f"copy{day}", day + 3, outlet=outlet, text=f"{original['text']} শেষ")
    rows |= {code: dated_row(code, 15, warnings=[code], outlet="samakal") for code in OPTED_OUT}
    rows |= {
        WITHHELD: dated_row(WITHHELD, 16, outlet="samakal"),
        "english": dated_row("english", 17, outlet="samakal", language="en", text="A dog " * 30),
        "local": dated_row("local", 18, outlet="samakal", scope="local"),
        "short": dated_row("short", 19, outlet="samakal", text=text_of("short", 5), warnings=["short-text"]),
        "noarchive": dated_row("noarchive", 20, outlet="samakal", warnings=["noarchive", "text-dropped:share"]),
        "undated": dated_row("undated", 21, outlet="samakal", published=None, fetched_at="2026-08-22T03:00:00.000000Z"),
        "edited": dated_row("edited", 22, outlet="samakal", version=2, fetched_at="2026-11-25T00:00:00.000000Z"),
    }
    return rows


def write_archive(root: Path) -> dict[str, Row]:
    """Write the archive: segments with rows of all days, and decisions. Return the newest rows."""
    rows = rows_of_archive()
    old = dated_row("edited", 22, outlet="samakal", text=text_of("before", 60))
    for outlet in OUTLETS:
        own = [row for row in rows.values() if row["outlet"] == outlet]
        random.Random(outlet).shuffle(own)
        if outlet == "samakal":
            own.insert(0, old)
        for number in range(0, len(own), 12):
            write_segment(root, number * 10 + OUTLETS.index(outlet), *own[number : number + 12], outlet=outlet)
    withhold(root, rows[WITHHELD])
    return rows


def withhold(root: Path, row: Row) -> None:
    decision = Decision(
        row["id"], row["outlet"], row["url"], "withhold", "a judgement", "2026-11-26T00:00:00.000000Z", ""
    )
    put_decision(DirectoryStorage(root), decision)


def build(archive: Path, to: Path, spool: str = "spool", is_forced: bool = False, **options: Any) -> DatasetFacts:
    """Make a data set with a spool beside it."""
    storage, target = DirectoryStorage(archive), DatasetTarget(str(to), to.with_name(spool))
    building = Building(storage, target, DatasetOptions(**options), Bar())
    target.check(building.purpose, is_forced)
    return building.build(outlets_with_rows(storage))


def write_data_sets(root: Path) -> dict[str, Row]:
    """Write an archive, and data sets of it with each form of the texts in several files; return its newest rows."""
    rows = write_archive(root / "archive")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "SHARD_ROWS", 20)
        patch.setattr(parquet, "GROUP_BYTES", 20_000)
        for text in ("full", "excerpt", "none"):
            build(root / "archive", root / text, text=text)
    return rows


def fill(archive: Path, to: Path) -> FillingOutcome:
    storage, target = DirectoryStorage(archive), DatasetTarget(str(to), to.with_name("spool"))
    target.check_filling()
    with closing(TextFilling(storage, target, Bar())) as filling:
        return filling.fill(outlets_with_rows(storage))


def read(data_set: Path, split: str = "*") -> list[Row]:
    """Return the rows of a data set, as pyarrow reads them, file by file."""
    paths = sorted(data_set.glob(f"data/{split}-*.parquet"))
    return [row for path in paths for row in pyarrow.parquet.read_table(path).to_pylist()]


def contents(data_set: Path) -> dict[str, bytes]:
    """Return the bytes of all files by their names."""
    return {
        str(path.relative_to(data_set)): path.read_bytes() for path in sorted(data_set.rglob("*")) if path.is_file()
    }


def everything(data_set: Path) -> str:
    """Return all that a reader may see in a data set: bytes, decompressed pages, statistics."""
    seen = [content.decode("utf-8", "replace") for content in contents(data_set).values()]
    for path in data_set.glob("data/*.parquet"):
        file = pyarrow.parquet.ParquetFile(path)
        seen += [json.dumps(row, ensure_ascii=False, default=str) for row in file.read().to_pylist()]
        groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
        columns = (group.column(number) for group in groups for number in range(group.num_columns))
        seen += [str(column.statistics) for column in columns]
        seen.append(str(file.metadata.metadata))
    return "\n".join(seen)


def words_in(seen: str) -> set[str]:
    """Return everything in a text that could be a word of an article, also within other words."""
    runs = re.findall("[ক-হ]+", seen)
    return {run[place : place + LETTERS] for run in runs for place in range(len(run) - LETTERS + 1)}
