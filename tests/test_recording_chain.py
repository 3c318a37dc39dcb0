"""Each manifest names the archived ones before it, so that a run that was removed whole is noticed."""

import json
import shutil

import pytest
from place import Place

from crawler.archive.storage.base import MARK
from crawler.archive.storage.directory import DirectoryStorage

DAYS = ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, demo):
    """A place with four runs of an outlet, one after the other, and one of another outlet."""
    place = Place(tmp_path_factory.mktemp("crawled"), demo.url)
    for day in DAYS:
        done = place.scrapy("crawl", "demo_tv", "-a", f"since={day}", "-a", f"until={day}")
        assert (done.returncode, done.stderr) == (0, "")
    assert place.crawl("demo_portal").returncode == 0
    return place


@pytest.fixture
def place(crawled, tmp_path):
    shutil.copytree(crawled.root, tmp_path, dirs_exist_ok=True)
    return Place(tmp_path, crawled.url)


def manifests(place, outlet="demo_tv"):
    return sorted((place.root / "archive/manifest" / outlet).rglob("*.json"))


def test_a_rebuilt_state_goes_on_with_the_chain(place):
    last = manifests(place)[-1]
    shutil.rmtree(place.root / "spool")
    assert place.scrapy("state", "--rebuild").returncode == 0
    done = place.scrapy("crawl", "demo_tv", "-a", "since=2026-11-24", "-a", "until=2026-11-24")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(manifests(place)[-1].read_bytes())["after"] == [last.stem]
    assert place.scrapy("verify").returncode == 0


def test_segments_that_were_archived_together_are_named_together(place):
    """Two runs that finish while the store is away both follow the last archived run; the next one names both."""
    last, away = manifests(place)[-1], ["-s", "ARCHIVE_URL=s3://away/kept"]
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    for day in ("2026-11-18", "2026-11-19"):
        done = place.scrapy("crawl", "demo_tv", "-a", f"since={day}", "-a", f"until={day}", *away, environment=nowhere)
        assert done.returncode == 0, done.stderr
    assert place.scrapy("push").returncode == 0
    first, second = manifests(place)[len(DAYS) :]
    assert [json.loads(one.read_bytes())["after"] for one in (first, second)] == [[last.stem]] * 2
    done = place.scrapy("crawl", "demo_tv", "-a", "since=2026-11-17", "-a", "until=2026-11-17")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(manifests(place)[-1].read_bytes())["after"] == [first.stem, second.stem]
    assert place.scrapy("verify").returncode == 0


def test_a_marker_is_never_replaced(tmp_path):
    storage = DirectoryStorage(tmp_path)
    storage.mark(b"first")
    storage.mark(b"second")
    assert storage.marker() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == [MARK]
