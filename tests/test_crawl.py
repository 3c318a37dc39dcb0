"""The main job, end to end: real crawls of the demo newspaper, judged by gold text and other tools."""

import gzip
import hashlib
import io
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import jsonschema
from paper import Paper
from place import Place
from sandbox import TODAY
from warcio.archiveiterator import ArchiveIterator

from crawler.crawl.settings import PROJECT_ROOT
from crawler.demo.newspaper import Newspaper

SCHEMA = json.loads((PROJECT_ROOT / "crawler/archive/article.schema.json").read_text())
GOLD = {(one.outlet, str(one.id)): one for one in Newspaper(TODAY).articles}


def gold_of(row):
    outlet = row["outlet"].removeprefix("demo_")
    return next(one for (name, key), one in GOLD.items() if name == outlet and f"/{key}/" in row["canonical_url"] + "/")


def test_every_national_article_of_the_span_has_one_row(crawled):
    rows = Counter((row["outlet"], row["title"]) for row in crawled.rows())
    wanted = {
        (f"demo_{one.outlet}", one.title)
        for one in GOLD.values()
        if one.national and one.published.date() >= TODAY - timedelta(days=2)
    }
    assert set(rows) == wanted
    assert set(rows.values()) == {1}


def test_every_row_matches_the_schema_with_its_keys_in_order(crawled):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for row in crawled.rows():
        assert not list(validator.iter_errors(row))
        assert list(row) == SCHEMA["required"]


def test_every_row_has_the_published_title_text_and_date(crawled):
    for row in crawled.rows():
        gold = gold_of(row)
        # A credit inside the last paragraph stays there, one in a paragraph of its own does not.
        assert row["text"].removesuffix(" সূত্র: বাসস।") == gold.text
        assert row["published"]["at"][:16] == gold.published.isoformat()[:16]


def test_wire_copy_is_credited_to_its_agency_on_both_outlets(crawled):
    wire = [row for row in crawled.rows() if gold_of(row).wire]
    assert {row["outlet"] for row in wire} == {"demo_portal", "demo_tv"}
    assert all(row["agencies"] == ["BSS"] for row in wire)


def test_following_a_rows_pointer_gives_the_page_it_came_from(crawled):
    for row in crawled.rows():
        pointer = row["warc"]
        data = (crawled.root / "archive" / pointer["file"]).read_bytes()
        member = data[pointer["offset"] : pointer["offset"] + pointer["length"]]
        assert gzip.decompress(member).startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")
        record = next(iter(ArchiveIterator(io.BytesIO(member))))
        assert record.rec_headers.get_header("WARC-Record-ID") == pointer["record_id"]
        assert record.rec_headers.get_header("WARC-Target-URI") == row["url"]
        page = record.content_stream().read().decode()
        assert row["title"][:10].replace("\u200d", "") in page.replace("\u200d", "") or row["title"][:4] in page


def test_other_peoples_tools_find_every_warc_sound(crawled):
    warcs = crawled.files("warc/**/*.warc.gz")
    assert len(warcs) == 3
    for path in warcs:
        with path.open("rb") as stream:
            assert subprocess.run(["gzip", "-t"], stdin=stream, check=False).returncode == 0
        check = [str(Path(sys.executable).with_name("warcio")), "check", str(path)]
        assert subprocess.run(check, capture_output=True, check=False).returncode == 0


def test_the_manifests_match_every_file_of_the_segments(crawled):
    told = {}
    for path in crawled.files("manifest/**/*.json"):
        told |= {file["file"]: file for file in json.loads(path.read_text())["files"]}
    there = {path.relative_to(crawled.root / "archive").as_posix(): path for path in crawled.files()}
    assert set(told) == {name for name in there if not name.startswith(("manifest/", "runs/"))}
    for name, file in told.items():
        data = there[name].read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    for name, file in told.items():
        if name.endswith(".warc.gz"):
            with there[name].open("rb") as stream:
                assert Counter(record.rec_type for record in ArchiveIterator(stream)) == file["records"]


def test_the_index_names_every_response_where_it_stands(crawled):
    for path in crawled.files("index/**/*.cdxj"):
        lines = path.read_bytes().splitlines()
        assert lines == sorted(lines)
        warc = Path(str(path).replace("/index/", "/warc/")).with_suffix(".warc.gz").read_bytes()
        for line in lines:
            entry = json.loads(line.split(b" ", 2)[2])
            member = warc[int(entry["offset"]) :][: int(entry["length"])]
            assert b"WARC-Target-URI: " + entry["url"].encode() in gzip.decompress(member)


def test_nothing_is_left_in_the_spool_but_state(crawled):
    left = [path for path in (crawled.root / "spool").rglob("*") if path.is_file()]
    assert sorted(path.name for path in left) == ["identity", "state.db"]


def test_pages_that_robots_txt_forbids_are_not_requested(crawled):
    for path in crawled.files("warc/**/*.warc.gz"):
        with path.open("rb") as stream:
            addresses = [record.rec_headers.get_header("WARC-Target-URI") for record in ArchiveIterator(stream)]
        assert not [address for address in addresses if address and "/print/" in address]


def test_a_second_crawl_skips_known_articles_and_writes_no_row(demo, tmp_path):
    place = Place(tmp_path, demo.url)
    assert place.crawl("demo_tv").returncode == 0
    rows = len(place.rows())
    before = set(place.files("warc/**/*.warc.gz"))
    assert place.crawl("demo_tv").returncode == 0
    assert len(place.rows()) == rows > 0
    known = {row["url"] for row in place.rows()}
    for path in set(place.files("warc/**/*.warc.gz")) - before:
        with path.open("rb") as stream:
            asked = {record.rec_headers.get_header("WARC-Target-URI") for record in ArchiveIterator(stream)}
        assert not asked & known


def test_backfill_and_update_archive_every_outlet_and_print_short_summaries(tmp_path):
    with Paper() as paper:
        place, today = Place(tmp_path, paper.url), paper.site.newspaper.today
        span = ("--since", str(today - timedelta(days=3)), "--until", str(today))
        backfill = place.scrapy("backfill", "demo_portal", "demo_tv", *span)
        assert (backfill.returncode, backfill.stderr) == (0, "")
        *closed, summary = backfill.stdout.splitlines()
        assert len(closed) == 2 * 3, "a line for each day that is over"
        assert summary.startswith(f"2 outlets, {len(place.rows())} new rows")
        assert "; 6 of 6 days closed, " in summary
        wanted = {
            one.title
            for one in paper.site.newspaper.articles
            if one.national and one.outlet != "daily" and one.published.date() >= today - timedelta(days=3)
        }
        assert {row["title"] for row in place.rows()} == wanted
        update = place.scrapy("update", "demo_tv")
        assert (update.returncode, update.stderr) == (0, "")
        assert update.stdout.startswith("1 outlet, 0 new rows")


def test_several_crawls_of_addresses_share_a_spool_and_an_archive(demo, tmp_path):
    place = Place(tmp_path, demo.url)
    stories = [one for one in GOLD.values() if one.outlet == "tv"][:4]

    def crawl(number):
        addresses = tmp_path / f"addresses-{number}"
        addresses.write_text(f"{demo.url}{stories[number].path}\n")
        return place.scrapy("crawl", "urls", "-a", f"file={addresses}")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(crawl, range(4)))
    assert [(answer.returncode, answer.stderr) for answer in answers] == [(0, "")] * 4
    assert {row["title"] for row in place.rows()} == {one.title for one in stories}
    assert len(place.files("manifest/demo_tv/**/*.json")) == len(place.files("runs/**/*.json")) == 4
