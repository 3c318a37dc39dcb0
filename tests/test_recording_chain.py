"""Each manifest names the archived ones before it, so that a run that was removed whole is noticed."""

import json
import shutil
from contextlib import closing
from datetime import timedelta
from itertools import pairwise

import pytest
from place import Place

from crawler.archive.storage.base import MARK
from crawler.archive.storage.directory import DirectoryStorage
from crawler.recording.archive_identity import check_segments, claim
from crawler.state import State
from crawler.state.archived import ArchiveFacts
from crawler.system import clock

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


def remove_whole(place, manifest):
    """Remove a run as a careless operator does: its segment, and the file of the run."""
    document = json.loads(manifest.read_bytes())
    for key in [entry["file"] for entry in document["files"]]:
        (place.root / "archive" / key).unlink()
    for run in document["runs"]:
        next((place.root / "archive/runs").rglob(f"{run}.json")).unlink()
    manifest.unlink()


def facts_of(place):
    return closing(State(f"sqlite:///{place.root}/spool/state.db"))


def test_each_manifest_names_the_one_before(place):
    found = manifests(place)
    assert len(found) == len(DAYS)
    assert "after" not in json.loads(found[0].read_bytes())
    for before, manifest in pairwise(found):
        assert json.loads(manifest.read_bytes())["after"] == [before.stem]
    [other] = manifests(place, "demo_portal")
    assert "after" not in json.loads(other.read_bytes())


@pytest.mark.parametrize("options", [[], ["--quick"]])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_verify_notices_a_run_that_was_removed_whole(place, number, options):
    removed = manifests(place)[number]
    remove_whole(place, removed)
    done = place.scrapy("verify", "--json", *options)
    assert done.returncode == 3, done.stdout
    [finding] = [one for one in json.loads(done.stdout)["findings"] if one["file"].startswith("manifest/")]
    key = removed.relative_to(place.root / "archive").as_posix()
    assert finding["file"] == key
    assert finding["problem"].startswith("the manifest is missing; manifest/demo_tv/")


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


def test_writers_stop_at_segments_that_state_never_recorded(place):
    now = clock.now()
    for moment in (now, now.replace(day=1) - timedelta(days=1)):
        stem = f"khobor-demo_tv-{moment:%Y%m%dT%H%M%S}000-00001-elsewhere"
        path = place.root / f"archive/manifest/demo_tv/{moment:%Y/%m}/{stem}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(manifests(place)[0], path)
        for command in ("crawl", "update"):
            done = place.scrapy(command, "demo_tv")
            assert done.returncode == 1 or "as reported before" in done.stdout
            assert f"has runs that state never recorded, such as {stem}: run `scrapy state --rebuild`" in done.stderr
            assert not place.spool("warc/**/*.open")
        # Other outlets are not concerned.
        assert place.crawl("demo_portal").returncode == 0
        path.unlink()
    assert place.crawl("demo_tv").returncode == 0


def test_a_compaction_is_not_an_unknown_segment(place, tmp_path):
    with facts_of(place) as state:
        storage = DirectoryStorage(place.root / "archive")
        month = f"{clock.now():%Y/%m}"
        path = (
            place.root
            / f"archive/manifest/demo_tv/{month}/khobor-demo_tv-20261120T101500123-0123456789ab-compacted.json"
        )
        path.write_text("{}")
        check_segments(storage, ArchiveFacts(state.engine), "demo_tv")


def test_of_two_new_states_the_second_takes_the_id_of_the_first(tmp_path):
    storage = DirectoryStorage(tmp_path / "archive")
    ids = set()
    for name in ("one", "two"):
        with closing(State(f"sqlite:///{tmp_path}/{name}.db")) as state:
            claim(storage, ArchiveFacts(state.engine))
            ids.add(ArchiveFacts(state.engine).known().id)
    assert len(ids) == 1
    assert ids.pop() in (tmp_path / "archive" / MARK).read_text()


def test_a_marker_is_never_replaced(tmp_path):
    storage = DirectoryStorage(tmp_path)
    storage.mark(b"first")
    storage.mark(b"second")
    assert storage.marker() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == [MARK]


def test_a_state_that_lost_the_race_for_the_marker_takes_the_winners_id(tmp_path):
    class Slow(DirectoryStorage):
        """Another state gives the archive its ID while this one does."""

        def mark(self, content):
            (self.root / MARK).write_bytes(b"khobor keeps an archive below this place.\nid: theirs\n")
            super().mark(content)

    storage = Slow(tmp_path)
    with closing(State(f"sqlite:///{tmp_path}/../state.db")) as state:
        claim(storage, ArchiveFacts(state.engine))
        assert ArchiveFacts(state.engine).known().id == "theirs"
        claim(storage, ArchiveFacts(state.engine))
