"""The reading room in Chromium: search, read, compare; every page on desktop and phone, without a finding of axe."""

from __future__ import annotations

import json
import urllib.request
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import running_demo
from place import Place

from crawler.system import clock
from interop.foreign import AXE, TOOLS, run

CONJUNCTS = ["ক্ষ", "স্ত্র", "র‍্যাব"]
AGAIN = ["-s", "REVISIT_AFTER=0,0", "-s", "REVISIT_SHARE=0.9"]


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    """A crawled archive in which an article has two versions: only articles of today's runs are fetched again."""
    today = clock.today(ZoneInfo("Asia/Dhaka"))
    with running_demo(today) as demo:
        place = Place(tmp_path_factory.mktemp("edited"), demo.url)
        for outlet in ("demo_daily", "demo_portal", "demo_tv"):
            assert place.scrapy("crawl", outlet, "-a", f"since={today - timedelta(9)}").returncode == 0
        assert place.scrapy("crawl", "demo_daily").returncode == 0
        newest = max(place.rows(), key=lambda row: (row["outlet"] == "demo_daily", row["published"]["at"]))
        key = newest["url"].split("/article/")[1].split("/")[0]
        edit = urllib.request.Request(f"{demo.url}/_edit?outlet=daily&id={key}", method="POST")
        with urllib.request.urlopen(edit, timeout=10) as answer:
            assert answer.status == 200
        assert place.scrapy("crawl", "demo_daily", *AGAIN).returncode == 0
        yield place


@pytest.fixture
def room(edited):
    """The address of the room."""
    with edited.start("room", "--port", "0", environment={"SCRAPY_PROJECT": "test"}) as process:
        try:
            yield process.stdout.readline().split()[0]
        finally:
            process.terminate()


def searches_in(rows):
    """Return queries by base form, by inflected forms, with and without joiners, each with an article that it finds."""
    inflected = next(row for row in rows if "নির্বাচনে " in row["text"])
    joined = next(row for row in rows if "র‍্যাব" in row["title"] + row["text"])
    forms = ["নির্বাচন", "নির্বাচনে", "নির্বাচনের", "নির্বাচনগুলো"]
    spellings = ["র‍্যাব", "র্যাব", "র‍্যাবের", "র্যাবের"]
    return [[form, inflected["id"]] for form in forms] + [[spelling, joined["id"]] for spelling in spellings]


def test_the_room_in_chromium(edited, room, tmp_path_factory):
    rows = edited.rows()
    changed = next(row for row in rows if row["version"] == 2)
    day = changed["published"]["at"][:10]
    pages = {
        "front": "/",
        "search": "/search?q=%E0%A6%A8%E0%A6%BF%E0%A6%B0%E0%A7%8D%E0%A6%AC%E0%A6%BE%E0%A6%9A%E0%A6%A8",
        "filtered": "/search?outlet=demo_daily&sort=newest",
        "article": f"/article/{changed['id']}",
        "compare": f"/article/{changed['id']}/compare",
        "day": f"/day/{day}",
        "outlets": "/outlets",
        "outlet": "/outlet/demo_daily",
        "help": "/help",
    }
    wanted = {"pages": pages, "searches": searches_in(rows), "edited": changed["id"], "shaped": CONJUNCTS}
    pictures = tmp_path_factory.mktemp("pictures")
    done = run(TOOLS / "python", "tests/interop/room_in_chromium.py", room, AXE, pictures, given=json.dumps(wanted))
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert (seen["errors"], seen["elsewhere"], seen["wide"], seen["axe"]) == ([], [], [], [])
    assert seen["found"] == [True] * len(wanted["searches"])
    assert (seen["skip"], seen["title"]) == ("#main", changed["title"])
    assert seen["marks"] > 0
    assert seen["english"].startswith("Version 1")
    assert not seen["search in print"]
    assert seen["fonts"] == ["Room Sans", "Room Serif"]
    assert seen["shaped"] == [True] * len(CONJUNCTS)
