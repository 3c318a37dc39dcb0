"""A report opened from its file in Chromium: complete, shaped, readable on screen and paper."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from test_tools_report import DECLARED, Archive, row, write_state

from crawler.tools.report.page import page
from interop.foreign import TOOLS, run

CONJUNCTS = ["ক্ষ", "স্ত্র", "র‍্যাব"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("pictures")


def seen_in_chromium(path, pictures, texts):
    done = run(TOOLS / "python", "tests/interop/report_in_chromium.py", path, pictures, given=json.dumps(texts))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_sound(seen, path, texts):
    assert seen["requests"] == [path.as_uri()] * 3
    assert (seen["errors"], seen["overlaps"], seen["cut"]) == ([], [], [])
    assert (seen["light width"], seen["dark width"], seen["narrow width"]) == (1100, 1100, 420)
    assert (seen["light paper"], seen["dark paper"]) == ("rgb(255, 255, 255)", "rgb(20, 24, 28)")
    assert seen["texts"] == [True] * len(texts)
    assert seen["shaped"] == [True] * len(texts)
    assert seen["tables in print"]


def test_the_report_of_a_crawled_archive(news, pictures, tmp_path):
    path = tmp_path / "report.html"
    news.scrapy("report", "--to", path)
    assert_sound(seen_in_chromium(path, pictures, ["প্রভাতরেখা"]), path, ["প্রভাতরেখা"])


@pytest.mark.parametrize("days", [30, 3000])
def test_the_report_of_many_days_with_gaps_findings_and_failures(tmp_path, pictures, days):
    archive = Archive(tmp_path)
    last = date(2026, 11, 19)
    for outlet in (one.name for one in DECLARED):
        rows = []
        for number in range(days):
            day = last - timedelta(days=number)
            fetched = f"{day}T15:00:00.000000Z"
            count = 0 if number % 40 == 3 else 5 + number % 3
            rows += [row(f"{day}T{8 + hour:02}:30:00+06:00", outlet, fetched=fetched) for hour in range(count)]
            rows += [row(f"{day}T08:30:00+06:00", outlet, fetched=fetched, version=2)] * (number % 2)
        archive.rows(*rows, outlet=outlet)
        codes = {f"downloader/response_status_count/{code}": 9 for code in (200, 304, 404, 503)}
        for number in range(min(days, 60)):
            stats = {"khobor/listed": 9, "downloader/request_count": 40, **codes}
            archive.run(f"{last - timedelta(days=number)}T05:00:00Z", outlet, str(last - timedelta(days=days)), **stats)
    write_state(archive)
    path = tmp_path / "report.html"
    report = archive.report()
    assert report.damaged == []
    path.write_text(page(report), encoding="utf-8")
    folder = pictures / str(days)
    folder.mkdir()
    assert_sound(seen_in_chromium(path, folder, CONJUNCTS), path, CONJUNCTS)
