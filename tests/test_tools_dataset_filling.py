"""The filling of data sets without texts: from their own archive, from one that lacks articles, after interruptions."""

import hashlib
import json
import shutil

import pytest
from indexed_rows import write_segment
from made_up_dataset import (
    contents,
    dated_row,
    fill,
    read,
    text_of,
    withhold,
    write_data_sets,
)
from scrapy.exceptions import UsageError

from crawler.tools.dataset import filling
from crawler.tools.dataset.schema import CONTENT
from crawler.tools.dataset.target import UNFINISHED
from crawler.tools.export.output import ExportFailed


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The archive, its newest rows by key, and data sets of it with each form of the texts."""
    root = tmp_path_factory.mktemp("dataset")
    return root, write_data_sets(root)


@pytest.fixture
def copied(made, tmp_path):
    """A function that returns a copy of a data set, which the test may change."""
    return lambda name: shutil.copytree(made[0] / name, tmp_path / name)


def other_archive(root, rows, *without, **changed):
    """Write an archive of one segment: the rows without some, some of them changed."""
    own = [row | changed.get(key, {}) for key, row in rows.items() if key not in without]
    for outlet in ("samakal", "ittefaq"):
        write_segment(root, 1, *(row for row in own if row["outlet"] == outlet), outlet=outlet)
    return root


def test_an_article_that_opts_out_since_gets_no_text(made, copied, tmp_path):
    _, rows = made
    data_set = copied("excerpt")
    later = rows["5"] | {"fetched_at": "2026-11-26T00:00:00.000000Z", "warnings": ["short-text", "noai"]}
    done = fill(other_archive(tmp_path / "other", rows | {"later": later}), data_set)
    assert (done.lacking, done.named) == (1, [f"{later['id']} opts out in the archive: noai"])
    (row,) = (row for row in read(data_set) if row["id"] == later["id"])
    assert not any(row[name] for name in CONTENT)


def test_what_opts_out_after_the_filling_goes(made, copied, tmp_path):
    _, rows = made
    data_set = copied("excerpt")
    short = other_archive(tmp_path / "short", rows, "7")
    assert fill(short, data_set).lacking == 1
    later = rows["7"] | {"fetched_at": "2026-11-26T00:00:00.000000Z", "warnings": ["content-signal"]}
    write_segment(short, 2, later, outlet=later["outlet"])
    assert fill(short, data_set).named == [f"{later['id']} opts out in the archive: content-signal"]
    (row,) = (row for row in read(data_set) if row["id"] == later["id"])
    assert not any(row[name] for name in CONTENT)


@pytest.mark.parametrize("name", ["none", "full"])
def test_what_has_its_text_goes_too_when_it_is_withheld_or_opts_out(made, copied, tmp_path, name):
    _, rows = made
    data_set = copied(name)
    archive = other_archive(tmp_path / "other", rows)
    assert fill(archive, data_set).lacking == 0
    later = rows["7"] | {"fetched_at": "2026-11-26T00:00:00.000000Z", "warnings": ["noai"]}
    write_segment(archive, 2, later, outlet=later["outlet"])
    withhold(archive, rows["5"])
    gone = {rows["5"]["id"]: "is withheld in the archive", later["id"]: "opts out in the archive: noai"}
    done = fill(archive, data_set)
    assert (done.filled, done.lacking) == (0, 2)
    assert set(done.named) == {f"{article} {why}" for article, why in gone.items()}
    assert {row["id"] for row in read(data_set) if not any(row[name] for name in CONTENT)} == set(gone)
    assert hashlib.sha256(rows["5"]["id"].encode()).hexdigest() in (data_set / "README.md").read_text()


def test_an_older_row_that_opts_out_takes_no_text_away(made, copied, tmp_path):
    root, rows = made
    older = rows["7"] | {"fetched_at": "2026-01-01T00:00:00.000000Z", "warnings": ["noai"], "text_digest": "other"}
    archive = other_archive(tmp_path / "other", rows | {"7": older})
    assert fill(archive, data_set := copied("full")).lacking == 0
    assert contents(data_set) == contents(root / "full")


def test_an_archive_that_has_only_what_opts_out_changes_nothing(made, copied, tmp_path):
    _, rows = made
    data_set = copied("excerpt")
    before = contents(data_set)
    write_segment(tmp_path / "other", 1, rows["6"] | {"warnings": ["noai"]}, outlet=rows["6"]["outlet"])
    done = fill(tmp_path / "other", data_set)
    assert done.filled == 0
    assert f"{rows['6']['id']} opts out in the archive: noai" in done.named
    assert contents(data_set) == before


def test_an_archive_without_any_of_the_articles_changes_nothing(made, copied, tmp_path):
    data_set = copied("excerpt")
    write_segment(tmp_path / "other", 1, dated_row("other", 1, text=text_of("other")))
    with pytest.raises(ExportFailed, match="has no article of"):
        fill(tmp_path / "other", data_set)
    assert contents(data_set) == contents(made[0] / "excerpt")


@pytest.mark.parametrize("moment", [1, 3, 5])
def test_an_interrupted_filling_continues_to_the_same_files(made, copied, monkeypatch, moment):
    root, _ = made
    data_set = copied("excerpt")
    calls = []

    def broken(self, number, text):
        calls.append(number)
        if len(calls) == moment:
            raise KeyboardInterrupt
        return whole(self, number, text)

    whole = filling.TextFilling._shard
    with monkeypatch.context() as patch:
        patch.setattr(filling.TextFilling, "_shard", broken)
        with pytest.raises(KeyboardInterrupt):
            fill(root / "archive", data_set)
    assert (data_set / UNFINISHED).exists()
    fill(root / "archive", data_set)
    assert contents(data_set) == contents(root / "full")


def test_a_changed_file_of_the_data_set_is_named(made, copied):
    data_set = copied("none")
    path = data_set / "data/train-00001-of-00003.parquet"
    shutil.copy(made[0] / "full/data/train-00001-of-00003.parquet", path)
    with pytest.raises(ExportFailed, match=r"data/train-00001-of-00003\.parquet in \S+ is damaged"):
        fill(made[0] / "archive", data_set)


def test_a_place_without_a_whole_data_set_is_refused(made, copied, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"is not a data set: it has no facts\.json"):
        fill(made[0] / "archive", tmp_path / "empty")
    data_set = copied("none")
    (data_set / UNFINISHED).write_text(json.dumps({"archive": None}))
    with pytest.raises(UsageError, match="is unfinished"):
        fill(made[0] / "archive", data_set)
    data_set = copied("excerpt")
    facts = (data_set / "facts.json").read_text()
    (data_set / "facts.json").write_text(facts.replace('"data/', '"../elsewhere/data/'))
    with pytest.raises(ExportFailed, match="is no file of a data set"):
        fill(made[0] / "archive", data_set)
    (data_set / "facts.json").write_text("{}")
    with pytest.raises(ExportFailed, match=r"facts\.json in \S+ is damaged"):
        fill(made[0] / "archive", data_set)
