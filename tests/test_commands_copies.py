"""`scrapy copies`, on row files with copies that are planted here."""

import csv
import gzip
import json
from datetime import timedelta

import pytest
from indexed_rows import article_row, write_segment
from test_room_copies import START, Newsroom
from verify_tools import Kept

OUTLETS = ["samakal", "ittefaq", "jugantor", "bdnews"]
UNRELATED, COPIES = 4000, 150
CONTACT = ("-s", "CONTACT=archive@example.org")


def written(root, rows):
    """Return an archive of these rows, each in its outlet's row file."""
    for number, outlet in enumerate(sorted({row["outlet"] for row in rows})):
        write_segment(root / "archive", number, *(row for row in rows if row["outlet"] == outlet), outlet=outlet)
    return Kept(root)


def row(key, words, hours, outlet, **fields):
    at = (START + timedelta(hours=hours)).isoformat()
    return article_row(key, f"শিরোনাম {key}", " ".join(words), at, outlet=outlet, **fields)


def stories(kept, *words):
    """Return the stories that the command writes."""
    done = kept.scrapy("copies", "--to", "-", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return list(map(json.loads, done.stdout.splitlines()))


def clusters(kept, *words):
    """Return the addresses of each story as the keys of `row`."""
    return [[one["url"].rpartition("/")[2] for one in story["articles"]] for story in stories(kept, *words)]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """The stories among unrelated articles and copies of some, the IDs of each pair by its kind, and the summary."""
    room, rows = Newsroom(7), []
    pairs = {"cut": [], "led": [], "shortened": [], "halved": []}
    for number in range(UNRELATED):
        words, hours = room.text(room.chance.randint(60, 120)), room.chance.uniform(0, 24 * 30)
        outlet, other = room.chance.sample(OUTLETS, 2)
        rows.append(row(number, words, hours, outlet, agencies=["BSS"]))
        if number < COPIES * len(pairs):
            kind = list(pairs)[number % len(pairs)]
            copy = row(f"{number}-copy", getattr(room, kind)(words), hours + room.chance.uniform(1, 30), other)
            pairs[kind].append([rows[-1]["id"], copy["id"]])
            rows.append(copy)
    folder = tmp_path_factory.mktemp("planted")
    done = written(folder, rows).scrapy("copies", "--to", str(folder / "a.jsonl"))
    assert (done.returncode, done.stderr) == (0, "")
    return list(map(json.loads, (folder / "a.jsonl").read_text().splitlines())), pairs, done.stdout


@pytest.mark.parametrize(("kind", "least"), [("cut", 1.0), ("led", 1.0), ("shortened", 0.99), ("halved", 0.19)])
def test_planted_copies_are_found(planted, kind, least):
    found, pairs, _ = planted
    clusters = [[one["id"] for one in story["articles"]] for story in found]
    assert sum(pair in clusters for pair in pairs[kind]) >= least * len(pairs[kind])


@pytest.fixture
def room():
    return Newsroom(9)


def test_csv_has_a_line_for_each_article(room, tmp_path):
    words = room.text(200)
    rows = [row("first", words, 0, "samakal") | {"title": "=1+1"}, row("second", words, 2, "ittefaq", agencies=["BSS"])]
    done = written(tmp_path, rows).scrapy("copies", "--to", str(tmp_path / "a.csv"))
    assert (done.returncode, done.stderr) == (0, "")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert (first["cluster"], first["agency"], first["id"]) == (rows[0]["id"], "BSS", rows[0]["id"])
    assert (second["cluster"], second["outlet"], second["agencies"]) == (rows[0]["id"], "ittefaq", '["BSS"]')
    # No spreadsheet takes a title for a formula.
    assert first["title"] == "'=1+1"
    assert json.loads(second["published"]) == rows[1]["published"]


def test_an_article_with_only_a_day_is_not_the_earliest_of_the_day(room, tmp_path):
    words, day = room.text(200), {"at": "2026-11-20T00:00:00+06:00", "precision": "day", "source": "meta"}
    rows = [row("day", words, 0, "samakal", published=day), row("time", words, 10, "ittefaq")]
    assert clusters(written(tmp_path, rows)) == [["time", "day"]]


def test_a_withheld_article_is_left_out(room, tmp_path):
    words = room.text(200)
    rows = [row(key, words, number, key) for number, key in enumerate(["samakal", "ittefaq", "bdnews"])]
    kept = written(tmp_path, rows)
    done = kept.scrapy("withhold", rows[0]["id"], "--reason", "a court order", *CONTACT)
    assert done.returncode == 0, done.stderr
    done = kept.scrapy("copies", "--to", "-")
    assert done.stderr == "khobor: 1 withheld article left out\n"
    assert rows[0]["id"] not in done.stdout
    [story] = map(json.loads, done.stdout.splitlines())
    assert story["cluster"] == rows[1]["id"]
    assert kept.scrapy("copies").stdout.endswith("1 story of 2 outlets, 2 of 2 articles; 1 withheld article left out\n")


def test_the_table_has_the_largest_stories_and_fits_a_terminal(room, tmp_path):
    rows = []
    for number in range(20):
        words = room.text(60)
        for place, outlet in enumerate(OUTLETS[: 2 + number % 3]):
            rows.append(row(f"{number}-{place}", words, number + place, outlet, agencies=["BSS"]))
    done = written(tmp_path, rows).scrapy("copies")
    assert (done.returncode, done.stderr) == (0, "")
    *table, summary = done.stdout.splitlines()
    assert summary == f"20 stories of 4 outlets, {len(rows)} of {len(rows)} articles"
    assert [line.split()[0] for line in table] == ["outlets", *["4"] * 6, *["3"] * 7, *["2"] * 2]
    assert table[1].split() == ["4", "4", "2026-11-20", "samakal", "BSS", "শিরোনাম", "2-0"]
    assert max(map(len, table)) <= 80


def test_without_copies_one_line_says_so(room, tmp_path):
    kept = written(tmp_path, [row("first", room.text(), 0, "samakal"), row("second", room.text(), 0, "ittefaq")])
    done = kept.scrapy("copies")
    assert (done.returncode, done.stdout) == (0, "no story of several outlets among 2 articles\n")
    assert stories(kept) == []


@pytest.mark.parametrize("damage", [{"text": 3}, {"agencies": None}, {"published": {"at": "2026"}}, {"fetched_at": ""}])
def test_a_malformed_row_is_named(room, tmp_path, damage):
    kept = written(tmp_path, [row("first", room.text(), 0, "samakal") | damage])
    done = kept.scrapy("copies", "--to", str(tmp_path / "a.jsonl"))
    assert done.returncode == 1
    assert "line 1: malformed row: " in done.stderr
    assert not list(tmp_path.glob("a.*"))


def test_a_damaged_file_is_named(room, tmp_path):
    kept = written(tmp_path, [row("first", room.text(), 0, "samakal")])
    kept.write(kept.key("articles/**/*.gz"), gzip.compress(b"{}\n"))
    done = kept.scrapy("copies")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
