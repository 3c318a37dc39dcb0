"""Data sets of a made-up archive: their rows, splits, clusters, texts and filters, as pyarrow reads them."""

import gzip
import hashlib
import json
import shutil
from datetime import UTC, date, datetime

import pyarrow.parquet
import pytest
from indexed_rows import article_row, write_segment
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
from crawler.tools.dataset.schema import CONTENT, SCHEMA
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


def test_the_schema_is_fixed_whatever_the_rows(made):
    root, _ = made
    for text in ("full", "excerpt", "none"):
        for path in root.glob(f"{text}/data/*.parquet"):
            assert pyarrow.parquet.read_schema(path).equals(SCHEMA)


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


def test_clusters_have_the_planted_copies_and_no_others(made):
    root, rows = made
    found = {row["id"]: row for row in read(root / "full")}
    pairs = {rows[f"copy{day}"]["id"]: rows[str(day)]["id"] for day in (3, 10, 20, 43, 45)}
    for article, row in found.items():
        is_of_pair = article in pairs or article in pairs.values()
        assert row["cluster"] == pairs.get(article, article)
        assert (row["cluster_size"], row["is_first"]) == (2 if is_of_pair else 1, article not in pairs)
    assert (facts_in(root / "full").clusters, facts_in(root / "full").clustered) == (5, 10)


def test_an_article_that_states_a_day_is_not_earlier_than_others_of_it(tmp_path):
    day = {"at": "2026-08-02T00:00:00+06:00", "precision": "day", "source": "meta"}
    first = dated_row("first", 1, outlet="samakal")
    copy = dated_row("copy", 1, outlet="ittefaq", text=first["text"], published=day)
    write_segment(tmp_path / "archive", 1, first)
    write_segment(tmp_path / "archive", 2, copy, outlet="ittefaq")
    build(tmp_path / "archive", tmp_path / "set")
    assert {row["id"]: row["is_first"] for row in read(tmp_path / "set")} == {first["id"]: True, copy["id"]: False}


def test_copies_are_left_out_on_request(made, tmp_path):
    root, rows = made
    facts = build(root / "archive", tmp_path / "set", without_copies=True)
    found = read(tmp_path / "set")
    assert len(found) == len(kept(rows)) - 5
    assert all(row["is_first"] and row["cluster"] == row["id"] for row in found)
    assert sorted(row["cluster_size"] for row in found)[-6:] == [1, 2, 2, 2, 2, 2]
    assert (facts.left_out["copy"], facts.clusters, facts.clustered) == (5, 5, 10)


def test_rows_of_a_split_are_in_the_order_of_the_archive(made):
    root, _ = made
    files = sorted(root.glob("archive/articles/**/*.gz"), key=lambda path: path.name.split("-")[2])
    lines = [line for path in files for line in gzip.decompress(path.read_bytes()).splitlines()]
    found = [row["id"] for row in read(root / "full", "train")]
    order = {json.loads(line)["id"]: number for number, line in enumerate(lines)}
    assert [order[one] for one in found] == sorted(order[one] for one in found)
    assert len(list(root.glob("full/data/train-*-of-00003.parquet"))) == 3
    assert pyarrow.parquet.read_metadata(root / "full/data/train-00000-of-00003.parquet").num_row_groups > 1


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


def test_an_excerpt_has_the_title_and_fifty_words(made):
    root, rows = made
    seen, expected = words_in(everything(root / "excerpt")), {row["id"]: row for row in kept(rows)}
    for row in read(root / "excerpt"):
        whole = expected[row["id"]]
        assert (row["title"], row["subtitle"], row["description"]) == (whole["title"], None, None)
        assert row["text"].split() == whole["text"].split()[:50]
        assert whole["text"].startswith(row["text"])
        for words in (whole["subtitle"], whole["description"], " ".join(whole["text"].split()[50:])):
            assert not seen & set(words.split())


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


def test_days_and_outlets_select_articles_by_their_newest_row(made, tmp_path):
    root, rows = made
    since, until = date(2026, 8, 11), date(2026, 8, 31)
    facts = build(root / "archive", tmp_path / "set", outlets=("samakal",), since=since, until=until)
    expected = [row for row in kept(rows) if row["outlet"] == "samakal" and since <= moment(row).date() <= until]
    assert ids(read(tmp_path / "set")) == ids(expected)
    assert facts.outlets == {"samakal": len(expected)}
    # Of the copies, the original is of the other outlet.
    assert facts.clusters == 0
    assert facts.withheld == [hashlib.sha256(rows[WITHHELD]["id"].encode()).hexdigest()]


def test_an_article_that_was_given_by_its_address_is_of_its_outlet(archive, tmp_path):
    newer = dated_row("1", 1, outlet="samakal", fetched_at="2026-11-27T00:00:00.000000Z", text=text_of("newer"))
    write_segment(archive, 999, newer, dated_row("other", 2, outlet="ittefaq"), outlet="urls")
    build(archive, tmp_path / "set", outlets=("samakal",))
    found = {row["id"]: row["text"] for row in read(tmp_path / "set")}
    assert found[newer["id"]] == newer["text"]
    assert {row["outlet"] for row in read(tmp_path / "set")} == {"samakal"}


def test_the_facts_count_the_rows_of_the_data_set(made):
    root, _ = made
    facts, found = facts_in(root / "full"), read(root / "full")
    assert facts.rows == len(found)
    assert facts.newest == "2026-11-25T00:00:00.000000Z"
    assert facts.languages == {"bn": len(found) - 1, "en": 1}
    assert facts.scopes == {"local": 1, "national": len(found) - 1}
    assert facts.outlets == {name: sum(row["outlet"] == name for row in found) for name in OUTLETS}
    assert sum(facts.months.values()) == sum(facts.lengths.values()) == len(found)
    assert facts.warnings == {"noarchive": 1, "short-text": 1, "text-dropped:share": 1}
    assert facts.extractors == {"khobor 14": len(found)}
    assert {file.path for file in facts.files} == {
        name for name in contents(root / "full") if name.endswith(".parquet")
    }
    for file in facts.files:
        content = (root / "full" / file.path).read_bytes()
        assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert file.rows == pyarrow.parquet.read_metadata(root / "full" / file.path).num_rows


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


def test_days_with_articles_between_gaps_are_not_counted(tmp_path):
    days = [one for one in range(1, 31) if one not in (10, 13, 16)]
    for day in days:
        at, fetched = f"2026-01-{day:02}T10:00:00+06:00", f"2026-01-{day:02}T05:00:00.000000Z"
        row = article_row(day, f"খবর {day}", at=at, fetched_at=fetched)
        write_segment(tmp_path / "archive", day, row, month="2026-01")
    (gap,) = build(tmp_path / "archive", tmp_path / "set").gaps
    assert (gap["since"], gap["until"]) == ("2026-01-10", "2026-01-16")
    assert gap["what"] == "3 days: without an article"


def test_gaps_end_with_the_day_before_the_newest_capture(made, tmp_path):
    root, _ = made
    facts = build(root / "archive", tmp_path / "set", until=date(2026, 9, 30))
    last = [gap for gap in facts.gaps if gap["outlet"] == "ittefaq"][-1]
    assert (last["until"], last["what"].partition(": ")[2]) == ("2026-09-30", "without an article")
    whole = [gap for gap in facts_in(root / "full").gaps if gap["outlet"] == "ittefaq"][-1]
    assert whole["until"] == "2026-11-24"


def test_a_damaged_row_file_stops_before_anything_is_written(archive, tmp_path):
    path = sorted(archive.rglob("articles/**/*.gz"))[1]
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    with pytest.raises(ExportFailed, match=rf"^\S*{path.name} is damaged"):
        build(archive, tmp_path / "set")
    assert not (tmp_path / "set").exists()


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
