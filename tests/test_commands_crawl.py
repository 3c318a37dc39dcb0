"""`scrapy crawl` ends with one line: what is new, what failed, and why."""

import re
import sqlite3
from contextlib import closing

import pytest
from place import Place


@pytest.fixture
def place(tmp_path, demo):
    return Place(tmp_path, demo.url)


def test_a_crawl_ends_with_its_totals(place):
    done = place.crawl("demo_tv", "-s", "LOG_LEVEL=INFO")
    assert done.returncode == 0, done.stderr
    rows = len(place.rows())
    totals = rf"demo_tv: {rows} new rows, \d+ requests, [\d.]+ kB in 1 segment"
    assert re.fullmatch(totals + r"; 1 failed \(1 http-404\); 1 rejected \(1 out-of-scope\)\n", done.stdout)
    assert "Dumping Scrapy stats" not in done.stderr
    [run] = place.runs()
    assert run["stats"]["khobor/rows"] == rows


def test_reasons_of_failed_and_rejected_pages_are_counted(place, demo):
    given = place.root / "given"
    given.write_text(f"{demo.url}/gone-1\n{demo.url}/gone-2\nno address\n{demo.url}/\n")
    done = place.scrapy("crawl", "urls", "-a", f"file={given}")
    assert done.returncode == 3
    reasons = r"3 failed \(2 http-404, 1 no-web-address\); 1 rejected \(1 listing\)"
    assert re.search(rf"^urls: 0 new rows, .*; {reasons}$", done.stdout, re.M)
    assert done.stdout.count("\n") == 1
    assert "3 of 4 addresses failed" in done.stderr


def test_a_crawl_of_another_command_prints_nothing(place):
    done = place.crawl("demo_tv", "-s", "RUN_COMMAND=update")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("table", ["standings", "looks"])
def test_a_table_of_state_that_fails_in_a_crawl_ends_it_in_one_line(place, table):
    """`standings` are read when the spider opens, `looks` when an update is idle."""
    update = ("-s", "RUN_COMMAND=update")
    assert place.crawl("demo_tv", *update).returncode == 0
    with closing(sqlite3.connect(place.root / "spool/state.db")) as state:
        state.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
    done = place.crawl("demo_tv", *update)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"no such table: {table}" in done.stderr.splitlines()[-1]


def test_failed_addresses_replace_a_file_only_with_force(place, demo):
    given, failed = place.root / "given", place.root / "failed"
    given.write_text(f"{demo.url}/gone\n")
    failed.write_text("precious")
    words = ["crawl", "urls", "-a", f"file={given}", "--failed", str(failed)]
    done = place.scrapy(*words)
    assert (done.returncode, done.stderr) == (2, f"khobor: {failed} already exists; --force replaces it\n")
    assert not (place.root / "archive").exists()
    assert place.scrapy(*words, "--force").returncode == 3
    assert failed.read_text() == f"{demo.url}/gone\thttp-404\n"
