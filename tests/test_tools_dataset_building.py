"""Data sets of a made-up archive: their rows, splits, clusters, texts and filters, as pyarrow reads them."""

import hashlib
import shutil
from datetime import UTC, datetime

import pytest
from indexed_rows import write_segment
from made_up_dataset import (
    LETTERS,
    OPTED_OUT,
    OUTLETS,
    WITHHELD,
    build,
    contents,
    dated_row,
    everything,
    read,
    text_of,
    words_in,
    write_data_sets,
)

from crawler.archive.manifests import write_json
from crawler.archive.names import key_of
from crawler.bengali.language import bengali_share
from crawler.tools.dataset.facts import DatasetFacts
from crawler.tools.dataset.schema import CONTENT
from crawler.tools.export.output import ExportFailed


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The archive, its newest rows by key, and data sets of it with each form of the texts, in several files."""
    root = tmp_path_factory.mktemp("dataset")
    return root, write_data_sets(root)


@pytest.fixture
def archive(made, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(made[0] / "archive", tmp_path / "archive")


def kept(rows):
    """Return the rows that a data set has by default, the oldest first."""
    found = [row for key, row in rows.items() if key not in (WITHHELD, *OPTED_OUT)]
    return sorted(found, key=lambda row: (moment(row), row["id"]))


def moment(row):
    return datetime.fromisoformat(row["published"]["at"] if row["published"] else row["fetched_at"])


def facts_in(data_set):
    return DatasetFacts.decoded((data_set / "facts.json").read_bytes())


def ids(rows):
    return sorted(row["id"] for row in rows)


def test_a_data_set_has_the_newest_row_of_each_article(made):
    root, rows = made
    expected = {row["id"]: row for row in kept(rows)}
    found = {row["id"]: row for row in read(root / "full")}
    assert found.keys() == expected.keys()
    for article, row in found.items():
        for name in ("title", "text", "authors", "tags", "url", "text_digest", "version", "warnings", "warc"):
            assert row[name] == expected[article][name]
        assert row["fetched_at"] == datetime.fromisoformat(expected[article]["fetched_at"])
        assert row["characters"] == len(expected[article]["text"])
        assert row["words"] == len(expected[article]["text"].split())
        assert row["bengali_share"] == pytest.approx(bengali_share(expected[article]["text"]), abs=1e-4)


def test_the_newest_tenth_is_for_validation_and_test(made):
    root, rows = made
    names = {row["id"]: name for name in ("train", "validation", "test") for row in read(root / "full", name)}
    own = [row for row in kept(rows) if row["url"].rpartition("/")[2].isdecimal()]
    order = [names[row["id"]] for row in own]
    assert order == sorted(order, key=["train", "validation", "test"].index)
    facts = facts_in(root / "full")
    assert {name: split.rows for name, split in facts.splits.items()} == {
        name: list(names.values()).count(name) for name in ("train", "validation", "test")
    }
    assert facts.splits["train"].first == "2026-08-01T03:00:00.000000Z"
    assert 0.85 <= facts.splits["train"].rows / facts.rows <= 0.95


def test_no_cluster_is_on_two_sides_of_a_split(made):
    root, rows = made
    sides = {}
    for name in ("train", "validation", "test"):
        for row in read(root / "full", name):
            sides.setdefault(row["cluster"], set()).add(name)
    assert all(len(names) == 1 for names in sides.values())
    # A copy is later than articles of the next split.
    assert sides[rows["43"]["id"]] == {"train"}
    assert rows["46"]["id"] in ids(read(root / "full", "validation"))
    assert rows["copy43"]["id"] in ids(read(root / "full", "train"))


def test_copies_are_left_out_on_request(made, tmp_path):
    root, rows = made
    facts = build(root / "archive", tmp_path / "set", without_copies=True)
    found = read(tmp_path / "set")
    assert len(found) == len(kept(rows)) - 5
    assert all(row["is_first"] and row["cluster"] == row["id"] for row in found)
    assert sorted(row["cluster_size"] for row in found)[-6:] == [1, 2, 2, 2, 2, 2]
    assert (facts.left_out["copy"], facts.clusters, facts.clustered) == (5, 5, 10)


def test_a_second_run_gives_equal_files(made, tmp_path):
    root, _ = made
    for name in ("one", "two"):
        build(root / "archive", tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert not list(tmp_path.rglob("*.sqlite*"))


def test_without_texts_nothing_of_them_is_anywhere(made):
    root, rows = made
    seen = everything(root / "none")
    for row in kept(rows):
        assert row["image"] not in seen
    assert not words_in(seen)
    assert words_in(everything(root / "full")) >= {word for row in kept(rows) for word in words_of(row)}
    for row in read(root / "none"):
        assert not any(row[name] for name in CONTENT)
        assert row["url"]
        assert row["text_digest"]
        assert row["words"]
        assert row["warc"]["file"]


def words_of(row):
    texts = (row["title"], row["subtitle"], row["description"], row["text"], row["authors"][0]["name"], *row["tags"])
    return [word for text in texts for word in text.split() if len(word) == LETTERS]


def test_opted_out_and_withheld_articles_are_nowhere(made):
    root, rows = made
    for text in ("full", "excerpt", "none"):
        seen = everything(root / text)
        for key in (WITHHELD, *OPTED_OUT):
            assert not words_in(seen) & set(words_of(rows[key]))
            assert rows[key]["url"] not in seen
            assert rows[key]["id"] not in seen
            assert rows[key]["id"] not in str(read(root / text))
    facts = facts_in(root / "full")
    assert facts.withheld == [hashlib.sha256(rows[WITHHELD]["id"].encode()).hexdigest()]
    assert facts.left_out == {"withheld": 1, **dict.fromkeys(OPTED_OUT, 1)}


def test_opted_out_articles_are_there_on_request(made, tmp_path):
    root, rows = made
    facts = build(root / "archive", tmp_path / "set", with_opted_out=True)
    assert {rows[code]["id"] for code in OPTED_OUT} <= set(ids(read(tmp_path / "set")))
    assert facts.left_out == {"withheld": 1}
    assert facts.warnings["noai"] == 1


@pytest.mark.parametrize(
    ("options", "reason", "gone"),
    [
        ({"languages": ("bn",)}, "language", {"english"}),
        ({"scopes": ("national", "international")}, "scope", {"local"}),
        ({"min_words": 6}, "length", {"short"}),
        ({"max_words": 79}, "length", None),
        ({"without_warnings": ("text-dropped",)}, "warning:text-dropped", {"noarchive"}),
        ({"without_warnings": ("short-text", "mojibake")}, "warning:short-text", {"short"}),
    ],
)
def test_a_filter_leaves_articles_out_and_counts_them(made, tmp_path, options, reason, gone):
    root, rows = made
    facts = build(root / "archive", tmp_path / "set", **options)
    expected = kept(rows)
    if gone is None:
        expected = [row for row in expected if len(row["text"].split()) <= 79]
    else:
        expected = [row for row in expected if row not in [rows[key] for key in gone]]
    assert ids(read(tmp_path / "set")) == ids(expected)
    assert facts.left_out[reason] == len(kept(rows)) - len(expected)


def test_an_article_that_was_given_by_its_address_is_of_its_outlet(archive, tmp_path):
    newer = dated_row("1", 1, outlet="samakal", fetched_at="2026-11-27T00:00:00.000000Z", text=text_of("newer"))
    write_segment(archive, 999, newer, dated_row("other", 2, outlet="ittefaq"), outlet="urls")
    build(archive, tmp_path / "set", outlets=("samakal",))
    found = {row["id"]: row["text"] for row in read(tmp_path / "set")}
    assert found[newer["id"]] == newer["text"]
    assert {row["outlet"] for row in read(tmp_path / "set")} == {"samakal"}


def test_withdrawn_articles_say_since_when(archive, tmp_path):
    row = dated_row("5", 5, outlet="samakal")
    write_segment(archive, 999, row)
    run = "khobor-samakal-20261126T000000000-host"
    gone = {"id": row["id"], "outlet": "samakal", "key": "5", "url": row["url"], "status": 410}
    document = {
        "outlet": "samakal",
        "finished": "2026-11-26T00:10:00.000000Z",
        "started": "2026-11-26T00:00:00.000000Z",
        "wanted": {"since": "2026-08-20", "until": "2026-11-26"},
        "withdrawn": [gone | {"since": "2026-11-26T00:05:00.000000Z"}],
    }
    write_json(archive, key_of("runs", run), document)
    facts = build(archive, tmp_path / "set")
    stated = {row["id"]: row["withdrawn"] for row in read(tmp_path / "set") if row["withdrawn"]}
    assert stated == {row["id"]: datetime(2026, 11, 26, 0, 5, tzinfo=UTC)}
    assert facts.withdrawn == 1
    # Gaps begin with the first day that a run requested.
    gaps = [gap for gap in facts.gaps if gap["outlet"] == "samakal"]
    assert min(gap["since"] for gap in gaps) >= "2026-08-20"


def test_an_outlet_without_articles_has_a_gap_if_a_run_requested_it(archive, tmp_path):
    for outlet in ("prothomalo", "urls"):
        document = {
            "outlet": outlet,
            "started": "2026-11-24T00:00:00.000000Z",
            "finished": "2026-11-24T00:10:00.000000Z",
            "wanted": {"since": "2026-11-01", "until": "2026-11-24"},
        }
        write_json(archive, key_of("runs", f"khobor-{outlet}-20261124T000000000-host"), document)
    (gap,) = (gap for gap in build(archive, tmp_path / "set").gaps if gap["outlet"] not in OUTLETS)
    assert gap == {
        "outlet": "prothomalo",
        "since": "2026-11-01",
        "until": "2026-11-24",
        "what": "24 days: without an article",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"language": 7},
        {"published": {"at": "0001-01-01T00:00:00+06:00", "precision": "day", "source": "meta"}},
        {"new": 1},
    ],
)
def test_a_malformed_row_is_named(archive, tmp_path, change):
    write_segment(archive, 999, dated_row("one", 1), dated_row("bad", 1) | change)
    with pytest.raises(ExportFailed, match=r"line 2: "):
        build(archive, tmp_path / "set")


def test_a_selection_without_articles_is_an_error(made, tmp_path):
    root, _ = made
    with pytest.raises(ExportFailed, match="no articles of this selection"):
        build(root / "archive", tmp_path / "set", min_words=10_000)
    assert not (tmp_path / "set").exists()


def test_a_few_articles_are_all_of_the_first_split(tmp_path):
    write_segment(tmp_path / "archive", 1, *(dated_row(day, day) for day in range(3)))
    facts = build(tmp_path / "archive", tmp_path / "set")
    assert [split.rows for split in facts.splits.values()] == [3, 0, 0]
    assert [file.path for file in facts.files] == ["data/train-00000-of-00001.parquet"]
