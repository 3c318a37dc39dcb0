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
