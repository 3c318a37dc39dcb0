"""Crawls into a bucket of a real S3 server: refusals, outages, recovery, two machines at once."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
import sandbox
import warm
from killing import SINCE, WANTED, WORDS, acknowledged_records, judge, kill_all, kill_at_random, rows_so_far
from origin import Origin, answer
from place import Place, wait_for
from sandbox import TODAY

from crawler.archive.names import stem_of
from crawler.crawl.settings import PROJECT_ROOT
from interop import seaweedfs
from interop.middleman import Middleman

SLOW = [*WORDS, "-s", "DOWNLOAD_DELAY=0.08"]
KILLS = int(os.environ.get("KILLS", "3"))


@dataclass
class Bucket(Place):
    """A place whose archive is in a bucket."""

    server: seaweedfs.Server
    bucket: str

    @property
    def address(self) -> str:
        return f"s3://{self.bucket}/kept"

    def command(self, *words: str) -> list[str]:
        given = [] if any(word.startswith("ARCHIVE_URL=") for word in words) else ["-s", f"ARCHIVE_URL={self.address}"]
        return super().command(*words, *given)

    def environment(self, **changed: str) -> dict[str, str]:
        return sandbox.environment(**self.server.environment(**changed))

    def run(self, *words: str, **changed: str):
        return self.scrapy(*words, environment=self.environment(**changed))

    def start(self, *words: str, **changed: str) -> warm.Popen:
        pipe, environment = subprocess.PIPE, self.environment(**changed)
        return warm.Popen(self.command(*words), cwd=PROJECT_ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)

    def objects(self) -> dict[str, int]:
        """Return keys and sizes as boto3 lists them."""
        pages = self.server.client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="kept/")
        return {one["Key"]: one["Size"] for page in pages for one in page.get("Contents", [])}

    def fetch(self) -> None:
        """Download the bucket into the archive's directory with boto3."""
        for key in self.objects():
            path = self.root / "archive" / key.removeprefix("kept/")
            path.parent.mkdir(parents=True, exist_ok=True)
            self.server.client().download_file(self.bucket, key, str(path))

    def changed(self, key: str) -> datetime:
        """Return the time of an upload."""
        return self.server.client().head_object(Bucket=self.bucket, Key=key)["LastModified"]

    def waiting(self):
        return [path for kind in ("warc", "index", "articles", "manifest") for path in self.spool(f"{kind}/**/*.*")]


def archived(place):
    """Return the files of the segments that are in the bucket whole."""
    keys = {key.removeprefix("kept/") for key in place.objects()}
    stems = {stem_of(key) for key in keys if key.startswith("manifest/")}
    return {key for key in keys if stem_of(key) in stems}


def kill_when(crawl, condition):
    wait_for(condition)
    kill_all(crawl)
    crawl.communicate()


@pytest.fixture
def place(server, tmp_path, demo):
    return Bucket(tmp_path, demo.url, server, server.new_bucket())


@pytest.fixture
def updated(place, newspaper):
    return replace(place, url=newspaper.url)


def test_every_command_reads_an_archive_in_a_bucket(place):
    done = place.run(*WORDS)
    assert (done.returncode, done.stderr) == (0, "")
    place.fetch()
    judge(place, set(), WANTED)
    verified = place.run("verify")
    assert verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["rows"] == len(WANTED)
    mirrored = place.run("verify", "-s", f"ARCHIVE_URL={place.root / 'archive'}")
    assert mirrored.returncode == 0, mirrored.stdout
    for words in (
        ["wacz", "--outlet", "demo_tv", "--to", str(place.root / "demo.wacz")],
        ["report", "--to", str(place.root / "report.html")],
        ["state", "--rebuild"],
        ["compact"],
    ):
        done = place.run(*words)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changed", "bucket", "said"),
    [
        ({"AWS_ACCESS_KEY_ID": "another"}, "", "the store doesn't know the access key (AWS_ACCESS_KEY_ID)"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong-secret"}, "", "the secret key is wrong (AWS_SECRET_ACCESS_KEY)"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "", "there are no credentials"),
        ({}, "no-such-bucket", "there is no such bucket"),
    ],
)
def test_an_unusable_store_is_one_line_before_any_request(place, changed, bucket, said):
    place.bucket = bucket or place.bucket
    for words in (WORDS, ["update", "demo_tv"], ["push"])[: 3 if bucket else 1]:
        assert_refused(place, place.run(*words, **changed), said)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        *(("state --rebuild", kind) for kind in ("runs", "articles", "warc")),
        *(("verify", kind) for kind in ("warc", "articles")),
        ("report --to -", "articles"),
    ],
)
def test_a_token_that_expires_during_a_read_changes_nothing(server, place, words, kind):
    assert place.run(*WORDS, "-s", "WARC_SIZE=20000").returncode == 0
    held = place.run("state").stdout
    with Middleman(server.port, expired=f"GET /{place.bucket}/kept/{kind}/".encode()) as middleman:
        done = place.run(*words.split(), AWS_ENDPOINT_URL=middleman.url)
    said = f"{place.address}: the session token is invalid or expired: renew AWS_SESSION_TOKEN\n"
    assert (done.returncode, done.stderr) == (1, f"khobor: the archive can't be used: {said}")
    assert place.run("state").stdout == held


def assert_refused(place, done, said):
    assert done.returncode == 1
    assert done.stderr.startswith(f"khobor: {place.address}: {said}")
    assert done.stderr.count("\n") == 1
    assert not place.spool("runs")
    assert seaweedfs.SECRET not in done.stderr + done.stdout


def test_files_wait_for_an_unreachable_store_until_push(updated):
    away = seaweedfs.unreachable()
    first = updated.run("update", "demo_tv", **away)
    assert first.returncode == 0
    assert "the store is unreachable, finished files wait in the spool" in first.stderr
    assert first.stderr.count("\n") == 1
    waiting = updated.waiting()
    assert f"; {len(waiting) + 1} files in the spool until {updated.address} can be reached" in first.stdout
    again = updated.run("push", **away)
    assert again.returncode == 1
    assert "gives no answer" in again.stderr
    assert updated.waiting() == waiting
    done = updated.run("push", "demo_tv", "-s", "SPOOL_KEEP_DAYS=2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"{len(waiting) + 1} files uploaded"
    days = list((updated.root / "spool/kept").iterdir())
    kept = {path.relative_to(day).as_posix() for day in days for path in day.rglob("*") if path.is_file()}
    assert {f"kept/{key}" for key in kept} | {"kept/.khobor"} == updated.objects().keys()
    assert updated.run("push").stdout == "nothing waits\n"
    assert updated.run("verify").returncode == 0


def test_an_update_first_uploads_waiting_files_of_any_outlet(updated):
    away = seaweedfs.unreachable()
    done = updated.run("crawl", "demo_tv", **away)
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert "the store is unreachable, finished files wait in the spool" in done.stderr
    assert updated.waiting()
    done = updated.run("update", "demo_daily")
    assert (done.returncode, done.stderr) == (0, "")
    assert not updated.waiting()
    assert updated.run("verify").returncode == 0


def test_a_full_spool_ends_a_run_and_prevents_the_next(place):
    away = seaweedfs.unreachable()
    little = ["-s", "SPOOL_MAX_BYTES=20000"]
    # The spool is measured every few seconds.
    done = place.run(*WORDS, "-s", "DOWNLOAD_DELAY=0.5", *little, **away)
    assert done.returncode == 1
    assert f"wait in SPOOL_DIR for {place.address}, more than SPOOL_MAX_BYTES=20.0 kB" in done.stderr
    waiting = place.waiting()
    refused = place.run(*SLOW, *little, **away)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert place.waiting() == waiting
    assert place.run("push").returncode == 0
    assert not place.waiting()


def test_segments_uploaded_during_a_crawl_leave_the_spool(place):
    crawl = place.start(*WORDS, "-s", "DOWNLOAD_DELAY=0.4", "-s", "WARC_SIZE=20000")
    wait_for(lambda: len([key for key in archived(place) if key.startswith("warc/")]) > 2 or crawl.poll() is not None)
    assert crawl.poll() is None
    wait_for(lambda: len(place.spool("manifest/**/*.json")) <= 1)  # one may be in transit
    assert place.run("verify").returncode == 0
    _, said = crawl.communicate(timeout=120)
    assert crawl.returncode == 0, said
    assert place.run("verify").returncode == 0


@pytest.mark.parametrize("is_large", [False, True])
def test_a_crawl_stops_within_30_seconds_despite_a_stalled_upload(server, place, is_large):
    pages = {f"/{number}": answer(os.urandom(6 << 20), b"Content-Type: text/plain") for number in range(3)}
    mark = rb"\.warc\.gz\?[^ ]*partNumber=" if is_large else rb"\.warc\.gz HTTP"
    with Middleman(server.port, stalled=mark) as middleman, Origin(pages) as origin:
        addresses = place.root / "addresses"
        addresses.write_text("".join(f"{origin.base}{path}\n" for path in pages))
        words = ["crawl", "urls", "-a", f"file={addresses}", "-s", "ALLOW_PRIVATE_ADDRESSES=True"]
        words += ["-s", "WARC_SIZE=9000000", "-s", "DOWNLOAD_DELAY=0"]
        words += ["-s", f"UPLOAD_PART_SIZE={(5 if is_large else 50) << 20}"]
        crawl = place.start(*words, AWS_ENDPOINT_URL=middleman.url)
        wait_for(lambda: middleman.stalls and "/2" in [one.target for one in origin.log if one.ended])
        began = time.monotonic()
        crawl.terminate()
        _, said = crawl.communicate(timeout=60)
        assert time.monotonic() - began < 30
    assert crawl.returncode in (0, 5), said
    assert place.waiting()
    assert place.run("push").returncode == 0
    assert not place.waiting()
    assert place.run("verify").returncode == 0


def test_a_push_stops_despite_a_stalled_part(server, place):
    pages = {"/1": answer(os.urandom(12 << 20), b"Content-Type: text/plain")}
    away = seaweedfs.unreachable()
    with Origin(pages) as origin:
        (place.root / "addresses").write_text(f"{origin.base}/1\n")
        words = ["crawl", "urls", "-a", f"file={place.root / 'addresses'}", "-s", "ALLOW_PRIVATE_ADDRESSES=True"]
        assert place.run(*words, **away).returncode == 0
    with Middleman(server.port, stalled=rb"\.warc\.gz\?[^ ]*partNumber=") as middleman:
        push = place.start("push", AWS_ENDPOINT_URL=middleman.url)
        wait_for(lambda: middleman.stalls)
        began = time.monotonic()
        push.terminate()
        push.communicate(timeout=60)
        assert time.monotonic() - began < 30
    assert push.returncode == 143
    assert place.run("push").returncode == 0
    assert place.run("verify").returncode == 0


def test_a_restart_of_the_store_during_a_crawl_loses_nothing(server, place):
    crawl = place.start(*WORDS, "-s", "DOWNLOAD_DELAY=0.4", "-s", "WARC_SIZE=20000")
    while not place.spool("*.jsonl.open") and crawl.poll() is None:
        time.sleep(0.05)
    server.kill()
    try:
        time.sleep(3)
        assert crawl.poll() is None
        acknowledged = acknowledged_records(place)
        assert acknowledged
    finally:
        server.start()
    _, said = crawl.communicate(timeout=120)
    assert crawl.returncode == 0, said
    assert place.run("push").returncode == 0
    place.fetch()
    judge(place, acknowledged, WANTED)
    assert place.run("verify").returncode == 0


@pytest.mark.parametrize("is_away", [True, False])
def test_a_killed_crawl_is_completed_beside_its_uploaded_segments(place, is_away):
    crawl = place.start(*SLOW, "-s", "WARC_SIZE=20000")
    kill_when(crawl, lambda: archived(place) and place.spool("*.jsonl.open"))
    acknowledged = acknowledged_records(place)
    brought = {f"kept/{key}": place.changed(f"kept/{key}") for key in archived(place)}
    if is_away:
        away = place.run(*WORDS, **seaweedfs.unreachable())
        assert away.returncode == 0, away.stderr
        assert "the store is unreachable, finished files wait in the spool" in away.stderr
        assert not place.spool("*.open")
    done = place.run(*WORDS)
    assert done.returncode == 0, done.stderr
    assert not place.waiting()
    assert {key: place.changed(key) for key in brought} == brought
    place.fetch()
    judge(place, acknowledged, WANTED)
    assert place.run("verify").returncode == 0


def test_crawls_and_pushes_killed_at_random_moments_lose_nothing(place):
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # shown on failure
    commands = [[*SLOW, "-s", "WARC_SIZE=20000"], ["push", "-s", "WARC_AGE=1"]]
    acknowledged = kill_at_random(place, commands, KILLS, seed, environment=place.server.environment())
    done = place.run(*WORDS)
    assert done.returncode == 0, done.stderr
    assert not place.waiting()
    place.fetch()
    judge(place, acknowledged, WANTED)
    assert place.run("verify").returncode == 0


def test_a_login_page_during_a_crawl_is_not_an_archive(server, place):
    with Middleman(server.port, portal=b"/warc/") as portal:
        away = {"AWS_ENDPOINT_URL": portal.url}
        done = place.run(*WORDS, "-s", "WARC_SIZE=20000", **away)
        assert done.returncode == 0, done.stderr
        assert "the answer is not from an S3 store" in done.stderr
        assert place.waiting()
        for words in (["verify"], ["compact"]):
            done = place.run(*words, **away)
            assert done.returncode == 1, done.stdout
            assert "the answer is not from an S3 store" in done.stderr
    assert place.run("push").returncode == 0
    assert place.run("verify").returncode == 0


def test_a_rebuild_of_lost_state_knows_the_uploaded_segments(place):
    crawl = place.start(*SLOW, "-s", "WARC_SIZE=20000")
    kill_when(crawl, lambda: archived(place) and place.spool("*.jsonl.open"))
    acknowledged = acknowledged_records(place)
    for path in place.spool("state.db*"):
        path.unlink()
    assert place.run("state", "--rebuild").returncode == 0
    done = place.run(*WORDS)
    assert done.returncode == 0, done.stderr
    assert not place.waiting()
    place.fetch()
    judge(place, acknowledged, WANTED)
    assert place.run("verify").returncode == 0
    assert place.run(*WORDS).stderr == ""


def test_a_crawl_after_a_recovering_dry_run_finds_all(place):
    crawl = place.start(*SLOW, "-s", "WARC_SIZE=20000")
    kill_when(crawl, lambda: archived(place) and rows_so_far(place))
    assert place.run("backfill", "demo_tv", "--since", str(SINCE), "--until", str(TODAY), "--dry-run").returncode == 0
    done = place.run(*WORDS)
    assert done.returncode == 0, done.stderr
    assert not place.waiting()
    place.fetch()
    judge(place, set(), WANTED)
    assert place.run("verify").returncode == 0
    assert place.run(*WORDS).stderr == ""


def test_two_machines_write_into_one_bucket_and_overwrite_nothing(server, place, tmp_path):
    places = [Bucket(tmp_path / name, place.url, server, place.bucket) for name in ("one", "two")]
    words = [*WORDS, "-s", f"STATE_URL=sqlite:///{tmp_path}/state.db"]
    assert places[0].run(*words, "-s", "CLOSESPIDER_PAGECOUNT=3").returncode == 0
    # A machine with a state of its own would stop at the runs of the other.
    alone = places[1].run(*WORDS)
    assert (alone.returncode, "has runs that state never recorded" in alone.stderr) == (1, True)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda one: one.run(*words, "-s", "WARC_SIZE=20000"), places))
    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    place.fetch()
    manifests = [json.loads(path.read_text()) for path in place.files("manifest/**/*.json")]
    assert len({manifest["runs"][0] for manifest in manifests}) == 3
    named = {entry["file"]: entry["sha256"] for manifest in manifests for entry in manifest["files"]}
    assert len(named) == sum(len(manifest["files"]) for manifest in manifests)
    assert {f"kept/{file}" for file in named} == {
        key for key in place.objects() if not key.startswith(("kept/manifest/", "kept/runs/", "kept/."))
    }
    for file, digest in named.items():
        assert hashlib.sha256((place.root / "archive" / file).read_bytes()).hexdigest() == digest
