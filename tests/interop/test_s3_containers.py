"""Containers without a disk that survives: only a bucket, and state on PostgreSQL; one dies, the next goes on."""

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
from test_recovery import SINCE, TODAY, WANTED, WORDS, rows_so_far, wait_for

from interop import postgresql, seaweedfs
from interop.middleman import Middleman
from interop.test_s3_crawl import Bucket, archived, server  # noqa: F401

LEASE = 3
PATIENT = [*WORDS, "-s", "DOWNLOAD_DELAY=0.4"]
SMALL = ("-s", "WARC_SIZE=20000", "-s", f"RUN_LEASE_SECONDS={LEASE}")


@pytest.fixture(scope="module")
def database():
    subprocess.run([str(Path(__file__).with_name("need.sh")), "pg_ctlcluster", "postgresql"], check=True)
    with postgresql.running() as database:
        yield database


class Container(Bucket):
    """A machine of its own, with the state of all."""

    state = ""

    def command(self, *words):
        given = () if words[0] == "verify" else ("-s", f"STATE_URL={self.state}")
        return super().command(*words, *given)

    def killed(self, process):
        """End a crawl with all its processes as a power cut does, and its disk with it."""
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
    """The newspaper, and who listens to what is asked of it."""
    with Middleman(urlsplit(demo.url).port) as news:
        yield news


@pytest.fixture
def state(request, tmp_path):
    if getattr(request, "param", "postgresql") == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    return request.getfixturevalue("database").new_database()


@pytest.fixture
def containers(server, state, news, tmp_path):  # noqa: F811
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


def told(container, query):
    engine = create_engine(container.state)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def is_brought_up(container):
    return [key for key in container.objects() if "/warc/" in key]


def recorded(container):
    """Return the paths of the articles that state calls recorded, by whether their WARC is in the bucket."""
    there = {key.removeprefix("kept/") for key in container.objects()}
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for url, file in told(container, "SELECT url, file FROM articles"):
        found[file in there].add(urlsplit(url).path)
    return found


def assert_whole(container, beside=0):
    container.fetch()
    judge(container, set(), WANTED, beside)
    verified = container.run("verify")
    assert verified.returncode == 0, verified.stdout
    assert told(container, "SELECT * FROM spooled_runs") == []
    assert told(container, "SELECT * FROM spooled_files") == []


@pytest.mark.parametrize("state", ["postgresql", "sqlite"], indirect=True)
def test_what_a_container_had_not_brought_up_is_fetched_again_and_nothing_else(containers, news):
    first, second = next(containers), next(containers)
    crawl = first.start(*PATIENT, *SMALL)
    wait_for(lambda: is_brought_up(first) and all(recorded(first).values()), 120)
    first.killed(crawl)
    before = recorded(first)
    assert before[True]
    assert before[False]
    asked = len(news.targets)
    done = second.run(*WORDS, *SMALL)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(" died: ") == 1
    assert "what these held is asked for again" in done.stderr
    again = Counter(news.targets[asked:])
    assert not before[True] & again.keys()
    assert before[False] <= again.keys()
    assert_whole(second)


@pytest.mark.parametrize("state", ["postgresql", "sqlite"], indirect=True)
def test_closed_days_of_a_container_that_is_gone_with_its_spool_are_asked_for_again_by_the_same_backfill(containers):
    first, second = next(containers), next(containers)
    words = ["backfill", "demo_tv", "--since", str(SINCE), "--until", str(TODAY), *SMALL]
    done = first.run(*words, AWS_ENDPOINT_URL=f"http://127.0.0.1:{seaweedfs.free_ports(1)[0]}")
    assert done.returncode == 0, done.stderr
    assert "5 of 5 days closed" in done.stdout
    first.vanish()
    done = second.run(*words)
    assert done.returncode == 0, done.stderr
    assert "5 of 5 days closed" in done.stdout
    assert_whole(second)


def waits_from(container, cut):
    """Let a crawl end whose files from a kind on can't go up."""
    with Middleman(container.server.port, cut=f"PUT /{container.bucket}/kept{cut}".encode()) as middleman:
        done = container.run(*WORDS, *SMALL, AWS_ENDPOINT_URL=f"http://127.0.0.1:{middleman.port}")
    assert done.returncode == 0
    assert "the store is unreachable" in done.stderr


@pytest.mark.parametrize("cut", ["/articles/", "/runs/", "/manifest/"])
def test_a_container_that_died_while_all_went_up_is_gone_on_with_where_it_was(containers, news, cut):
    first, second = next(containers), next(containers)
    waits_from(first, cut)
    first.vanish()
    before, asked = recorded(first), len(news.targets)
    assert not before[False]
    done = second.run(*WORDS, *SMALL)
    assert done.returncode == 0, done.stderr
    assert not before[True] & set(news.targets[asked:])
    assert_whole(second)


def test_of_a_bucket_that_gives_no_answer_nothing_is_concluded(containers):
    first, second, third = next(containers), next(containers), next(containers)
    crawl = first.start(*PATIENT, *SMALL)
    wait_for(lambda: is_brought_up(first))
    first.killed(crawl)
    before = told(first, "SELECT outlet, key, run, status FROM articles")
    done = second.run(*WORDS, *SMALL, AWS_ENDPOINT_URL=f"http://127.0.0.1:{seaweedfs.free_ports(1)[0]}")
    assert done.returncode == 0
    assert "died and is left to the next run" in done.stderr
    assert set(before) <= set(told(first, "SELECT outlet, key, run, status FROM articles"))
    second.vanish()
    assert third.run(*WORDS, *SMALL).returncode == 0
    assert_whole(third)


def test_a_container_that_lives_is_left_alone(containers):
    first, second = next(containers), next(containers)
    crawl = first.start(*PATIENT, *SMALL)
    wait_for(lambda: is_brought_up(first))
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
    """Kill a crawl when the WARC of rows in its spool has gone up, and let its lease run out."""
    crawl = machine.start(*PATIENT, *SMALL)
    wait_for(lambda: {row["warc"]["file"] for row in rows_so_far(machine)} & archived(machine), 120)
    os.killpg(crawl.pid, signal.SIGKILL)
    crawl.communicate()
    time.sleep(LEASE + 0.5)


def test_rows_of_a_run_that_another_machine_took_over_are_left_out_when_their_own_comes_back(containers):
    """Its spool has survived: the WARC of these rows had gone up beside the crawl, and is with the other run now."""
    first, second = next(containers), next(containers)
    dies_and_keeps_its_spool(first)
    for one in (second, first):
        done = one.run(*WORDS, *SMALL)
        assert done.returncode == 0, done.stderr
        assert not one.waiting()
    assert_whole(first, beside=1)
    assert first.spool("tails/*.lines"), "what was left out is kept for people to look at"


def test_a_machine_that_comes_back_while_another_recovers_its_run_leaves_that_to_it(containers):
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
    # Two that fetch an article within the same second do not know of each other.
    assert_whole(first, beside=2)
