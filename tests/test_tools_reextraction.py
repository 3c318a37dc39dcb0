"""Re-extraction: rows made again from records are those of the crawl, or what a later extractor makes of them."""

from __future__ import annotations

import gzip
import json
import os
import signal
import time

import pytest
from killing import start
from origin import Origin, answer
from place import Place
from test_recording_versions import EDITED, HTML, ROBOTS, story
from verify_tools import Kept

from crawler.archive.storage.directory import DirectoryStorage
from crawler.model.span import DateRange
from crawler.outlets.loader import Outlets
from crawler.system import clock
from crawler.tools.compaction import Compaction
from crawler.tools.export.rows import outlet_rows
from crawler.tools.report.gathering import Report

TAGGED = b'ETag: "a-1"'
# In the long proofs ten and more.
KILLS = int(os.environ.get("KILLS", "3"))
PATHS = ("/news/55", "/news/77", "/news/99")
FRAGILE = """
import os, signal, time
from crawler.crawl.spider import NewsSpider

class Fragile(NewsSpider):
    name = "fragile"
    title = "ভঙ্গুর"
    allowed_domains = ["127.0.0.1"]
    article = r"https?://127\\.0\\.0\\.1:\\d+/news/(?P<key>\\d+)"

    @classmethod
    def prepare(cls, document):
        if os.path.exists("{root}/deadly") and "মরো" in (document.findtext(".//h1") or ""):
            os.kill(os.getpid(), signal.SIGKILL)

    @classmethod
    def finish(cls, article, document):
        if os.path.exists("{root}/wrong"):
            raise KeyError("title")
"""


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    """An archive of three crawls of three addresses: one was edited, one confirmed by a 304, one sent again."""
    place = Place(tmp_path_factory.mktemp("edited"), "http://127.0.0.1:9")
    same = story("একই খবর, যা কখনো বদলায় না এবং প্রতিবার একই রকম থাকে, পাঠকেরা তা জানেন এবং মেনে নেন সবসময়।")
    tagged = answer(b"".join(same).partition(b"\r\n\r\n")[2], HTML, TAGGED)
    routes = {
        "/news/55": (story(), EDITED),
        "/news/77": same,
        "/news/99": (tagged, [b"HTTP/1.1 304 Not Modified\r\n\r\n"]),
    }
    with Origin(ROBOTS | routes) as origin:
        for _ in range(3):
            crawl(place, origin, *PATHS)
    return place


def crawl(place, origin, *paths, **settings):
    addresses = place.root / "addresses"
    addresses.write_text("".join(f"{origin.base}{path}\n" for path in paths))
    words = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    done = place.scrapy("crawl", "urls", "-a", f"file={addresses}", "-s", "ALLOW_PRIVATE_ADDRESSES=1", *words)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def kept(edited, tmp_path):
    return Kept(edited.root).copied(tmp_path)


def reextract(kept, *words, code=0):
    done = kept.scrapy("reextract", *words)
    assert done.returncode == code, done.stderr
    return done


def rows_in(root, pattern="reextracted/*/outlet=*/*.jsonl.gz"):
    lines = (line for path in sorted(root.glob(pattern)) for line in gzip.decompress(path.read_bytes()).splitlines())
    return [json.loads(line) for line in lines]


def by_capture(rows):
    found = {(row["id"], row["fetched_at"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def files_of(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_same_extractor_makes_the_rows_that_the_crawl_wrote(kept):
    before = files_of(kept.archive)
    reextract(kept, "--to", str(kept.archive))
    crawled = rows_in(kept.archive, "articles/**/*.jsonl.gz")
    found = sorted((row["version"], row["url"][-2:]) for row in crawled)
    assert found == [(1, "55"), (1, "77"), (1, "99"), (2, "55")]
    assert by_capture(rows_in(kept.archive)) == by_capture(crawled)
    assert before.items() <= files_of(kept.archive).items()
    assert kept.problems() == []
    assert kept.verify().rows == 2 * len(crawled)


def test_segments_that_are_there_are_left_and_the_next_go_on_counting(kept, edited, tmp_path):
    reextract(kept, "--to", str(tmp_path / "whole"))
    manifests = sorted((tmp_path / "whole").rglob("*.json"))
    later = manifests[-1]
    for path in (later, later.with_name(later.stem + ".jsonl.gz")):
        path.unlink(missing_ok=True)
    stamps = {path: path.stat().st_mtime_ns for path in manifests[:-1]}
    again = Kept(edited.root).copied(tmp_path / "again")
    reextract(again, "--to", str(tmp_path / "fresh"))
    done = reextract(kept, "--to", str(tmp_path / "whole"))
    assert f"1 segment; {len(stamps)} segments were there" in done.stdout
    assert files_of(tmp_path / "whole") == files_of(tmp_path / "fresh")
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_rows_without_their_manifest_are_made_again(kept, tmp_path):
    reextract(kept, "--to", str(tmp_path / "tree"))
    before = files_of(tmp_path / "tree")
    for path in (tmp_path / "tree").rglob("*.json"):
        path.unlink()
    one = next(iter((tmp_path / "tree").rglob("*.gz")))
    one.write_bytes(b"left by a kill of an earlier version")
    reextract(kept, "--to", str(tmp_path / "tree"))
    assert files_of(tmp_path / "tree") == before


def test_a_killed_command_goes_on_and_ends_with_the_same_bytes(kept, tmp_path):
    reextract(kept, "--to", str(tmp_path / "whole"))
    place = Place(kept.root, "http://127.0.0.1:9")
    seconds = [round(0.3 + 1.5 * number / KILLS, 2) for number in range(KILLS)]
    for second in seconds:
        with start(place, "reextract", "--to", str(tmp_path / "killed")) as process:
            time.sleep(second)
            process.send_signal(signal.SIGKILL)
    reextract(kept, "--to", str(tmp_path / "killed"))
    assert files_of(tmp_path / "killed") == files_of(tmp_path / "whole")


def test_a_report_counts_the_new_rows_once(crawled, tmp_path):
    kept = Kept(crawled.root).copied(tmp_path)
    before = figures(kept)
    reextract(kept, "--to", str(kept.archive))
    assert figures(kept) == before


def figures(kept):
    report = Report(Outlets(), (), DateRange(), clock.now())
    report.read_archive(kept.storage(), lambda count: None)
    assert report.damaged == []
    return {name: one.rows for name, one in report.figures.items()}


def test_pages_that_were_only_recorded_get_rows_that_readers_find(tmp_path):
    place, kept = Place(tmp_path, "http://127.0.0.1:9"), Kept(tmp_path)
    with Origin(ROBOTS | {"/news/1": story()}) as origin:
        crawl(place, origin, "/news/1", EXTRACTION_PROCESSES=0)
    assert not (kept.archive / "articles").exists()
    reextract(kept, "--to", str(kept.archive))
    (row,) = rows_in(kept.archive)
    assert json.loads(kept.scrapy("export", "--to", "-", "--format", "jsonl").stdout) == row
    assert figures(kept)["urls"]
    assert kept.problems() == []
    done = kept.scrapy("withhold", row["id"], "--reason", "x", "-s", "CONTACT=archive@example.org")
    assert done.returncode == 0, done.stderr


def test_of_a_compaction_the_rows_of_other_segments_still_count(september, tmp_path):
    kept = september.copied(tmp_path)
    storage = DirectoryStorage(kept.archive)
    before = [row.fields for row in outlet_rows(storage, "samakal")]
    files = kept.keys("articles/outlet=samakal/**/*.gz")
    lines = [len(kept.lines(key)) for key in files]
    Compaction(storage, kept.spool).compact("samakal", "2026-09")
    stem = files[1].rpartition("/")[2].removesuffix(".jsonl.gz")
    manifest = {"format": "1.0", "segment": stem, "outlet": "samakal", "extractor": {}, "pages": 0, "rejected": {}}
    kept.write_json(f"reextracted/20/outlet=samakal/{stem}.json", {**manifest, "files": []})
    rest = [row.fields for row in outlet_rows(storage, "samakal")]
    assert rest == before[: lines[0]] + before[lines[0] + lines[1] :]


def test_an_article_without_a_new_row_can_be_withheld(kept):
    row = rows_in(kept.archive, "articles/**/*.jsonl.gz")[0]
    for key in kept.keys("manifest/urls/**/*.json"):
        stem = key.rpartition("/")[2].removesuffix(".json")
        manifest = {"format": "1.0", "segment": stem, "outlet": "urls", "extractor": {}, "pages": 0, "rejected": {}}
        kept.write_json(f"reextracted/20/outlet=urls/{stem}.json", {**manifest, "files": []})
    assert kept.scrapy("export", "--to", "-", "--format", "jsonl").stdout == ""
    done = kept.scrapy("withhold", row["id"], "--reason", "x", "-s", "CONTACT=archive@example.org")
    assert done.stdout == f"withheld: {row['id']} {row['url']}\n", done.stderr


def test_a_copy_brings_the_new_rows_before_their_manifests_and_restores_them(kept, tmp_path):
    reextract(kept, "--to", str(kept.archive))
    backup = Kept(tmp_path / "backup")
    words = (str(kept.archive), str(backup.archive), "-s", f"SPOOL_DIR={tmp_path / 'copying'}")
    assert kept.scrapy("copy", *words).returncode == 0
    assert files_of(backup.archive) == files_of(kept.archive)
    for key in (*kept.keys("reextracted/**/*.gz")[:1], kept.keys("reextracted/**/*.json")[-1]):
        kept.flip(key, 30)
    assert kept.problems() != []
    back = (*reversed(words[:2]), "--replace-damaged", *words[2:])
    done = kept.scrapy("copy", *back)
    assert done.returncode == 0, done.stderr
    assert (kept.problems(), files_of(kept.archive)) == ([], files_of(backup.archive))


def test_a_comparison_finds_exactly_the_changed_rows(kept):
    key = kept.key("articles/outlet=urls/**/*.gz")
    row = kept.row(key, 1)
    kept.edit_row(key, 1, title="অন্য শিরোনাম", text=f"যা আর নেই।\n{row['text']}")
    kept.write_lines(key, [*kept.lines(key)[:2], *kept.lines(key)[3:]])
    kept.write_lines(
        key, [*kept.lines(key), json.dumps(row | {"fetched_at": "2026-01-01T00:00:00.000000Z"}).encode() + b"\n"]
    )
    found = json.loads(reextract(kept, "--diff", "--json").stdout)["urls"]
    samples = found.pop("samples")
    assert found == {"same": 2, "changed": 1, "gained": 1, "lost": 1, "fields": {"title": 1, "text": 1}}
    assert {(one["old"] is None, one["new"] is None) for one in samples} == {
        (False, False),
        (True, False),
        (False, True),
    }
    (changed,) = (one for one in samples if one["fields"])
    assert (changed["fields"], changed["lost"], changed["gained"]) == (["title", "text"], ["যা আর নেই।"], [])
    shown = reextract(kept, "--diff").stdout
    assert "অন্য শিরোনাম" in shown
    assert "paragraph lost" in shown


def test_a_comparison_reads_compacted_rows(september, tmp_path):
    kept = september.copied(tmp_path)
    Compaction(DirectoryStorage(kept.archive), kept.spool).compact("samakal", "2026-09")
    found = json.loads(reextract(kept, "--diff", "--json", "--outlet", "samakal").stdout)["samakal"]
    rows = sum(len(kept.lines(key)) for key in kept.keys("articles/outlet=samakal/**/*.gz"))
    assert found["same"] + found["changed"] + found["lost"] == rows


def test_days_select_segments_by_capture(kept, tmp_path):
    done = reextract(kept, "--to", str(tmp_path / "tree"), "--until", "2020-01-01")
    assert "0 segments" in done.stdout
    assert not (tmp_path / "tree/reextracted").exists()


def test_what_follows_a_restored_segment_is_made_again(edited, tmp_path):
    kept = Kept(edited.root).copied(tmp_path)
    reextract(kept, "--to", str(tmp_path / "whole"))
    first = kept.key("warc/urls/**/*.gz")
    (kept.archive / first).rename(tmp_path / "aside")
    kept.write(first, (tmp_path / "aside").read_bytes()[:-1])
    for _ in range(2):
        reextract(kept, "--to", str(tmp_path / "tree"), code=3)
    stamps = {path.stat().st_mtime_ns for path in (tmp_path / "tree").rglob("*.*")}
    assert "0 segments; 2 segments were there" in reextract(kept, "--to", str(tmp_path / "tree"), code=3).stdout
    assert {path.stat().st_mtime_ns for path in (tmp_path / "tree").rglob("*.*")} == stamps
    (tmp_path / "aside").replace(kept.archive / first)
    assert "3 segments" in reextract(kept, "--to", str(tmp_path / "tree")).stdout
    assert files_of(tmp_path / "tree") == files_of(tmp_path / "whole")


def test_a_page_that_kills_its_process_costs_only_that_page(tmp_path):
    (tmp_path / "fragile_outlets.py").write_text(FRAGILE.replace("{root}", str(tmp_path)))
    place, kept = Place(tmp_path, "http://127.0.0.1:9"), Kept(tmp_path)
    environment = {"PYTHONPATH": str(tmp_path)}
    page = b"".join(story()).partition(b"\r\n\r\n")[2]
    deadly = answer(page.replace("চিলমারীতে".encode(), "মরো".encode()), HTML)
    outlets = ["-s", "SPIDER_MODULES=spiders,fragile_outlets"]
    with Origin(ROBOTS | {"/news/1": story(), "/news/2": deadly, "/news/3": EDITED}) as origin:
        (tmp_path / "addresses").write_text("".join(f"{origin.base}/news/{number}\n" for number in (1, 2, 3)))
        words = ("crawl", "urls", "-a", f"file={tmp_path / 'addresses'}", *outlets)
        done = place.scrapy(*words, environment=environment)
    assert done.returncode == 0, done.stderr
    (tmp_path / "deadly").touch()
    done = place.scrapy("reextract", "--to", str(tmp_path / "tree"), *outlets, environment=environment)
    assert done.returncode == 0, done.stderr
    assert sorted(row["url"][-1] for row in rows_in(tmp_path / "tree")) == ["1", "3"]
    (manifest,) = (tmp_path / "tree").rglob("*fragile*.json")
    assert json.loads(manifest.read_text())["rejected"] == {"crash": 1}
    (tmp_path / "deadly").rename(tmp_path / "wrong")
    done = place.scrapy("reextract", "--to", str(tmp_path / "other"), *outlets, environment=environment)
    assert done.returncode == 1
    assert "KeyError" in done.stderr
    assert kept.keys("reextracted/**/*") == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "one of the arguments --to --diff is required"),
        (["--to", "x", "--diff"], "not allowed with argument"),
        (["--diff", "--jobs", "0"], "'0' is not a whole number from 1 on"),
        (["--diff", "--since", "2026-13-01"], "--since=2026-13-01 is not a day of the calendar."),
        (["--diff", "--outlet", "samakaal"], "samakaal"),
        (["--to", "x", "--json"], "--samples and --json belong to --diff"),
        (["--to", "ARCHIVE/below"], "must be the same, or lie apart"),
        (["--to", ""], "--to is empty"),
        (["--to", "SPOOL/reextracting"], "must lie apart"),
        (["--to", "OTHER"], "is another archive than"),
        (["--to", "FILE"], "Not a directory"),
        (["--to", "FILE/below"], "Not a directory"),
        (["--to", "ftp://x"], "it must be a directory or s3://bucket/prefix"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(kept, words, sentence):
    (kept.root / "other").mkdir()
    (kept.root / "other/.khobor").write_text("id: 0f0e0d0c-0000-4000-8000-000000000000\n")
    (kept.root / "file").touch()
    places = {"ARCHIVE": kept.archive, "SPOOL": kept.spool, "OTHER": kept.root / "other", "FILE": kept.root / "file"}
    for name, path in places.items():
        words = [word.replace(name, str(path)) for word in words]
    before = sorted(kept.root.rglob("*"))
    done = kept.scrapy("reextract", *words)
    assert done.returncode in (1, 2)
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(kept.root.rglob("*")) == before
