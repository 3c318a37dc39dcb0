"""The index follows its archive: new files, compactions, re-extractions, take-downs, damage and kills."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import warm
from indexed_rows import article_row, write_segment
from verify_tools import Kept

from crawler.archive.storage.base import StorageError
from crawler.archive.storage.directory import DirectoryStorage
from crawler.archive.withheld import LIFT, WITHHOLD, Decision, put_decision
from crawler.model.span import rfc3339
from crawler.room.index.captures import find
from crawler.room.index.database import NAME, connect
from crawler.room.index.filling import fill
from crawler.room.search import articles
from crawler.room.search.searching import search
from crawler.system import clock
from crawler.tools.compaction import Compaction
from crawler.tools.export.rows import outlet_rows, outlets_with_rows

ROOT = Path(__file__).parent.parent


@pytest.fixture
def kept(september, tmp_path):
    """A copy that a test may change."""
    return september.copied(tmp_path)


def filled(kept, **options):
    return fill(DirectoryStorage(kept.archive), kept.spool / NAME, **options)


def content(kept):
    """Return the rows of the index, and those that search finds, as (id, version, text_digest)."""
    with closing(connect(kept.spool / NAME)) as connection:
        rows = [articles.unpacked(row) for (row,) in connection.execute("SELECT row FROM texts")]
        found = articles.newest(connection, 10**6)
        assert sum(articles.coverage(connection).values()) == len(found) == search(connection, "").total
        assert sum(articles.outlets(connection).values()) == len(found)
    with closing(sqlite3.connect(kept.spool / NAME)) as connection:
        connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        assert connection.execute("SELECT count(*) FROM gone").fetchone()[0] == 0
    return sorted(map(identity, rows)), sorted(map(identity, found))


def identity(row):
    return row["id"], row["version"], row["text_digest"]


def expected(kept):
    """Return what our other readers count, and the newest row of each article."""
    storage = DirectoryStorage(kept.archive)
    rows = [row.fields for outlet in outlets_with_rows(storage) for row in outlet_rows(storage, outlet)]
    newest = {row["id"]: row for row in sorted(rows, key=lambda row: row["fetched_at"])}
    return sorted(map(identity, rows)), sorted(map(identity, newest.values()))


def decide(kept, row, action):
    moment = clock.now() + timedelta(seconds=action == LIFT)
    decision = Decision(row["id"], row["outlet"], row["url"], action, "x", rfc3339(moment), "")
    put_decision(DirectoryStorage(kept.archive), decision)


def reextract(kept, file, *rows):
    """Write rows as the re-extraction of a row file."""
    stem = file.rpartition("/")[2].removesuffix(".jsonl.gz")
    root = kept.root / f"again-{stem}"
    key = f"reextracted/20/outlet=samakal/{stem}"
    made = write_segment(root, 1, *rows)
    kept.write(f"{key}.jsonl.gz", (root / made).read_bytes())
    manifest = json.loads(next(root.glob("manifest/**/*.json")).read_text())
    manifest["files"][0]["file"] = f"{key}.jsonl.gz"
    kept.write_json(f"{key}.json", manifest)


def parts_of(path):
    """Return the number of parts of the index of words."""
    with closing(connect(path)) as connection:
        return connection.execute("SELECT count(DISTINCT segid) FROM search_idx").fetchone()[0]


def test_the_parts_are_merged_after_a_reextraction(kept):
    filled(kept)
    for file in kept.keys("articles/outlet=samakal/**/*.gz"):
        reextract(kept, file, *(json.loads(line) | {"title": "নতুন শিরোনাম"} for line in kept.lines(file)))
    assert filled(kept).rows > 0
    assert content(kept) == expected(kept)
    assert parts_of(kept.spool / NAME) == 1


def test_a_recent_round_leaves_older_months(kept):
    filled(kept)
    write_segment(kept.archive, 1, article_row(1, "আজকের খবর"), month=f"{clock.now():%Y-%m}")
    write_segment(kept.archive, 2, article_row(2, "পুরোনো খবর"), month="2022-07")
    assert filled(kept, is_recent=True) == (1, 1, [])
    assert filled(kept) == (1, 1, [])


def test_versions_are_oldest_first(kept):
    filled(kept)
    with closing(connect(kept.spool / NAME)) as connection:
        (changed,) = {row["id"] for row in articles.newest(connection, 99, "samakal") if row["version"] == 2}
        assert [row["version"] for row in articles.versions(connection, changed)] == [1, 2]
        assert articles.versions(connection, "no-id") == []


@pytest.mark.parametrize("is_compacted", [False, True])
def test_rows_that_a_reextraction_replaced_leave(kept, is_compacted):
    files = kept.keys("articles/outlet=samakal/**/*.gz")
    lines = kept.lines(files[1])
    if is_compacted:
        Compaction(DirectoryStorage(kept.archive), kept.spool).compact("samakal", "2026-09")
    filled(kept)
    reextract(kept, files[1], json.loads(lines[0]) | {"title": "নতুন শিরোনাম"})
    assert filled(kept).problems == []
    assert content(kept) == expected(kept)
    with closing(connect(kept.spool / NAME)) as connection:
        assert search(connection, '"নতুন শিরোনাম"').total == 1


def test_a_withheld_article_leaves_and_returns(kept):
    filled(kept)
    before = content(kept)
    row = json.loads(kept.lines(kept.key("articles/outlet=samakal/**/*.gz"))[0])
    decide(kept, row, WITHHOLD)
    assert filled(kept).problems == []
    assert content(kept) == tuple([one for one in part if one[0] != row["id"]] for part in before)
    (kept.spool / NAME).unlink()
    filled(kept)
    assert row["id"] not in {one[0] for one in content(kept)[0]}
    decide(kept, row, LIFT)
    filled(kept)
    assert content(kept) == before


def test_a_damaged_file_is_named_and_skipped(kept):
    key = kept.key("articles/outlet=samakal/**/*.gz")
    kept.flip(key, 30)
    done = filled(kept)
    assert done.problems == [f"{key} is skipped: its SHA-256 differs from its manifest"]
    assert done.rows == 8
    assert filled(kept).problems == []


def captures_of(kept):
    """Return the captures that are found, as (file, offset)."""
    with closing(connect(kept.spool / NAME)) as connection:
        found = [one for outlet in ("samakal", "ittefaq") for one in find(connection, f"{outlet}.com", "host")]
    return sorted((one.name, one.offset) for one in found)


def indexed_places(kept):
    texts = [kept.read(key).decode() for key in kept.keys("index/**/*.cdxj")]
    entries = [json.loads(line.split(" ", 2)[2]) for text in texts for line in text.splitlines()]
    return sorted((entry["filename"], int(entry["offset"])) for entry in entries)


def test_captures_of_a_withheld_article_are_not_found_until_it_is_lifted(kept):
    filled(kept)
    with closing(connect(kept.spool / NAME)) as connection:
        row = articles.newest(connection, 1)[0]
    decide(kept, row, WITHHOLD)
    # An index that is made later leaves them out too.
    later = kept.copied(kept.root / "later")
    for one in (kept, later):
        filled(one)
        left = {(row["warc"]["file"].rpartition("/")[2], row["warc"]["offset"])}
        assert not left & set(captures_of(one))
        assert len(captures_of(one)) < len(indexed_places(one))
    decide(kept, row, LIFT)
    filled(kept)
    assert captures_of(kept) == indexed_places(kept)


def test_a_lost_file_and_a_damaged_manifest_are_named(kept):
    key, manifest = kept.key("articles/outlet=samakal/**/*.gz"), kept.key("manifest/ittefaq/**/*.json")
    (kept.archive / key).unlink()
    kept.write(manifest, b"{")
    lost, damaged = filled(kept).problems[::-1]
    assert lost.startswith(f"{key} is skipped: it is not in the archive")
    assert damaged.startswith(f"{manifest} is skipped: ")


def test_a_sound_file_in_place_of_a_damaged_one_is_read_later(kept):
    key, manifest = kept.key("articles/outlet=samakal/**/*.gz"), kept.key("manifest/ittefaq/**/*.json")
    sound = {one: kept.read(one) for one in (key, manifest)}
    kept.flip(key, 30)
    kept.write(manifest, b"{")
    filled(kept)
    for one, data in sound.items():
        kept.write(one, data)
    with closing(sqlite3.connect(kept.spool / NAME)) as connection, connection:
        connection.execute("UPDATE files SET read_at = read_at - 4000")
        connection.execute("UPDATE manifests SET read_at = read_at - 4000")
    assert filled(kept).problems == []
    assert content(kept) == expected(kept)


@pytest.mark.parametrize(
    "change",
    [
        {"warc": {"file": "warc/samakal/x.warc.gz"}},
        {"warc": None, "fetched_at": None},
        {"published": {"at": "yesterday", "precision": "day", "source": "meta"}},
        {"modified": {"at": "2026-02-30T10:00:00+06:00", "precision": "day", "source": "meta"}},
        {"published": {"at": "0001-01-01T00:00:00+06:00", "precision": "day", "source": "meta"}},
        {"section": "\ud800"},
        {"authors": ["এক"]},
        {"outlet": "../x"},
        {"note": 1},
    ],
)
def test_a_malformed_row_is_named_and_skipped(tmp_path, change):
    kept = Kept(tmp_path)
    key = write_segment(kept.archive, 0, article_row(1, "খবর"), article_row(2, "খবর") | change, article_row(3, "খবর"))
    done = filled(kept)
    assert done.rows == 2
    assert [problem.partition(" is skipped: ")[0] for problem in done.problems] == [f"{key} line 2"]


def test_no_row_lacks_a_key(tmp_path):
    kept = Kept(tmp_path)
    row = article_row(1, "খবর")
    write_segment(kept.archive, 0, [], "x", *({name: row[name] for name in row if name != key} for key in row))
    done = filled(kept)
    assert (done.rows, len(done.problems)) == (0, 2 + len(row))


def test_a_damaged_index_is_named_and_made_anew(kept):
    filled(kept)
    before, path = content(kept), kept.spool / NAME
    with path.open("r+b") as file:
        file.seek(2 * 8192)
        file.write(b"garbage" * ((path.stat().st_size - 2 * 8192) // 7))
    path.with_name(path.name + "-wal").unlink(missing_ok=True)
    (problem,) = filled(kept).problems
    assert problem.startswith(f"{path} was damaged and is made anew: ")
    assert content(kept) == before


def test_an_index_is_whole_after_kills(tmp_path):
    kept = Kept(tmp_path)
    for number in range(20):
        rows = (article_row(f"{number}-{one}", f"শিরোনাম {one}", "কথা " * 20) for one in range(30))
        write_segment(kept.archive, number, *rows)
    code = (
        "import sys, time; from pathlib import Path; from crawler.archive.storage.directory import DirectoryStorage;"
        "from crawler.room.index import filling; filling.BATCH = 25; archive, index = map(Path, sys.argv[1:]);"
        "filling.fill(DirectoryStorage(archive), index, lambda: (print(1, flush=True), time.sleep(0.05)))"
    )
    for files in (3, 9):
        command = [sys.executable, "-c", code, str(kept.archive), str(kept.spool / NAME)]
        with warm.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            for _ in range(files):
                process.stdout.readline()
            os.kill(process.pid, signal.SIGKILL)
    done = filled(kept)
    assert 0 < done.files < 20
    assert content(kept) == expected(kept)


def test_a_damaged_decision_stops_the_filling(kept):
    kept.write(f"withheld/20261124T050000000-{'0' * 8}-0000-5000-8000-{'0' * 12}.json", b"{")
    with pytest.raises(StorageError, match="is damaged"):
        filled(kept)
