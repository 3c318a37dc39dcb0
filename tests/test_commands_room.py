"""`scrapy room`: it prints its address when the index is ready, follows the archive, and closes cleanly."""

from __future__ import annotations

import json
import signal
import socket
import urllib.request
from contextlib import contextmanager
from shutil import copytree

import pytest
from place import Place, wait_for

SECONDS = 60


@contextmanager
def opened(place, *words):
    """Open a room on a free port; yield its process and its first line."""
    with place.start("room", "--port", "0", *words, environment={"SCRAPY_PROJECT": "test"}) as process:
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


@pytest.fixture
def place(crawled, tmp_path):
    """The crawled archive with a spool of its own."""
    copytree(crawled.root / "archive", tmp_path / "archive")
    return Place(tmp_path, crawled.url)


def json_of(address):
    request = urllib.request.Request(address, headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS) as response:
        return json.load(response)


def test_a_second_opening_reads_nothing_again(place):
    for _ in range(2):
        with opened(place) as (process, _):
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
    assert (place.root / "spool/room/index.sqlite").exists()


def test_only_a_host_opens_the_room_to_others_with_a_warning(place):
    with opened(place, "--host", "0.0.0.0", "--prefix", "archive/") as (process, line):
        assert line.startswith("http://0.0.0.0:")
        assert line.split()[0].endswith("/archive/")
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        assert process.stderr.read().startswith("khobor: everyone who reaches this address can read the archive")


def test_a_port_in_use_is_one_line(place):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = place.scrapy("room", "--port", str(port))
    assert done.returncode == 1
    assert done.stderr == f"khobor: 127.0.0.1 port {port}: Address already in use\n"
    assert not (place.root / "spool/room").exists()
    for host in ("nonsense.invalid", "a..b"):
        done = place.scrapy("room", "--host", host, "--port", "0")
        assert (done.returncode, done.stderr.startswith(f"khobor: {host} port 0: ")) == (1, True)


def test_a_damaged_row_file_is_named_and_the_others_are_shown(place, crawled):
    damaged = place.files("articles/outlet=demo_tv/**/*.jsonl.gz")[0]
    damaged.write_bytes(damaged.read_bytes()[:-20])
    with opened(place) as (process, line):
        assert json_of(line.split()[0])["outlets"] == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        assert damaged.name in process.stderr.read()


def test_the_open_room_follows_the_archive(crawled, tmp_path):
    """The room reads the archive again while pages are read."""
    from contextlib import closing

    from crawler.archive.storage.directory import DirectoryStorage
    from crawler.outlets.loader import Outlets
    from crawler.room.index.filling import fill
    from crawler.room.room import Room
    from crawler.room.search.articles import outlets
    from crawler.room.serving import kept_current

    archive, database = tmp_path / "archive", tmp_path / "room/index.sqlite"
    storage = DirectoryStorage(archive)
    archive.mkdir()
    fill(storage, database)
    with closing(Room(database, storage, "", Outlets())) as room, kept_current(room, seconds=0.05):
        copytree(crawled.root / "archive", archive, dirs_exist_ok=True)

        def kept():
            with room.reading() as connection:
                return sum(outlets(connection).values())

        wait_for(lambda: kept() == len({row["id"] for row in crawled.rows()}))
