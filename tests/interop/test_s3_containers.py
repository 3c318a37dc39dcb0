"""Containers without a lasting disk share a bucket and state: when one dies, the next continues."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sandbox
import warm
from killing import SINCE, WANTED, WORDS, judge, rows_so_far
from place import wait_for
from sandbox import TODAY
from sqlalchemy import create_engine, text

from crawler.system import clock
from interop import postgresql, seaweedfs
from interop.middleman import Middleman
from interop.test_s3_crawl import Bucket, archived

LEASE = 3
PATIENT = [*WORDS, "-s", "DOWNLOAD_DELAY=0.4"]
SMALL = ("-s", "WARC_SIZE=20000", "-s", f"RUN_LEASE_SECONDS={LEASE}")


@pytest.fixture(scope="module")
def database():
    subprocess.run([str(Path(__file__).with_name("need.sh")), "pg_ctlcluster", "postgresql"], check=True)
    with postgresql.running() as database:
        yield database


class Container(Bucket):
    """A machine with its own spool and the shared state."""

    state = ""

    def command(self, *words):
        given = () if words[0] == "verify" else ("-s", f"STATE_URL={self.state}")
        return super().command(*words, *given)

    def killed(self, process):
        """Kill a crawl with all its processes, and remove its spool."""
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        self.vanish()

    def vanish(self):
        shutil.rmtree(self.root / "spool")
        time.sleep(LEASE + 0.5)

    def start(self, *words, **changed):
        pipe = subprocess.PIPE
        return warm.Popen(
            self.command(*words),
            env=self.environment(**changed),
            stdout=pipe,
            stderr=pipe,
            text=True,
            start_new_session=True,
        )


@pytest.fixture
def news(demo):
    """The newspaper behind a proxy that lists the requests."""
    with Middleman(urlsplit(demo.url).port) as news:
        yield news


@pytest.fixture
def state(request, tmp_path):
    if getattr(request, "param", "postgresql") == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    return request.getfixturevalue("database").new_database()


@pytest.fixture
def containers(server, state, news, tmp_path):
    bucket = server.new_bucket()

    def made():
        number = 0
        while True:
            number += 1
            one = Container(tmp_path / str(number), f"http://127.0.0.1:{news.port}", server, bucket)
            one.root.mkdir()
            one.state = state
            yield one

    return made()


def query(container, statement):
    engine = create_engine(container.state)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def recorded(container):
    """Return the paths of recorded articles, by whether their segment is in the archive."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for url, status in query(container, "SELECT url, status FROM articles"):
        found[status == "archived"].add(urlsplit(url).path)
    return found


def has_archived(container):
    return archived(container) and recorded(container)[True]


def assert_whole(container):
    """Assert that each article is in the archive once."""
    container.fetch()
    judge(container, set(), WANTED)
    assert_sound(container)


def assert_sound(container):
    verified = container.run("verify")
    assert verified.returncode == 0, verified.stdout
    assert query(container, "SELECT * FROM segments") == []


@pytest.mark.parametrize("state", ["postgresql", "sqlite"], indirect=True)
def test_only_articles_that_were_not_uploaded_are_refetched(containers, news):
    first, second = next(containers), next(containers)
    crawl = first.start(*PATIENT, *SMALL)
    wait_for(lambda: has_archived(first) and recorded(first)[False], 120)
    first.killed(crawl)
    before = recorded(first)
    assert before[True]
    assert before[False]
    asked = len(news.targets)
    done = second.run(*WORDS, *SMALL)
    assert done.returncode == 0, done.stderr
    assert "was lost with its spool" in done.stderr
    again = Counter(news.targets[asked:])
    assert not before[True] & again.keys()
    assert before[False] <= again.keys()
    assert_whole(second)


@pytest.mark.parametrize("state", ["postgresql", "sqlite"], indirect=True)
def test_the_same_backfill_refetches_days_lost_with_a_spool(containers, monkeypatch):
    # A backfill leaves the current day to updates.
    monkeypatch.setenv(clock.SHIFT, sandbox.later(timedelta(days=1)))
    first, second = next(containers), next(containers)
    words = ["backfill", "demo_tv", "--since", str(SINCE), "--until", str(TODAY), *SMALL]
    done = first.run(*words, **seaweedfs.unreachable())
    assert done.returncode == 0, done.stderr
    assert "5 of 5 days closed" in done.stdout
    first.vanish()
    done = second.run(*words)
    assert done.returncode == 0, done.stderr
    assert "5 of 5 days closed" in done.stdout
    assert_whole(second)


def waits_from(container, cut):
    """Run a crawl that cannot upload files of one kind and of those after it."""
    with Middleman(container.server.port, cut=f"PUT /{container.bucket}/kept{cut}".encode()) as middleman:
        done = container.run(*WORDS, *SMALL, AWS_ENDPOINT_URL=middleman.url)
    assert done.returncode == 0
    assert "the store is unreachable" in done.stderr


@pytest.mark.parametrize("cut", ["/articles/", "/runs/", "/manifest/"])
def test_segments_without_a_manifest_are_refetched(containers, news, cut):
    first, second = next(containers), next(containers)
    waits_from(first, cut)
    first.vanish()
    before, asked = recorded(first), len(news.targets)
    assert bool(before[False]) == (cut != "/runs/")
    done = second.run(*WORDS, *SMALL)
    assert done.returncode == 0, done.stderr
    again = set(news.targets[asked:])
    assert not before[True] & again
    assert before[False] <= again
    assert_whole(second)


def test_a_machine_lost_during_an_outage_loses_only_its_own_spool(containers):
    first, second, third = next(containers), next(containers), next(containers)
    crawl = first.start(*PATIENT, *SMALL)
    wait_for(lambda: has_archived(first), 120)
    first.killed(crawl)
    before = recorded(first)[True]
    done = second.run(*WORDS, *SMALL, **seaweedfs.unreachable())
    assert done.returncode == 0
    assert recorded(second)[True] == before
    second.vanish()
    assert third.run(*WORDS, *SMALL).returncode == 0
    assert_whole(third)


def test_a_live_container_is_left_alone(containers):
    first, second = next(containers), next(containers)
    # Long enough for a lease to end while it crawls.
    crawl = first.start(*PATIENT, *SMALL, "-s", "DOWNLOAD_DELAY=1")
    wait_for(lambda: has_archived(first), 120)
    time.sleep(LEASE)
    assert crawl.poll() is None
    done = second.run(*WORDS, *SMALL)
    assert done.returncode == 0
    assert "lost" not in done.stderr
    _, said = crawl.communicate(timeout=120)
    assert crawl.returncode == 0, said
    second.fetch()
    assert Counter(row["title"] for row in second.rows()) == Counter(WANTED)
    assert second.run("verify").returncode == 0


def dies_and_keeps_its_spool(machine):
    """Kill a crawl that has archived a segment, and wait until its lease expires; return what it acknowledged."""
    crawl = machine.start(*PATIENT, *SMALL)
    wait_for(lambda: has_archived(machine) and rows_so_far(machine), 120)
    os.killpg(crawl.pid, signal.SIGKILL)
    crawl.communicate()
    time.sleep(LEASE + 0.5)
    return {row["warc"]["record_id"] for row in rows_so_far(machine)}


def assert_both_kept(machine, acknowledged):
    """Assert that the archive has all articles, and the records of both machines."""
    machine.fetch()
    titles = Counter(row["title"] for row in machine.rows())
    assert set(titles) == WANTED
    assert set(titles.values()) <= {1, 2}
    assert acknowledged <= {row["warc"]["record_id"] for row in machine.rows()}
    assert_sound(machine)


def test_a_returning_machine_uploads_its_segments_too(containers):
    first, second = next(containers), next(containers)
    acknowledged = dies_and_keeps_its_spool(first)
    for one in (second, first):
        done = one.run(*WORDS, *SMALL)
        assert done.returncode == 0, done.stderr
        assert not one.waiting()
    assert_both_kept(first, acknowledged)


def test_a_machine_that_returns_beside_another_loses_nothing(containers):
    first, second = next(containers), next(containers)
    acknowledged = dies_and_keeps_its_spool(first)
    crawl = second.start(*PATIENT, *SMALL)
    wait_for(lambda: rows_so_far(second), 120)
    done = first.run(*WORDS, *SMALL)
    assert done.returncode == 0, done.stderr
    assert not first.waiting()
    _, said = crawl.communicate(timeout=120)
    assert crawl.returncode == 0, said
    assert not second.waiting()
    assert_both_kept(first, acknowledged)


def test_a_push_after_the_lease_uploads_what_others_gave_up(containers):
    first, second = next(containers), next(containers)
    waits_from(first, "/warc/")
    time.sleep(LEASE + 0.5)
    acknowledged = {
        identifier for (identifier,) in query(first, "SELECT record_id FROM articles WHERE outcome = 'article'")
    }
    assert second.run(*WORDS, *SMALL).returncode == 0
    done = first.run("push")
    assert (done.returncode, first.waiting()) == (0, []), done.stderr
    assert_both_kept(first, acknowledged)
