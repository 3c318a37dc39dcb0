"""The ID of an archive in a bucket: no command uses an emptied prefix or another archive, whatever the store can do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import boto3
import pytest
from killing import WORDS

from crawler.archive.storage import storage_for
from crawler.archive.storage.base import MARK, MARK_LINE
from crawler.recording.archive_identity import claim, id_of
from crawler.state import State
from crawler.state.archived import ArchiveFacts
from interop import seaweedfs
from interop.test_s3_crawl import Bucket, place  # noqa: F401

COMMANDS = [WORDS, ["update", "demo_tv"], ["backfill", "demo_tv", "--since", "2026-11-22"]]
COMMANDS[2] += ["--until", "2026-11-23"]
COMMANDS += [["push"], ["verify"], ["compact"]]


@pytest.fixture
def crawled(place):  # noqa: F811
    """A place with one archived run."""
    done = place.run(*WORDS)
    assert (done.returncode, done.stderr) == (0, "")
    return place


def identity(place: Bucket) -> str | None:  # noqa: F811
    """Return the ID in the bucket's marker, read with boto3 alone."""
    content = place.server.client().get_object(Bucket=place.bucket, Key=f"kept/{MARK}")["Body"].read()
    assert content.startswith(MARK_LINE)
    return content.removeprefix(MARK_LINE).decode().removeprefix("id: ").strip() or None


def assert_refused(place: Bucket, words: list[str], said: str, **changed: str) -> None:  # noqa: F811
    before = place.objects()
    done = place.run(*words, **changed)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith(f"khobor: ARCHIVE_URL {place.address} is {said}")
    assert place.objects() == before


def test_each_command_stops_at_an_emptied_prefix(crawled):
    for key in crawled.objects():
        crawled.server.client().delete_object(Bucket=crawled.bucket, Key=key)
    for words in COMMANDS:
        done = crawled.run(*words)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert f"ARCHIVE_URL {crawled.address} is empty or missing although state knows archived runs" in done.stderr
    assert not crawled.objects()


def test_each_command_stops_at_another_archive(crawled, tmp_path, demo):
    other = Bucket(tmp_path / "other", demo.url, crawled.server, crawled.server.new_bucket())
    assert other.run(*WORDS).returncode == 0
    assert identity(other) not in (None, identity(crawled))
    crawled.bucket, own = other.bucket, crawled.bucket
    for words in COMMANDS:
        assert_refused(crawled, words, f"another archive (ID {identity(other)})")
    crawled.bucket = own
    for words in COMMANDS:
        assert crawled.run(*words).returncode == 0


def test_a_marker_without_an_id_is_refused(crawled):
    crawled.server.client().put_object(Bucket=crawled.bucket, Key=f"kept/{MARK}", Body=MARK_LINE)
    done = crawled.run("push")
    assert done.returncode == 1
    assert f"ARCHIVE_URL {crawled.address} has a marker without an ID: remove {MARK}" in done.stderr


def test_of_several_new_states_one_gives_the_id(tmp_path, monkeypatch, server):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    url = f"s3://{server.new_bucket()}/kept"

    # Neither sessions of boto3 nor migrations can be made by several threads at once.
    storages = [storage_for(url) for _ in range(6)]
    states = [State(f"sqlite:///{tmp_path}/{number}.db") for number in range(6)]

    def claimed(number):
        with closing(states[number]) as state:
            claim(storages[number], ArchiveFacts(state.engine))
            return ArchiveFacts(state.engine).known().id

    with ThreadPoolExecutor(6) as pool:
        ids = set(pool.map(claimed, range(6)))
    assert ids == {id_of(storages[0])}


def test_files_that_wait_do_not_go_into_another_archive(crawled, tmp_path, demo):
    other = Bucket(tmp_path / "other", demo.url, crawled.server, crawled.server.new_bucket())
    assert other.run(*WORDS).returncode == 0
    away = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{seaweedfs.free_ports(1)[0]}"}
    words = ["demo_daily" if word == "demo_tv" else word for word in WORDS]
    assert crawled.run(*words, **away).returncode == 0
    waiting = crawled.waiting()
    assert waiting
    crawled.bucket, own = other.bucket, crawled.bucket
    assert_refused(crawled, ["push"], "another archive (ID ")
    assert crawled.waiting() == waiting
    crawled.bucket = own
    assert crawled.run("push").returncode == 0
    assert crawled.run("verify").returncode == 0


def test_a_copy_keeps_the_id(crawled):
    bucket, folder = crawled.server.new_bucket(), crawled.root / "copy"
    for source, target in ((crawled.address, folder), (folder, f"s3://{bucket}/kept")):
        done = crawled.run("copy", str(source), str(target))
        assert done.returncode == 0, done.stderr
    known, crawled.bucket = identity(crawled), bucket
    assert identity(crawled) == known
    for words in COMMANDS:
        done = crawled.run(*words)
        assert done.returncode == 0, done.stderr


def test_a_marker_may_be_under_a_lock(server, tmp_path, demo):
    bucket = server.new_bucket(ObjectLockEnabledForBucket=True)
    locked = Bucket(tmp_path, demo.url, server, bucket)
    lock = ["-s", "S3_OBJECT_LOCK=COMPLIANCE", "-s", "S3_OBJECT_LOCK_DAYS=1"]
    done = locked.run(*WORDS, *lock)
    assert (done.returncode, done.stderr) == (0, "")
    known = identity(locked)
    assert known is not None
    assert server.client().head_object(Bucket=bucket, Key=f"kept/{MARK}")["ObjectLockMode"] == "COMPLIANCE"
    assert locked.run("push", *lock).returncode == 0
    assert identity(locked) == known


def test_a_store_without_conditions_keeps_the_id(tmp_path, monkeypatch, server):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    marker = MARK_LINE + b"id: 4711\n"
    with seaweedfs.lesser(tmp_path / "nanio") as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        boto3.client("s3").create_bucket(Bucket="archive")
        storage_for("s3://archive").mark(marker)
        for _ in range(2):
            storage = storage_for("s3://archive")
            storage.check()
            assert storage.marker() == marker
            assert id_of(storage) == "4711"
