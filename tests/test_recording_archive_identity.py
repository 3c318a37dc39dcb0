"""The archive's ID: no command writes into an empty folder or into another archive, and old archives get an ID."""

import shutil
from contextlib import closing

import pytest
from place import Place, wait_for

from crawler.archive.storage.base import MARK, MARK_LINE
from crawler.archive.storage.directory import DirectoryStorage
from crawler.recording.archive_identity import id_of
from crawler.state import State
from crawler.state.archived import ArchiveFacts

OUTLET, OTHER = "demo_tv", "demo_portal"
DAYS = ["--since", "2026-11-22", "--until", "2026-11-24"]
COMMANDS = {
    "crawl": ["crawl", OUTLET],
    "update": ["update", OUTLET],
    "backfill": ["backfill", OUTLET, *DAYS],
    "push": ["push"],
    "verify": ["verify"],
    "compact": ["compact"],
    "export": ["export", "--to", "-"],
    "copies": ["copies"],
    "dataset": ["dataset", "--to", "/nowhere/set"],
    "wacz": ["wacz", "--outlet", OUTLET, "--to", "-"],
    "report": ["report", "--to", "-"],
    "room": ["room", "--port", "0"],
    "reextract": ["reextract", "--diff"],
}


# Weeks later an update reports that the newspaper of November has no news.
DONE = {0, 3}


class Deployment(Place):
    """A place with an archive of its own."""

    @property
    def archive(self):
        return self.root / "archive"

    @property
    def id(self):
        return id_of(DirectoryStorage(self.archive))

    @property
    def remembered(self):
        with closing(State(f"sqlite:///{self.root}/spool/state.db")) as state:
            return ArchiveFacts(state.engine).known().id

    def forget(self):
        """Make state that of a khobor that knew no IDs."""
        with closing(State(f"sqlite:///{self.root}/spool/state.db")) as state, state.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM remembered")

    def refused(self, *words):
        """Return the one line in which a command refuses."""
        done = self.scrapy(*words)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stdout + done.stderr
        assert done.stderr.startswith(f"khobor: ARCHIVE_URL {self.archive} ")
        return done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory, demo):
    """A deployment with one archived run, and another one."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("ours", "theirs"):
        done = Deployment(folder / name, demo.url).crawl(OUTLET)
        assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture
def place(made, tmp_path, demo):
    shutil.copytree(made / "ours", tmp_path / "ours")
    return Deployment(tmp_path / "ours", demo.url)


def renamed(place, made):
    place.archive.rename(place.root / "elsewhere")


def emptied(place, made):
    """As `rm -rf archive/*` does, which leaves the marker."""
    for path in place.archive.glob("[!.]*"):
        shutil.rmtree(path)


def not_mounted(place, made):
    renamed(place, made)
    place.archive.mkdir()


def another(place, made):
    renamed(place, made)
    shutil.copytree(made / "theirs/archive", place.archive)


EMPTY = "empty or missing although state knows archived runs: mount the archive or correct ARCHIVE_URL\n"
EMPTIES = [renamed, emptied, not_mounted]
WAYS = {**dict.fromkeys(EMPTIES, EMPTY), another: "another archive (ID "}


@pytest.mark.parametrize(
    ("command", "way"),
    [*((command, another) for command in COMMANDS), *((name, way) for name in ("update", "verify") for way in EMPTIES)],
)
def test_each_command_stops_when_the_archive_is_away(place, made, command, way):
    way(place, made)
    before = sorted(place.root.glob("archive/**/*"))
    if (command, way) == ("verify", renamed):
        done = place.scrapy("verify")
        assert (done.returncode, done.stderr) == (
            1,
            f"khobor: the archive can't be used: {place.archive}: No such file or directory\n",
        )
    else:
        assert WAYS[way] in place.refused(*COMMANDS[command])
    assert sorted(place.root.glob("archive/**/*")) == before
    assert place.archive.exists() == (way is not renamed)


def test_files_wait_when_the_archive_goes_during_a_crawl(place, made):
    words = ["crawl", "demo_daily", "-a", "since=2026-11-22", "-a", "until=2026-11-24", "-s", "DOWNLOAD_DELAY=0.05"]
    with place.start(*words) as process:
        wait_for(lambda: place.spool("warc/demo_daily/**/*.open"))
        renamed(place, made)
        assert process.wait(60) == 1
        assert EMPTY in process.stderr.read()
    assert not place.archive.exists()
    (place.root / "elsewhere").rename(place.archive)
    done = place.scrapy("push")
    assert (done.returncode, done.stderr) == (0, "")
    assert place.files("warc/demo_daily/**/*.gz")
    assert place.scrapy("verify").returncode == 0


def test_an_archive_without_id_and_our_files_is_another_archive(place, made):
    another(place, made)
    (place.archive / MARK).unlink()
    assert "another archive: it lacks warc/" in place.refused("push")
    place.forget()
    assert "another archive: it lacks warc/" in place.refused("push")
    assert place.id is None


def test_nothing_is_withheld_in_another_archive(place, made):
    another(place, made)
    words = ("withhold", place.rows()[0]["id"], "--reason", "by mistake")
    assert "another archive (ID " in place.refused(*words)
    assert not place.files("withheld/*")
    assert "another archive (ID " in place.refused("withhold", "--list")
    shutil.rmtree(place.root / "spool")
    assert place.scrapy(*words).returncode == 0


@pytest.mark.parametrize("content", [MARK_LINE, b""])
def test_a_marker_without_an_id_is_named(place, content):
    (place.archive / MARK).write_bytes(content)
    for words in (["push"], ["withhold", place.rows()[0]["url"], "--reason", "x"], ["compact"]):
        assert f"has a marker without an ID: remove {MARK}" in place.refused(*words)
    assert not list(place.archive.glob("withheld/*"))
    (place.archive / MARK).unlink()
    assert place.scrapy("push").returncode == 0


def test_a_new_state_stops_beside_an_archive_with_runs(place):
    commands = ["crawl", "update", "backfill", "push", "compact"]
    for command in commands:
        # Each on a new state, and then on the one that it made.
        shutil.rmtree(place.root / "spool")
        for _ in range(2):
            line = place.refused(*COMMANDS[command])
            assert "has runs that state never recorded" in line
            assert "run `scrapy state --rebuild`" in line
            assert not place.spool("warc/**/*")
    assert place.scrapy("state", "--rebuild").returncode == 0
    for command in commands:
        assert place.scrapy(*COMMANDS[command]).returncode in DONE
    assert place.remembered == place.id


def test_readers_stop_where_an_archived_segment_is_missing(place):
    """Also if the segment is not the first one, and only for the outlets that they read."""
    assert place.crawl(OTHER).returncode in DONE
    shutil.rmtree(place.archive / "manifest" / OTHER)
    for command in ("export", "wacz", "report", "room", "reextract"):
        words = [OTHER if word == OUTLET else word for word in COMMANDS[command]]
        assert "lacks 1 segment that state calls archived, such as manifest/" in place.refused(*words)
    done = place.scrapy("verify")
    assert done.returncode == 3
    assert done.stdout.count("the manifest is missing; ") == 1
    quick = place.scrapy("verify", "--quick")
    assert quick.returncode == 3
    assert "the manifest is missing; state calls its segment archived" in quick.stdout
    for command in ("export", "verify"):
        assert place.scrapy(*COMMANDS[command], "--outlet", OUTLET).returncode == 0
    assert place.scrapy("state", "--rebuild").returncode == 0
    assert place.scrapy(*COMMANDS["export"]).returncode == 0
