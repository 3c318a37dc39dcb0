"""Containers without a lasting disk share a bucket and state: when one dies, the next continues."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import warm
from killing import judge
from sqlalchemy import create_engine, text
from test_recording_recovery import SINCE, TODAY, WANTED, WORDS, rows_so_far, wait_for

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


def uploaded_warcs(container):
    return [key for key in container.objects() if "/warc/" in key]


def recorded(container):
    """Return the paths of recorded articles, by whether their WARC is in the bucket."""
    there = {key.removeprefix("kept/") for key in container.objects()}
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for url, file in query(container, "SELECT url, file FROM articles"):
        found[file in there].add(urlsplit(url).path)
    return found


def assert_whole(container, beside=0):
    container.fetch()
    judge(container, set(), WANTED, beside)
    verified = container.run("verify")
    assert verified.returncode == 0, verified.stdout
    assert query(container, "SELECT * FROM spooled_runs") == []
    assert query(container, "SELECT * FROM spooled_files") == []


@pytest.mark.parametrize("state", ["postgresql", "sqlite"], indirect=True)
def test_only_articles_that_were_not_uploaded_are_refetched(containers, news):
    first, second = next(containers), next(containers)
    crawl = first.start(*PATIENT, *SMALL)
    wait_for(lambda: uploaded_warcs(first) and all(recorded(first).values()), 120)
    first.killed(crawl)
    before = recorded(first)
    assert before[True]
    assert before[False]
    asked = len(news.targets)
    done = second.run(*WORDS, *SMALL)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(" died: ") == 1
    assert "their URLs will be refetched" in done.stderr
    again = Counter(news.targets[asked:])
    assert not before[True] & again.keys()
    assert before[False] <= again.keys()
    assert_whole(second)


@pytest.mark.parametrize("state", ["postgresql", "sqlite"], indirect=True)
def test_the_same_backfill_refetches_days_lost_with_a_spool(containers):
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
def test_another_container_continues_an_interrupted_upload(containers, news, cut):
    first, second = next(containers), next(containers)
    waits_from(first, cut)
    first.vanish()
    before, asked = recorded(first), len(news.targets)
    assert not before[False]
    done = second.run(*WORDS, *SMALL)
    assert done.returncode == 0, done.stderr
    assert not before[True] & set(news.targets[asked:])
    assert_whole(second)


def test_an_unreachable_bucket_changes_nothing_in_state(containers):
    first, second, third = next(containers), next(containers), next(containers)
    crawl = first.start(*PATIENT, *SMALL)
    wait_for(lambda: uploaded_warcs(first))
    first.killed(crawl)
    before = query(first, "SELECT outlet, key, run, status FROM articles")
    done = second.run(*WORDS, *SMALL, **seaweedfs.unreachable())
    assert done.returncode == 0
    assert "died and is left to the next run" in done.stderr
    assert set(before) <= set(query(first, "SELECT outlet, key, run, status FROM articles"))
    second.vanish()
    assert third.run(*WORDS, *SMALL).returncode == 0
    assert_whole(third)


def test_a_live_container_is_left_alone(containers):
    first, second = next(containers), next(containers)
    crawl = first.start(*PATIENT, *SMALL)
    wait_for(lambda: uploaded_warcs(first))
    time.sleep(LEASE)
    assert crawl.poll() is None
    done = second.run(*WORDS, *SMALL)
    assert done.returncode == 0
    assert "died" not in done.stderr
    _, said = crawl.communicate(timeout=120)
    assert crawl.returncode == 0, said
    second.fetch()
    assert Counter(row["title"] for row in second.rows()) == Counter(WANTED)
    assert second.run("verify").returncode == 0


def dies_and_keeps_its_spool(machine):
    """Kill a crawl after a WARC of its rows was uploaded, and wait until its lease expires."""
    crawl = machine.start(*PATIENT, *SMALL)
    wait_for(lambda: {row["warc"]["file"] for row in rows_so_far(machine)} & archived(machine), 120)
    os.killpg(crawl.pid, signal.SIGKILL)
    crawl.communicate()
    time.sleep(LEASE + 0.5)


def test_a_returning_machine_drops_rows_of_a_taken_over_run(containers):
    """The WARC of these rows was uploaded during the crawl and now belongs to the other run."""
    first, second = next(containers), next(containers)
    dies_and_keeps_its_spool(first)
    for one in (second, first):
        done = one.run(*WORDS, *SMALL)
        assert done.returncode == 0, done.stderr
        assert not one.waiting()
    assert_whole(first, beside=1)
    assert first.spool("tails/*.lines"), "dropped rows are kept for inspection"


def test_a_returning_machine_leaves_its_run_to_the_recovering_one(containers):
    first, second = next(containers), next(containers)
    dies_and_keeps_its_spool(first)
    recovering = second.start(*PATIENT, *SMALL)
    wait_for(lambda: rows_so_far(second), 120)
    done = first.run(*WORDS, *SMALL)
    assert done.returncode == 0, done.stderr
    assert "died and is left to the next run: another machine has taken it over" in done.stderr
    _, said = recovering.communicate(timeout=120)
    assert recovering.returncode == 0, said
    assert first.run(*WORDS, *SMALL).returncode == 0
    assert not first.waiting()
    # Two machines that fetch an article within one second do not see each other's.
    assert_whole(first, beside=2)
