"""Copy, export and verify treat an archive in a bucket like one in a directory."""

from __future__ import annotations

import filecmp
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from functools import partial

import pytest
import warm
from verify_tools import Kept, make_september

from crawler.archive.storage import storage_for
from crawler.archive.storage.base import MARK, MARK_LINE
from crawler.room.index.database import NAME, connect
from crawler.room.index.filling import fill
from crawler.room.search.searching import search
from crawler.tools.verification.archive import Verification
from interop.foreign import ROOT

KILLS = 4


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Twenty days of two outlets."""
    return make_september(tmp_path_factory.mktemp("kept"), range(20))


@pytest.fixture
def scrapy(server, tmp_path):
    """A call of our command line for the server; it is killed after `seconds`."""

    def call(*words, seconds=None):
        command = [sys.executable, "-m", "scrapy", *map(str, words), "-s", f"SPOOL_DIR={tmp_path / 'spool'}"]
        environment = {**os.environ, **server.environment(), "SCRAPY_PROJECT": "test"}
        started = warm.Popen if seconds is None else subprocess.Popen
        with started(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            if seconds is not None:
                time.sleep(seconds)
                process.kill()
            out, complaint = process.communicate(timeout=100)
        assert process.returncode in (0, -signal.SIGKILL), complaint
        return process.returncode, out

    return call


def same(one, other):
    """Return whether two directories have the same files."""
    compared = filecmp.dircmp(one, other)
    names = [path.relative_to(one).as_posix() for path in one.rglob("*") if path.is_file()]
    _, wrong, missing = filecmp.cmpfiles(one, other, names, shallow=False)
    return not (compared.right_only or wrong or missing)


def test_a_killed_copy_to_a_bucket_and_back_changes_nothing(server, kept, scrapy, tmp_path):
    bucket = f"s3://{server.new_bucket()}/below/here"
    kills = sum(scrapy("copy", kept.archive, bucket, seconds=0.6 + random.random())[0] != 0 for _ in range(KILLS))
    assert kills
    for _ in range(2):
        scrapy("copy", kept.archive, bucket)
    scrapy("copy", bucket, tmp_path / "back")
    assert same(kept.archive, tmp_path / "back")


@pytest.mark.parametrize("has_lock", [False, True])
def test_damaged_objects_are_restored_from_a_backup(server, kept, scrapy, tmp_path, has_lock):
    name = server.new_bucket(**({"ObjectLockEnabledForBucket": True} if has_lock else {}))
    locks = ["-s", "S3_OBJECT_LOCK=GOVERNANCE", "-s", "S3_OBJECT_LOCK_DAYS=1"] if has_lock else []
    bucket, client = f"s3://{name}/kept", server.client()
    backup = Kept(tmp_path / "backup")
    shutil.copytree(kept.archive, backup.archive)
    (backup.archive / MARK).write_bytes(MARK_LINE + b"id: 7\n")
    scrapy("copy", backup.archive, bucket, *locks)
    damaged = [
        kind[1] for kind in (backup.keys(f"{kind}/**/*.*") for kind in ("warc", "index", "articles", "manifest"))
    ]
    for key in damaged:
        # Neither the size nor what HEAD returns shows the damage.
        before = client.head_object(Bucket=name, Key=f"kept/{key}")["Metadata"]
        data = bytearray(backup.read(key))
        data[30] ^= 0x10
        client.put_object(Bucket=name, Key=f"kept/{key}", Body=bytes(data), Metadata=before)
    missing = backup.keys("warc/**/*.gz")[2]
    client.delete_object(Bucket=name, Key=f"kept/{missing}")
    client.put_object(Bucket=name, Key=f"kept/{MARK}", Body=MARK_LINE)
    said = scrapy("copy", backup.archive, bucket, "--replace-damaged", *locks)[1].decode()
    assert f" copied, {len(damaged)} damaged files replaced, " in said.splitlines()[-1]
    marker = client.get_object(Bucket=name, Key=f"kept/{MARK}")["Body"].read()
    assert marker == (backup.archive / MARK).read_bytes()
    scrapy("verify", "-s", f"ARCHIVE_URL={bucket}")
    scrapy("copy", bucket, tmp_path / "back")
    assert same(backup.archive, tmp_path / "back")


def test_a_bucket_gives_the_same_export_as_a_directory(server, kept, scrapy):
    bucket = f"s3://{server.new_bucket()}"
    scrapy("copy", kept.archive, bucket)
    for words in (["--latest"], ["--outlet", "samakal", "--since", "2026-09-30"], ["--format", "csv"]):
        (_, ours), (_, theirs) = (
            scrapy("export", "--to", "-", *words, "-s", f"ARCHIVE_URL={place}") for place in (bucket, kept.archive)
        )
        assert ours == theirs
        assert ours.count(b"\n") > 10


def test_an_article_in_a_bucket_is_withheld(server, kept, scrapy):
    bucket, address = f"s3://{server.new_bucket()}", "https://samakal.com/a/article/1"
    scrapy("copy", kept.archive, bucket)
    there = ("-s", f"ARCHIVE_URL={bucket}")
    scrapy("withhold", address, "--reason", "আদালতের আদেশ", *there)
    _, rows = scrapy("export", "--to", "-", *there)
    assert (rows.count(b"\n") > 10, f'"{address}"'.encode() in rows) == (True, False)
    scrapy("verify", *there)
    scrapy("withhold", "--lift", address, "--reason", "আদেশ বাতিল", *there)
    assert f'"{address}"'.encode() in scrapy("export", "--to", "-", *there)[1]


def test_rows_are_made_again_in_a_bucket_as_in_a_directory(server, crawled, scrapy, tmp_path):
    bucket = f"s3://{server.new_bucket()}"
    scrapy("copy", crawled.root / "archive", bucket)
    there = ("-s", f"ARCHIVE_URL={bucket}")
    for seconds in (1.2, 1.6, 2.0):
        scrapy("reextract", "--to", bucket, "--jobs", "2", *there, seconds=seconds)
    scrapy("reextract", "--to", bucket, *there)
    scrapy("verify", *there)
    scrapy("reextract", "--to", tmp_path / "tree", "-s", f"ARCHIVE_URL={crawled.root / 'archive'}")
    scrapy("copy", bucket, tmp_path / "back")
    assert same(tmp_path / "tree/reextracted", tmp_path / "back/reextracted")
    (_, ours), (_, before) = (
        scrapy("export", "--to", "-", "-s", f"ARCHIVE_URL={one}") for one in (bucket, crawled.root / "archive")
    )
    assert sorted(ours.splitlines()) == sorted(before.splitlines())


def test_verify_finds_the_same_damage_in_bucket_and_directory(server, kept, tmp_path, monkeypatch):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    damaged = Kept(tmp_path)
    shutil.copytree(kept.archive, damaged.archive)
    gone, *_, flipped = damaged.keys("warc/**/*.warc.gz")
    (damaged.archive / gone).unlink()
    damaged.flip(flipped, 900)
    client, bucket = server.client(), server.new_bucket()
    for path in sorted(path for path in damaged.archive.rglob("*") if path.is_file()):
        client.upload_file(str(path), bucket, path.relative_to(damaged.archive).as_posix())
    place = partial(storage_for, f"s3://{bucket}"), damaged.spool
    with closing(Verification(*place, lambda done, total: None)) as verification:
        verification.survey()
        found = verification.check([], None)
    assert found.as_json() == damaged.verify().as_json()
    assert {gone, flipped} <= {one.file for one in found.findings}


def test_a_bucket_fills_the_same_index_as_a_directory(server, kept, scrapy, tmp_path, monkeypatch):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    bucket = f"s3://{server.new_bucket()}/below/here"
    scrapy("copy", kept.archive, bucket)
    done, rows = [], []
    for place, url in (("directory", str(kept.archive)), ("bucket", bucket)):
        index = tmp_path / place / NAME
        done.append(fill(storage_for(url), index))
        assert fill(storage_for(url), index) == (0, 0, [])
        with closing(connect(index)) as connection:
            rows.append(connection.execute("SELECT number, row FROM texts ORDER BY number").fetchall())
            assert search(connection, "শিরোনাম").total > 10
    assert (
        done[0] == done[1] == (len(kept.keys("articles/**/*.gz")) + len(kept.keys("index/**/*.cdxj")), len(rows[0]), [])
    )
    assert list(map(tuple, rows[0])) == list(map(tuple, rows[1]))
